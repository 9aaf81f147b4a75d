import { setTimeout as pause } from 'node:timers/promises';
import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved } from '@isartor/shared/testing';
import { z } from 'zod';
import { startCoreProcess } from '../test/support/core-process.ts';
import { freePort } from '../test/support/free-port.ts';

const KEY = 'replay-key';
/** What the model of a replay answers begins with this, and then comes the question: whose answer it is can be read off it. */
const ANSWER = 'Answer to: ';
const CHAT = '/v1/chat/completions';
const BODY = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) });
const READY_WITHIN_MS = 60_000;
const LEARNT_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 2;

/** What became of one prompt. */
interface Reply {
  /** `l1a`, `l1b` or `l3`. */
  readonly layer: string;
  /** What `x-isartor-semantic` says; undefined where the semantic cache was not asked. */
  readonly semantic: string | undefined;
  /** The prompt whose answer this is. */
  readonly answered: string;
}

/** A core of its own with empty caches, and a model behind it. */
export interface ReplayedCore {
  /** Asks over HTTP; what is learnt of it is in the index when this resolves. Throws when the core does not answer it. */
  ask(prompt: string): Promise<Reply>;
  stop(): Promise<void>;
}

/** Starts a core from source that serves from the model's folder at an operating point. */
export async function replayedCore(modelDir: string, point: string): Promise<ReplayedCore> {
  const upstream = await fakeUpstream({ respond: wellBehaved });
  const metricsPort = await freePort();
  const core = startCoreProcess({
    ISARTOR__METRICS_PORT: String(metricsPort),
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__EXTERNAL_LLM_URL: upstream.url,
    ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-replay',
    ISARTOR__CACHE_MODE: 'both',
    ISARTOR__CACHE_TTL_SECS: '86400',
    ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
    ISARTOR__SEMANTIC_CACHE__POINT: point,
    ISARTOR__SEMANTIC_CACHE__MODEL_DIR: modelDir,
    // Nothing is missed because the machine is busy.
    ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '60000',
  });
  const origin = await core.origin;
  await until(READY_WITHIN_MS, 'the model is not loaded', async () => {
    const ready = await fetch(`${origin}/readyz`);
    return /"semantic_cache":\{"status":"up"/.test(await ready.text());
  });
  const indexed = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(
      /^isartor_semantic_events_total\{mode="serve",event="indexed",why="none"\} (\d+)/m.exec(text)?.[1] ?? 0,
    );
  };
  let learnt = 0;
  return {
    ask: async (prompt) => {
      const response = await fetch(`${origin}${CHAT}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(chatRequest(prompt)),
      });
      const body = await response.text();
      if (!response.ok) throw new Error(`the core answers ${response.status}: ${body}`);
      const [{ message }] = BODY.parse(JSON.parse(body)).choices;
      const layer = response.headers.get(HEADER.layer) ?? '';
      const semantic = response.headers.get(HEADER.semantic) ?? undefined;
      if (layer === 'l3' && semantic?.startsWith('ineligible') === false) {
        learnt += 1;
        await until(LEARNT_WITHIN_MS, 'a question was not learnt', async () => (await indexed()) >= learnt);
      }
      return { layer, semantic, answered: message.content.slice(ANSWER.length) };
    },
    stop: async () => {
      core.child.kill('SIGTERM');
      await core.ended;
      await upstream.close();
    },
  };
}

async function until(ms: number, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what} within ${ms} ms`);
    await pause(LOOK_EVERY_MS);
  }
}
