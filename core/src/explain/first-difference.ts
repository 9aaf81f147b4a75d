import { isJsonArray, isJsonObject, type JsonValue } from '@isartor/shared';

/** Where two values differ first. */
export interface Difference {
  /** JSON pointer (RFC 6901); '' where the whole values differ. */
  readonly pointer: string;
  readonly here: string;
  readonly there: string;
}

/** The first difference in canonical order (members by name, items as they stand); undefined where there is none. */
export function firstDifference(
  here: JsonValue | undefined,
  there: JsonValue | undefined,
  pointer = '',
): Difference | undefined {
  if (isJsonObject(here) && isJsonObject(there)) {
    const names = [...new Set([...Object.keys(here), ...Object.keys(there)])].toSorted();
    return firstOf(names, (name) => firstDifference(here[name], there[name], `${pointer}/${escaped(name)}`));
  }
  if (isJsonArray(here) && isJsonArray(there)) {
    const items = Array.from({ length: Math.max(here.length, there.length) }, (_, at) => at);
    return firstOf(items, (at) => firstDifference(here[at], there[at], `${pointer}/${at}`));
  }
  return here === there ? undefined : { pointer, here: described(here), there: described(there) };
}

function firstOf<Item>(items: readonly Item[], find: (item: Item) => Difference | undefined): Difference | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a value is, without what it says where that is a text. */
function described(value: JsonValue | undefined): string {
  if (value === undefined) return 'absent';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (isJsonArray(value)) return `a list of ${value.length}`;
  return isJsonObject(value) ? `an object of ${Object.keys(value).length}` : String(value);
}

/** A name may be as long as a body: so much of it tells which was meant. */
function escaped(name: string): string {
  return name.slice(0, 256).replaceAll('~', '~0').replaceAll('/', '~1');
}
