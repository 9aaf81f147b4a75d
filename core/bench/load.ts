import { startServer } from './child.ts';

/** What the load generator is to do. */
export interface LoadOrder {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** One body for ever, or another each time. */
  readonly prompts: 'same' | 'new';
  /** `stamped`: slowly, each event with the time at which it left. */
  readonly stream: boolean | 'stamped';
  readonly connections: number;
  readonly seconds: number;
  /** A header that every answer must have; another value counts as bad. */
  readonly expect?: { readonly header: string; readonly value: string } | undefined;
}

/** What came of it. Times are medians over the requests unless they say otherwise. */
export interface LoadResult {
  readonly requests: number;
  /** Requests that failed, or were not answered as expected. They count nowhere else. */
  readonly bad: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstByteMs: number;
  /** From the upstream's write of an event to its arrival; NaN unless the stream is stamped. */
  readonly chunkMs: number;
}

/** The load generator, a process of its own. */
export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child = await startServer('load generator', 'load-generator.ts');
  return {
    run: async (order) => {
      const answer = child.message(isResult);
      child.send(order);
      return (await answer).result;
    },
    stop: () => child.stop(),
  };
}

function isResult(message: unknown): message is { readonly result: LoadResult } {
  return typeof message === 'object' && message !== null && 'result' in message;
}
