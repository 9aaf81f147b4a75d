import { isGrowingObject, own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';
import { grown } from './growing-json.ts';

/**
 * The tool calls of one choice. `index` says which call a piece belongs to and is not part of the plain form. Servers
 * that leave it out send whole calls (Mistral), and some number all parallel calls 0 (Gemini's compatible API).
 */
export class GrowingToolCalls {
  readonly calls: GrowingJson[] = [];
  readonly #byIndex = new Map<GrowingJson | undefined, GrowingObject>();

  /** Takes the `tool_calls` of one delta. */
  add(pieces: readonly GrowingJson[]): void {
    for (const piece of pieces) {
      if (!isGrowingObject(piece)) {
        this.calls.push(piece);
        continue;
      }
      const index = own(piece, 'index');
      const open = this.#byIndex.get(index) ?? (index === undefined ? lastObject(this.calls) : undefined);
      if (open !== undefined && !opensAnother(open, piece)) {
        append(open, piece);
      } else {
        const call: GrowingObject = {};
        append(call, piece);
        this.calls.push(call);
        this.#byIndex.set(index, call);
      }
    }
  }
}

/** A piece with a name and an id of its own is another call. An id alone is not enough: some servers make one a chunk. */
function opensAnother(open: GrowingObject, piece: GrowingObject): boolean {
  const id = own(piece, 'id');
  return id !== undefined && id !== null && id !== '' && id !== own(open, 'id') && isNamed(piece) && isNamed(open);
}

function isNamed(call: GrowingObject): boolean {
  return ['function', 'custom'].some((kind) => {
    const part = own(call, kind);
    const name = isGrowingObject(part) ? own(part, 'name') : undefined;
    return typeof name === 'string' && name !== '';
  });
}

function append(call: GrowingObject, piece: GrowingObject): void {
  for (const [name, value] of Object.entries(piece)) {
    if (name !== 'index') put(call, name, grown(name, own(call, name), value));
  }
}

function lastObject(calls: readonly GrowingJson[]): GrowingObject | undefined {
  const last = calls.at(-1);
  return isGrowingObject(last) ? last : undefined;
}
