import { GatewayError } from '@isartor/shared';
import type { ModelBackend } from '../../src/l2-small-model/model-backend.port.ts';
import type { Time } from '../../src/upstream/time.ts';
import type { UpstreamCall, UpstreamReply } from '../../src/upstream/upstream.port.ts';

/** A step of a server's body: bytes, or a pause in ms; `Infinity` is for ever. */
type BodyStep = string | number;

/** How a server behaves, on the clock that a test moves. Pauses are in ms; `Infinity` is for ever. */
export interface BackendScript {
  state?: 'ready' | 'loading';
  decideMs?: number;
  probability?: number | undefined;
  headersMs?: number;
  /** Undefined: it cannot be reached. */
  status?: number | undefined;
  body?: readonly BodyStep[];
  /** The body breaks off at its end. */
  breaks?: boolean;
}

/** A server of the pool within a test, as its port has it: every wait ends when its signal aborts. */
export function scriptedBackend(url: string, script: BackendScript, time: Time): ModelBackend {
  return {
    name: 'vllm',
    url,
    asksUsage: true,
    ignores: new Set(),
    logprobs: undefined,
    health: async () => script.state ?? 'ready',
    servedModels: async () => [{ name: 'small', contextTokens: 4_096 }],
    load: async () => undefined,
    labelProbability: async (_, signal) => {
      await pause(time, script.decideMs ?? 0, signal);
      return script.probability ?? 0.9;
    },
    call: (call) => answer(script, call, time),
    close: async () => undefined,
  };
}

async function answer(script: BackendScript, { signal, stream }: UpstreamCall, time: Time): Promise<UpstreamReply> {
  const { headersMs = 0, status = 200, body = [], breaks = false } = script;
  await pause(time, headersMs, signal);
  if ('status' in script && script.status === undefined) throw new GatewayError('upstream_unreachable', 'not there');
  const abandon = new AbortController();
  const left = AbortSignal.any([signal, abandon.signal]);
  return {
    status,
    headers: { 'content-type': stream ? 'text/event-stream' : 'application/json' },
    body: bodyOf(body, breaks, left, time),
    abandon: () => abandon.abort(new GatewayError('internal', 'given up')),
  };
}

async function* bodyOf(
  steps: readonly BodyStep[],
  breaks: boolean,
  signal: AbortSignal,
  time: Time,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const step of steps) {
    if (typeof step === 'number') await pause(time, step, signal);
    else yield new TextEncoder().encode(step);
  }
  if (breaks) throw new GatewayError('upstream_unreachable', 'The connection was reset.');
}

function pause(time: Time, ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const cancel = Number.isFinite(ms) ? time.after(ms, resolve) : () => undefined;
    const onAbort = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
