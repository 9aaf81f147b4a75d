import { hasExactIntegers } from '../../json/exact-integers.ts';
import type { JsonObject, JsonValue } from '../../json/json-value.ts';
import { isGrowingObject, own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';
import type { Operation } from '../../operation.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { GrowingChoice } from './growing-choice.ts';
import { latest } from './growing-json.ts';

/** What a chunk's `object` says of the plain form; any other value is the same in both. */
export const PLAIN_OBJECT: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['chat.completion.chunk', 'chat.completion'],
  // Perplexity's last chunk.
  ['chat.completion.done', 'chat.completion'],
]);

/** Padding that OpenAI adds to chunks against an eavesdropper who counts bytes. */
export const PADDING = 'obfuscation';

/**
 * The plain body that a whole stream adds up to, as the official SDK accumulates it, and with what vendors add to it
 * (unknown members grow as `grown` tells). Undefined when the stream has no `[DONE]`, says an error, is not JSON or
 * contradicts itself, and for an operation that does not stream.
 */
export function aggregateStream(operation: Operation, events: readonly SseEvent[]): JsonObject | undefined {
  if (operation !== 'openai.chat' && operation !== 'openai.completions') return undefined;
  const answer = new GrowingAnswer();
  for (const { event, data } of events) {
    if (event !== undefined && event !== 'message') return undefined;
    if (data.trim() === SSE_DONE) return answer.finished(operation);
    const chunk = parseChunk(data);
    if (chunk === undefined) return undefined;
    answer.add(chunk);
  }
  return undefined;
}

class GrowingAnswer {
  readonly #body: GrowingObject = {};
  readonly #choices = new Map<number, GrowingChoice>();
  #chunks = 0;

  add(chunk: GrowingObject): void {
    this.#chunks += 1;
    const choices = own(chunk, 'choices');
    const pieces = Array.isArray(choices) ? choices : [];
    for (const [name, value] of Object.entries(chunk)) {
      if (name === 'choices' || name === PADDING) continue;
      // OpenAI writes `usage: null` into every chunk but the one that has it.
      if (name === 'usage' && value === null && pieces.length > 0) continue;
      put(this.#body, name, latest(own(this.#body, name), plainObject(name, value)));
    }
    for (const [position, piece] of pieces.entries())
      if (isGrowingObject(piece)) this.#choice(piece, position).add(piece);
  }

  finished(operation: 'openai.chat' | 'openai.completions'): JsonObject | undefined {
    if (this.#chunks === 0) return undefined;
    const choices: GrowingJson[] = [];
    for (const [, choice] of [...this.#choices].toSorted(([a], [b]) => a - b)) {
      const plain = operation === 'openai.chat' ? choice.withMessage() : choice.withText();
      if (plain === undefined) return undefined;
      choices.push(plain);
    }
    put(this.#body, 'choices', choices);
    return this.#body;
  }

  #choice(piece: GrowingObject, position: number): GrowingChoice {
    const named = own(piece, 'index');
    const index = typeof named === 'number' ? named : position;
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new GrowingChoice(index);
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

function plainObject(name: string, value: GrowingJson): GrowingJson {
  return name === 'object' ? (PLAIN_OBJECT.get(value) ?? value) : value;
}

/** Undefined for a text that is not a JSON object, for one that tells an error, and where a number would lose digits. */
function parseChunk(data: string): GrowingObject | undefined {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (!isGrowingObject(chunk) || !hasExactIntegers(data)) return undefined;
  const error = own(chunk, 'error');
  return error === undefined || error === null ? chunk : undefined;
}
