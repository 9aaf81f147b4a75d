import { HEADER } from '@isartor/shared';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, startChild } from '../child.ts';
import type { Contestant } from '../contest.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const READY_WITHIN_MS = 30_000;

/** The key that every contestant gets. */
export const KEY = 'bench-key';
/** Shared by the core and the Worker of a bench. */
export const EDGE_SECRET = 'bench-edge-secret-of-32-characters';
export const CHAT = '/v1/chat/completions';
export const CREDENTIAL = { authorization: `Bearer ${KEY}` };

/** The built core as `npm run start:core` runs it, its log lines going nowhere. */
export interface StartedCore extends Contestant {
  stop(): Promise<void>;
}

/** Starts the built core; it is ready when it answers. */
export async function startCore(
  upstreamUrl: string,
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<StartedCore> {
  const port = await freePort();
  const child = startChild({
    name: 'core',
    args: [...nodeOptions, MAIN],
    env: {
      ...ALLOCATOR,
      ISARTOR__HOST_PORT: `127.0.0.1:${port}`,
      ISARTOR__METRICS_PORT: String(await freePort()),
      ISARTOR__GATEWAY_API_KEY: KEY,
      ISARTOR__EDGE_SECRET: EDGE_SECRET,
      ISARTOR__CACHE_MODE: 'exact',
      ISARTOR__CACHE_TTL_SECS: '86400',
      ISARTOR__EXTERNAL_LLM_URL: `${upstreamUrl}/v1`,
      ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-bench',
      ...env,
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilOk(`${origin}/readyz`);
  return { name: 'Isartor', origin, path: CHAT, pid: child.pid, headers: CREDENTIAL, stop: () => child.stop() };
}

/** As in the core's `start` script: large blocks go back to the system. */
const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/** A core's answers that must come from that layer. */
export function answeredBy(core: Contestant, layer: string): Contestant {
  return { ...core, expect: { header: HEADER.layer, value: layer } };
}

/** Resolves when a server answers 2xx. */
export async function untilOk(url: string, init: RequestInit = {}): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const ok = await fetch(url, init).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.ok;
      },
      () => false,
    );
    if (ok) return;
    if (performance.now() > until) throw new Error(`${url} does not answer`);
    await pause(5);
  }
}
