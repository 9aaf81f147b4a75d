import { isGrowingObject, own, put, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';

/** Members of a part that only says something; a part with any other is whole. */
const OF_A_TEXT: readonly string[] = ['text', 'thought', 'thoughtSignature'];

/**
 * Joins the parts of a chunk to those before: its first text goes on with the last one, if both are thoughts or neither
 * is, and brings its signature, if it has one. False: a call comes in pieces.
 */
export function addParts(parts: GrowingJson[], more: readonly GrowingJson[]): boolean {
  const [first, ...others] = more;
  if (more.some(isPieceOfCall)) return false;
  if (first === undefined) return true;
  if (!isGrowingObject(first) || !goesOn(parts.at(-1), first)) parts.push(first);
  parts.push(...others);
  return true;
}

function isPieceOfCall(part: GrowingJson): boolean {
  const call = isGrowingObject(part) ? own(part, 'functionCall') : undefined;
  if (!isGrowingObject(call)) return false;
  return (
    own(call, 'willContinue') !== undefined || own(call, 'partialArgs') !== undefined || own(call, 'name') === undefined
  );
}

/** Whether a text is nothing but more of the part before, which then has it. */
function goesOn(last: GrowingJson | undefined, part: GrowingObject): boolean {
  const text = textOf(part);
  const signature = own(part, 'thoughtSignature');
  if (text === undefined) return false;
  if (!isGrowingObject(last) || textOf(last) === undefined || own(last, 'thoughtSignature') !== undefined) {
    // An empty text that ends a stream says nothing.
    return text === '' && signature === undefined && last !== undefined;
  }
  if (own(last, 'thought') !== own(part, 'thought')) return false;
  put(last, 'text', `${textOf(last) ?? ''}${text}`);
  if (signature !== undefined) put(last, 'thoughtSignature', signature);
  return true;
}

function textOf(part: GrowingObject): string | undefined {
  const text = own(part, 'text');
  return typeof text === 'string' && Object.keys(part).every((name) => OF_A_TEXT.includes(name)) ? text : undefined;
}
