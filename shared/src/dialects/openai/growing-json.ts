import { isGrowingObject, own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';

/** Text members that name a thing and so arrive whole; every other text arrives in pieces. */
const WHOLE_TEXTS = new Set(['id', 'type', 'role', 'name', 'format']);

/** Whether a chunk's member brings nothing: it never takes away what an earlier chunk brought. */
function isNothing(value: GrowingJson): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Keeps the latest value that says something. */
export function latest(before: GrowingJson | undefined, next: GrowingJson): GrowingJson {
  return before !== undefined && before !== null && isNothing(next) ? before : next;
}

/**
 * Joins a member of a delta to what came before: texts are appended (names are replaced), arrays of objects with an
 * `index` are joined by it, objects by their members; of anything else the latest is kept.
 */
export function grown(name: string, before: GrowingJson | undefined, next: GrowingJson): GrowingJson {
  if (before === undefined || before === null) return next;
  if (isNothing(next)) return before;
  if (typeof before === 'string' && typeof next === 'string') return WHOLE_TEXTS.has(name) ? next : before + next;
  if (isGrowingObject(before) && isGrowingObject(next)) return grownObject(before, next);
  if (isIndexed(before) && isIndexed(next)) return grownByIndex(before, next);
  return next;
}

/** Joins each member of `next` to that of `before`, in place. */
function grownObject(before: GrowingObject, next: GrowingObject): GrowingObject {
  for (const [name, value] of Object.entries(next)) put(before, name, grown(name, own(before, name), value));
  return before;
}

/** Lets each member of `next` take the place of that of `before`, objects by their members, in place. */
export function overlaid(before: GrowingJson | undefined, next: GrowingJson): GrowingJson {
  if (!isGrowingObject(before) || !isGrowingObject(next)) return latest(before, next);
  for (const [name, value] of Object.entries(next)) put(before, name, overlaid(own(before, name), value));
  return before;
}

function isIndexed(value: GrowingJson): value is GrowingObject[] {
  return Array.isArray(value) && value.every((item) => isGrowingObject(item) && typeof own(item, 'index') === 'number');
}

function grownByIndex(before: GrowingObject[], next: readonly GrowingObject[]): GrowingObject[] {
  for (const item of next) {
    const same = before.find((earlier) => isSamePlace(earlier, item));
    if (same === undefined) before.push(item);
    else grownObject(same, item);
  }
  return before;
}

/** OpenRouter numbers a summary and its encrypted text alike: two types, or two ids, are two things. */
function isSamePlace(a: GrowingObject, b: GrowingObject): boolean {
  if (own(a, 'index') !== own(b, 'index')) return false;
  return ['type', 'id'].every((name) => {
    const [one, other] = [own(a, name), own(b, name)];
    return one === other || one === undefined || one === null || other === undefined || other === null;
  });
}
