import { HEADER } from '@isartor/shared';
import type { JsonObject } from '@isartor/shared';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig } from '../../src/config/load-config.ts';
import { createApp } from '../../src/create-app.ts';
import { InflightBudget } from '../../src/inflight/inflight-budget.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { createLog, type Logger } from '../../src/telemetry/log.ts';

/** The key of tenant `default` in tests. */
export const TEST_KEY = 'test-key';
/** The secret by which a test plays the edge. */
export const TEST_EDGE_SECRET = 'test-edge-secret-of-sufficient-length-0123456789';

/** A core in this process, reached over a real socket. */
export interface RunningCore {
  readonly origin: string;
  readonly app: NestFastifyApplication;
  /** Posts a body as JSON with the test key; `headers` add to or replace the usual ones. */
  post(path: string, body: JsonObject | string | Uint8Array, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Requests that are in the core now. */
  inFlight(): number;
  stop(): Promise<void>;
}

/** Starts a core on a free port with the given environment on top of what every test needs. */
export async function startCore(
  upstreamUrl: string,
  env: Readonly<Record<string, string>> = {},
  log?: Logger,
): Promise<RunningCore> {
  const { config } = loadConfig({
    env: {
      ISARTOR__HOST_PORT: '127.0.0.1:0',
      ISARTOR__METRICS_PORT: '0',
      ISARTOR__GATEWAY_API_KEY: TEST_KEY,
      ISARTOR__EDGE_SECRET: TEST_EDGE_SECRET,
      ISARTOR__EXTERNAL_LLM_URL: upstreamUrl,
      ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-upstream',
      ISARTOR__LOG_LEVEL: 'silent',
      // Each core would load the built-in model with its first question: a test that wants a model says which.
      ISARTOR__SEMANTIC_CACHE__MODEL_DIR: '/no-model',
      ...env,
    },
  });
  const app = await createApp(config, log ?? createLog(config.logLevel));
  await app.listen(config.port, config.host);
  const origin = await app.getUrl();
  const authorization = { authorization: `Bearer ${TEST_KEY}` };
  return {
    origin,
    app,
    post: (path, body, headers = {}) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(`${origin}${path}`, { headers: { ...authorization, ...headers } }),
    inFlight: () => app.get(InflightBudget).inFlight,
    stop: async () => {
      // Nothing is left to wait for but connections that tests keep alive.
      await app.get(Lifecycle).drain(app.getHttpServer(), 0);
      await app.close();
    },
  };
}

/** The layer that answered. */
export function layerOf(response: Response): string | null {
  return response.headers.get(HEADER.layer);
}
