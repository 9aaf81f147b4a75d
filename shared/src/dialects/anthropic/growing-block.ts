import { hasExactIntegers } from '../../json/exact-integers.ts';
import { own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';

/** What a delta's members do to their block: `type` says which kind it is, whatever is not named here is not known. */
type Growth = (block: GrowingBlock, value: GrowingJson) => boolean;

/** A progress hint of thinking that is not shown; no part of the answer. */
const IGNORED: Growth = () => true;

/** By the delta's type, its members; each kind of Anthropic's stream has its row. */
const DELTAS: Readonly<Record<string, Readonly<Record<string, Growth>>>> = {
  text_delta: { text: (block, value) => block.append('text', value) },
  thinking_delta: { thinking: (block, value) => block.append('thinking', value), estimated_tokens: IGNORED },
  signature_delta: { signature: (block, value) => block.set('signature', value) },
  citations_delta: { citation: (block, value) => block.cite(value) },
  input_json_delta: { partial_json: (block, value) => block.appendInput(value) },
  compaction_delta: {
    content: (block, value) => block.set('content', value),
    encrypted_content: (block, value) => block.set('encrypted_content', value),
  },
};

/** One content block of a streamed message. */
export class GrowingBlock {
  readonly #block: GrowingObject;
  #input = '';
  #stopped = false;

  constructor(start: GrowingObject) {
    this.#block = start;
  }

  /** Takes a delta; false: it is of a kind, or holds something, that is not known here, so the sum would be a guess. */
  add(delta: GrowingObject): boolean {
    const type = own(delta, 'type');
    const members = typeof type === 'string' && Object.hasOwn(DELTAS, type) ? DELTAS[type] : undefined;
    if (members === undefined || this.#stopped) return false;
    return Object.entries(delta).every(([name, value]) => {
      if (name === 'type') return true;
      return Object.hasOwn(members, name) && members[name]?.(this, value) === true;
    });
  }

  stop(): boolean {
    const first = !this.#stopped;
    this.#stopped = true;
    return first;
  }

  /** The block in its plain form; undefined when it never ended, or its input is not JSON that can be written again. */
  finished(): GrowingObject | undefined {
    if (!this.#stopped) return undefined;
    if (this.#input !== '') {
      const input = parsedInput(this.#input);
      if (input === undefined) return undefined;
      put(this.#block, 'input', input);
    }
    return this.#block;
  }

  append(name: string, value: GrowingJson): boolean {
    const before = own(this.#block, name) ?? '';
    if (typeof before !== 'string' || typeof value !== 'string') return false;
    put(this.#block, name, before + value);
    return true;
  }

  set(name: string, value: GrowingJson): boolean {
    put(this.#block, name, value);
    return true;
  }

  cite(citation: GrowingJson): boolean {
    const before = own(this.#block, 'citations') ?? null;
    if (before !== null && !Array.isArray(before)) return false;
    put(this.#block, 'citations', [...(before ?? []), citation]);
    return true;
  }

  appendInput(value: GrowingJson): boolean {
    if (typeof value !== 'string') return false;
    this.#input += value;
    return true;
  }
}

function parsedInput(text: string): GrowingJson | undefined {
  try {
    if (!hasExactIntegers(text)) return undefined;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives a JSON value or throws
    return JSON.parse(text) as GrowingJson;
  } catch {
    return undefined;
  }
}
