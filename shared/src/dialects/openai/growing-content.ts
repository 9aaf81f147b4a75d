import { isGrowingObject, own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';
import { latest } from './growing-json.ts';

/** Content parts that arrive in pieces. Two of another type in a row are two parts. */
const GROWING_PARTS: readonly (GrowingJson | undefined)[] = ['text', 'thinking', 'reasoning'];

/** Joins the `content` of a delta to what came before: a text, or a list of parts (Mistral), or first one, then the other. */
export function grownContent(before: GrowingJson | undefined, next: GrowingJson): GrowingJson {
  if (before === undefined || before === null || before === '') return latest(before, next);
  if (next === null || next === '') return before;
  if (typeof before === 'string' && typeof next === 'string') return before + next;
  return appendParts(asParts(before), asParts(next));
}

function asParts(content: GrowingJson): GrowingJson[] {
  if (Array.isArray(content)) return content;
  return [typeof content === 'string' ? { type: 'text', text: content } : content];
}

function appendParts(before: GrowingJson[], next: readonly GrowingJson[]): GrowingJson[] {
  const [first, ...others] = next;
  if (first === undefined) return before;
  const last = before.at(-1);
  if (isGrowingObject(last) && isGrowingObject(first) && isOnePart(last, first)) growPart(last, first);
  else before.push(first);
  for (const part of others) before.push(part);
  return before;
}

function isOnePart(last: GrowingObject, first: GrowingObject): boolean {
  const type = own(first, 'type');
  return type === own(last, 'type') && GROWING_PARTS.includes(type);
}

function growPart(part: GrowingObject, piece: GrowingObject): void {
  for (const [name, value] of Object.entries(piece)) {
    const before = own(part, name);
    if (name === 'type') continue;
    if (typeof before === 'string' && typeof value === 'string') put(part, name, before + value);
    else if (Array.isArray(before) && Array.isArray(value)) put(part, name, appendParts(before, value));
    else put(part, name, latest(before, value));
  }
}
