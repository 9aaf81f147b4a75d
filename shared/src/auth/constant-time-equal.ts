/** Compares two texts in a time that depends on their lengths alone. */
export function constantTimeEqual(a: string, b: string): boolean {
  const length = Math.max(a.length, b.length);
  let difference = a.length ^ b.length;
  // Beyond a text's end charCodeAt is NaN, which `^` takes as 0; the lengths already differ then.
  for (let at = 0; at < length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
