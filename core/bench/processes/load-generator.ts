// The client of every row: keep-alive connections, each with one request under way at a time, for a given time.
import { performance } from 'node:perf_hooks';
import { Client, type Dispatcher } from 'undici';
import type { LoadOrder, LoadResult } from '../load.ts';
import { percentile } from '../median.ts';
import { STAMPED_MODEL, stampsIn } from './constant-answer.ts';

interface Sample {
  readonly firstByteMs: number;
  readonly wholeMs: number;
  /** How long each stamped event was on its way. */
  readonly chunksMs: readonly number[];
}

/** Sends one request and measures it; undefined when it was not answered as the order expects. */
function ask(client: Client, order: LoadOrder, body: string): Promise<Sample | undefined> {
  const { promise, resolve } = Promise.withResolvers<Sample | undefined>();
  const began = performance.now();
  let firstByteMs = 0;
  let asExpected = false;
  const chunksMs: number[] = [];
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: (_controller, status, headers) => {
      const { expect } = order;
      asExpected = status === 200 && (expect === undefined || headers[expect.header] === expect.value);
    },
    onResponseData: (_controller, chunk) => {
      if (firstByteMs === 0) firstByteMs = performance.now() - began;
      if (order.stream !== 'stamped') return;
      const now = process.hrtime.bigint();
      for (const stamp of stampsIn(chunk.toString())) chunksMs.push(Number(now - stamp) / 1e6);
    },
    onResponseEnd: () =>
      resolve(asExpected ? { firstByteMs, wholeMs: performance.now() - began, chunksMs } : undefined),
    onResponseError: () => resolve(undefined),
  };
  const { path, headers } = order;
  client.dispatch({ path, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }, handler);
  return promise;
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const salt = `${process.pid}-${Date.now()}`;
  let asked = 0;
  const nextBody = (): string => bodyOf(order.stream, order.prompts === 'same' ? 'the same' : `${salt}-${asked++}`);
  const samples: Sample[] = [];
  let bad = 0;
  const clients = Array.from({ length: order.connections }, () => new Client(order.origin, { pipelining: 1 }));
  const began = performance.now();
  const until = began + order.seconds * 1000;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        const sample = await ask(client, order, nextBody());
        if (sample === undefined) bad += 1;
        else samples.push(sample);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  const whole = samples.map(({ wholeMs }) => wholeMs);
  const first = samples.map(({ firstByteMs }) => firstByteMs);
  return {
    requests: samples.length,
    bad,
    perSecond: samples.length / seconds,
    p50Ms: percentile(whole, 0.5),
    p99Ms: percentile(whole, 0.99),
    firstByteMs: percentile(first, 0.5),
    chunkMs: percentile(
      samples.flatMap(({ chunksMs }) => chunksMs),
      0.5,
    ),
  };
}

function bodyOf(stream: LoadOrder['stream'], question: string): string {
  const model = stream === 'stamped' ? STAMPED_MODEL : 'bench-1';
  return (
    `{"model":"${model}","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":` +
    `"Tell me about the Isartor in Munich, question ${question}."}]${stream === false ? '' : ',"stream":true'}}`
  );
}

process.on('message', (order: LoadOrder) => {
  void load(order).then((result) => process.send?.({ result }));
});
process.once('disconnect', () => process.exit(0));
process.send?.({ port: 0 });
