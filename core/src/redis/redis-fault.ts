/** `open`: not even asked. `failed`: no answer, no connection, or reads refused. `write-refused`: it reads, but does not write. */
export type RedisFaultKind = 'open' | 'timeout' | 'failed' | 'write-refused';

/** Redis did not do what it was asked. Its message is safe to show: no address, key or value is in it. */
export class RedisFault extends Error {
  constructor(
    readonly kind: RedisFaultKind,
    /** Redis' own word (`OOM`, `READONLY`), the system's (`ECONNREFUSED`), or ours (`timeout`, `disconnected`). */
    readonly code: string,
    cause?: unknown,
  ) {
    super(`redis ${kind}: ${code}`, { cause });
    this.name = 'RedisFault';
  }
}

/** What an error of the client is called in logs and in `/readyz`, where its message may hold an address. */
export function faultCode(error: unknown): string {
  if (error instanceof RedisFault) return error.code;
  if (!(error instanceof Error)) return 'unknown';
  if (isRefusal(error)) return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return /timed out/i.test(error.message) ? 'timeout' : 'disconnected';
}

/** Whether Redis answered, with an error of its own (redis-errors' class, which ioredis does not export by type). */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
