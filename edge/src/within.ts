/**
 * Waits for work, but not longer than `limitMs`; the work itself goes on.
 *
 * @returns `undefined` when it was not done by then.
 * @throws what the work throws before.
 */
export async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
