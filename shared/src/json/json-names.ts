import { halfSipHash } from './half-sip-hash.ts';
import { unescapeString } from './string-literal.ts';

/** An object's first names are compared one by one; what comes after them goes through the table. */
const COMPARED_NAMES = 16;
/** A longer name always goes through the table, so that no byte is read more than a few times. */
const COMPARED_LENGTH = 32;

/** Names of the open objects that are compared one by one; scanning is synchronous, so one buffer serves every scan. */
const openStart = new Int32Array(64 * COMPARED_NAMES);
const openEnd = new Int32Array(64 * COMPARED_NAMES);
const openBase = new Int32Array(64);
/** The number of each open object, in order of opening. */
const openObject = new Int32Array(64);

const NO_BYTES = new Uint8Array(0);
const NO_ENTRIES = new Int32Array(0);
/** Integers an entry of the table takes: object, hash, start, end. */
const ENTRY = 4;

/**
 * The names seen in each open object of one JSON text, to find a name that comes twice. Linear in the text whatever its
 * author intends. A name is a span of the text, or, where it was written with escapes, of `unescaped` (then start and
 * end are complements, `~offset`), so no string is ever made.
 */
export class JsonNames {
  readonly #bytes: Uint8Array;
  /** UTF-8 of the names that held escapes. */
  #unescaped = NO_BYTES;
  #unescapedLength = 0;
  #depth = 0;
  #height = 0;
  #object = 0;
  #entries = NO_ENTRIES;
  #entryCount = 0;
  #slots = NO_ENTRIES;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A new object begins. At most 64 may be open. */
  open(): void {
    openBase[this.#depth] = this.#height;
    openObject[this.#depth++] = ++this.#object;
  }

  /** The innermost object ends. */
  close(): void {
    this.#height = openBase[--this.#depth] ?? 0;
  }

  /** Adds a name to the innermost object; false when the object has it already. */
  add(start: number, end: number): boolean {
    const length = start < 0 ? start - end : end - start;
    if (length > COMPARED_LENGTH) return this.#addToTable(start, end);
    const base = openBase[this.#depth - 1] ?? 0;
    const height = this.#height;
    for (let i = base; i < height; i++) {
      if (this.#equal(openStart[i] ?? 0, openEnd[i] ?? 0, start, end)) return false;
    }
    if (height - base === COMPARED_NAMES) return this.#addToTable(start, end);
    openStart[height] = start;
    openEnd[height] = end;
    this.#height = height + 1;
    return true;
  }

  /** Keeps the unescaped form of a name that stands from `start` to `end`; gives its start, for `add`. */
  unescape(start: number, end: number): number {
    const offset = this.#unescapedLength;
    const room = offset + end - start;
    if (room > this.#unescaped.length) {
      const grown = new Uint8Array(Math.max(256, room * 2));
      grown.set(this.#unescaped);
      this.#unescaped = grown;
    }
    this.#unescapedLength = unescapeString(this.#bytes, start, end, this.#unescaped, offset);
    return ~offset;
  }

  /** The end, for `add`, of the name that was unescaped last. */
  get unescapedEnd(): number {
    return ~this.#unescapedLength;
  }

  /** The UTF-8 bytes of a name. */
  bytesOf(start: number, end: number): Uint8Array {
    return start < 0 ? this.#unescaped.subarray(~start, ~end) : this.#bytes.subarray(start, end);
  }

  #equal(start: number, end: number, otherStart: number, otherEnd: number): boolean {
    const length = start < 0 ? start - end : end - start;
    if (length !== (otherStart < 0 ? otherStart - otherEnd : otherEnd - otherStart)) return false;
    const bytes = start < 0 ? this.#unescaped : this.#bytes;
    const others = otherStart < 0 ? this.#unescaped : this.#bytes;
    const from = start < 0 ? ~start : start;
    const otherFrom = otherStart < 0 ? ~otherStart : otherStart;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== others[otherFrom + i]) return false;
    return true;
  }

  #addToTable(start: number, end: number): boolean {
    if (this.#entryCount * 2 >= this.#slots.length) this.#growTable();
    const object = openObject[this.#depth - 1] ?? 0;
    const hash =
      start < 0 ? halfSipHash(this.#unescaped, ~start, ~end, object) : halfSipHash(this.#bytes, start, end, object);
    const entries = this.#entries;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let id = slots[slot] ?? 0; id !== 0; id = slots[slot] ?? 0) {
      const entry = (id - 1) * ENTRY;
      if (
        entries[entry + 1] === hash &&
        entries[entry] === object &&
        this.#equal(entries[entry + 2] ?? 0, entries[entry + 3] ?? 0, start, end)
      ) {
        return false;
      }
      slot = (slot + 1) & mask;
    }
    const entry = this.#entryCount * ENTRY;
    entries[entry] = object;
    entries[entry + 1] = hash;
    entries[entry + 2] = start;
    entries[entry + 3] = end;
    slots[slot] = ++this.#entryCount;
    return true;
  }

  #growTable(): void {
    const size = Math.max(128, this.#slots.length * 2);
    const slots = new Int32Array(size);
    for (let id = 1; id <= this.#entryCount; id++) {
      let slot = (this.#entries[(id - 1) * ENTRY + 1] ?? 0) & (size - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      slots[slot] = id;
    }
    const entries = new Int32Array((size / 2) * ENTRY);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#slots = slots;
  }
}
