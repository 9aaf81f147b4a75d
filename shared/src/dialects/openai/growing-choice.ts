import { canonicalJson } from '../../json/canonical-json.ts';
import { isGrowingObject, own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';
import { grownContent } from './growing-content.ts';
import { grown, latest, overlaid } from './growing-json.ts';
import { GrowingToolCalls } from './growing-tool-calls.ts';

/** Members of a choice that are lists of what is new in this chunk; of any other list the latest is the whole. */
const APPENDED_LISTS = new Set(['token_ids']);

/** What each plain message has, and what the SDK adds where a stream never said it. */
export const MESSAGE_DEFAULTS = { role: 'assistant', content: null } as const;

/** One choice of a streamed answer. */
export class GrowingChoice {
  readonly #choice: GrowingObject;
  readonly #message: GrowingObject = {};
  readonly #toolCalls = new GrowingToolCalls();
  #wholeMessage: GrowingObject | undefined;

  constructor(index: number) {
    this.#choice = { index };
  }

  /** Takes this choice's part of a chunk. */
  add(piece: GrowingObject): void {
    for (const [name, value] of Object.entries(piece)) {
      if (name === 'index') continue;
      else if (name === 'delta') this.#addDelta(value);
      else if (name === 'message') this.#addMessage(value, piece);
      else put(this.#choice, name, this.#grown(name, own(this.#choice, name), value));
    }
  }

  /** The choice in its plain form with its text in `text` (completions). */
  withText(): GrowingObject {
    return this.#choice;
  }

  /** The choice in its plain form with its `message` (chat); undefined when the stream contradicts itself. */
  withMessage(): GrowingObject | undefined {
    const whole = this.#wholeMessage;
    if (whole !== undefined && !isSameContent(whole, this.#message)) return undefined;
    put(this.#choice, 'message', whole ?? { ...MESSAGE_DEFAULTS, ...this.#message });
    return this.#choice;
  }

  #grown(name: string, before: GrowingJson | undefined, next: GrowingJson): GrowingJson {
    if (name === 'text') return grown(name, before, next);
    if (name === 'logprobs') return grownLogprobs(before, next);
    if (APPENDED_LISTS.has(name) && Array.isArray(before) && Array.isArray(next)) return appended(before, next);
    // Azure spreads one choice's filter results over several chunks.
    return overlaid(before, next);
  }

  #addDelta(delta: GrowingJson): void {
    if (!isGrowingObject(delta)) return;
    for (const [name, value] of Object.entries(delta)) {
      const before = own(this.#message, name);
      if (name === 'content') {
        put(this.#message, name, grownContent(before, value));
      } else if (name === 'tool_calls' && Array.isArray(value)) {
        this.#toolCalls.add(value);
        put(this.#message, name, this.#toolCalls.calls);
      } else {
        put(this.#message, name, grown(name, before, value));
      }
    }
  }

  /** A whole message beside the end of a choice is what the deltas add up to: more exact than their sum. */
  #addMessage(message: GrowingJson, piece: GrowingObject): void {
    const ended = typeof own(piece, 'finish_reason') === 'string';
    if (ended && isGrowingObject(message)) this.#wholeMessage = message;
  }
}

function isSameContent(whole: GrowingObject, message: GrowingObject): boolean {
  return canonicalJson(own(whole, 'content') ?? '') === canonicalJson(own(message, 'content') ?? '');
}

/** Log probabilities are lists, side by side, one item a token: each chunk brings the items of its tokens. */
function grownLogprobs(before: GrowingJson | undefined, next: GrowingJson): GrowingJson {
  if (!isGrowingObject(before) || !isGrowingObject(next)) return latest(before, next);
  for (const [name, value] of Object.entries(next)) {
    const list = own(before, name);
    put(before, name, Array.isArray(list) && Array.isArray(value) ? appended(list, value) : latest(list, value));
  }
  return before;
}

function appended(list: GrowingJson[], items: readonly GrowingJson[]): GrowingJson[] {
  for (const item of items) list.push(item);
  return list;
}
