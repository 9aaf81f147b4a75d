import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  chatBody,
  chatRequest,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startOtlpCollector, type OtlpCollector } from '../../../core/test/support/otlp-collector.ts';
import { fakePool, type FakePool } from '../../../core/test/support/fake-pool.ts';
import { findTool, INFRA, isMissing } from '../../conformance/support/render.ts';
import { parseYaml } from '../../conformance/support/kubernetes-object.ts';
import { at, listAt } from '../../conformance/support/pods.ts';
import { DASHBOARDS } from '../../grafana/src/dashboards.ts';
import { freePort } from '../../local/src/testing/free-port.ts';
import { testRedis, type StartedRedis } from '../../local/src/testing/index.ts';
import { Supervisor } from '../support/supervisor.ts';
import { apart } from '../support/apart.ts';

const KEY = 'planted-key-5e1d';
const PLANTED = 'planted-prompt-5e1d';
const PLANTED_ANSWER = 'planted-answer-5e1d';
const CHAT = '/v1/chat/completions';
const CALLER_TRACE = '0af7651916cd43dd8448eb211c80319c';

const prometheusProgram = isMissing('the figures in Prometheus', 'prometheus') ? undefined : findTool('prometheus');
/** It takes minutes to build: without it, a collector of ours stands in. */
const collectorProgram = findTool('otelcol');

let dir: string;
let upstream: FakeUpstream;
let pool: FakePool;
let redis: StartedRedis;
let supervisor: Supervisor;
let ended = false;
let exporters: Server;
let standIn: OtlpCollector | undefined;
let edge: string;
let core: string;
let metrics: string;
let prometheus: string;
const programs: ChildProcess[] = [];
/** What the collector was told. */
const told = (): string =>
  standIn === undefined
    ? readFileSync(join(dir, 'collector.log'), 'utf8')
    : Buffer.concat(standIn.bytes).toString('latin1');

function start(program: string, args: readonly string[], output: string): void {
  const child = spawn(program, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said.push(chunk);
      writeFileSync(join(dir, output), Buffer.concat(said));
    });
  }
  programs.push(child);
}

/** What is not ours and not at hand: the GPU's, the cluster's and Redis' exporters, by their documented names. */
async function startExporters(redisUrl: string): Promise<Server> {
  const client = new Redis(redisUrl);
  const figure = (text: string, name: string): string => new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? '0';
  const page = async (): Promise<string> => {
    const [keys, memory, stats] = await Promise.all([client.dbsize(), client.info('memory'), client.info('stats')]);
    return [
      `redis_db_keys{db="db0"} ${keys}`,
      `redis_memory_used_bytes ${figure(memory, 'used_memory')}`,
      `redis_memory_max_bytes ${figure(memory, 'maxmemory')}`,
      `redis_evicted_keys_total ${figure(stats, 'evicted_keys')}`,
      'DCGM_FI_DEV_GPU_UTIL{gpu="0",pod="isartor-inference-0"} 42',
      'vllm:num_requests_waiting{model_name="small"} 3',
      'kube_deployment_status_replicas{deployment="isartor-gateway"} 2',
      '',
    ].join('\n');
  };
  const server = createServer((_request, response) => {
    page().then(
      (text) => response.end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.on('close', () => client.disconnect());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'isartor-observability-'));
  upstream = await fakeUpstream({ respond: wellBehaved });
  pool = await fakePool('vllm', { models: ['small'] });
  const own = await testRedis({ own: true });
  if ('skip' in own) throw new Error(own.skip);
  redis = own;
  exporters = await startExporters(redis.url);
  const [otlpGrpc, otlpHttp, metricsPort, prometheusPort, health] = await Promise.all(
    Array.from({ length: 5 }, () => freePort()),
  );
  metrics = `127.0.0.1:${metricsPort}`;
  prometheus = `http://127.0.0.1:${prometheusPort}`;
  if (collectorProgram !== undefined) {
    writeFileSync(join(dir, 'collector.yaml'), collectorConfig(otlpGrpc ?? 0, otlpHttp ?? 0, health ?? 0));
    start(collectorProgram, ['--config', 'collector.yaml'], 'collector.log');
    await vi.waitFor(() => expect(told()).toContain('Everything is ready'), { timeout: 30_000 });
  } else {
    standIn = await startOtlpCollector();
  }
  if (prometheusProgram !== undefined) {
    writeFileSync(join(dir, 'prometheus.yaml'), prometheusConfig((exporters.address() as AddressInfo).port));
    const flags = [
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      '--storage.tsdb.path=data',
      '--config.file=prometheus.yaml',
    ];
    start(prometheusProgram, flags, 'prometheus.log');
  }
  supervisor = new Supervisor({
    ...(await apart()),
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__METRICS_PORT: String(metricsPort),
    ISARTOR__EXTERNAL_LLM_URL: upstream.url,
    // Two of them, so that there are figures of keys.
    ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-planted-provider,sk-planted-provider-2',
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: redis.url,
    ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
    ISARTOR__SEMANTIC_CACHE__MODEL_DIR: join(INFRA, '..', 'core', 'models', 'builtin'),
    ISARTOR__ROUTER_BACKEND: 'vllm',
    ISARTOR__VLLM_URL: pool.url,
    ISARTOR__VLLM_MODEL: 'small',
    ISARTOR__LAYER2__REPLACES: 'gpt-4o-mini',
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '1',
    ISARTOR__ENABLE_MONITORING: 'true',
    ISARTOR__OTEL_EXPORTER_ENDPOINT: standIn?.httpUrl ?? `http://127.0.0.1:${otlpHttp}`,
    ISARTOR__OTEL_EXPORTER_PROTOCOL: 'http/protobuf',
    ISARTOR__OTEL_SAMPLE_RATIO: '1',
    ISARTOR__OTEL_TRACES_PER_SECOND: '1000000',
  });
  edge = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
  core = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}core /))?.[0] ?? '';
}, 120_000);

afterAll(async () => {
  if (!ended) supervisor.interrupt('SIGTERM');
  await supervisor.ended;
  for (const program of programs) program.kill('SIGTERM');
  exporters.closeAllConnections();
  exporters.close();
  await Promise.all([upstream.close(), pool.upstream.close(), redis.stop(), standIn?.close()]);
  rmSync(dir, { recursive: true });
});

function collectorConfig(grpc: number, http: number, health: number): string {
  return `
receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:${grpc}' }, http: { endpoint: '127.0.0.1:${http}' } } } }
processors: { memory_limiter: { check_interval: 1s, limit_percentage: 80 }, batch: { timeout: 200ms } }
exporters: { debug: { verbosity: detailed } }
extensions: { health_check: { endpoint: '127.0.0.1:${health}' } }
service:
  extensions: [health_check]
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, batch], exporters: [debug] }
    metrics: { receivers: [otlp], processors: [memory_limiter, batch], exporters: [debug] }
`;
}

function prometheusConfig(exporterPort: number): string {
  return `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${join(INFRA, 'grafana', 'rules', 'isartor.rules.yaml')}']
scrape_configs:
  - { job_name: isartor, static_configs: [{ targets: ['${metrics}'] }] }
  - { job_name: others, static_configs: [{ targets: ['127.0.0.1:${exporterPort}'] }] }
`;
}

interface Ask {
  readonly to?: string;
  readonly headers?: Record<string, string>;
  readonly overrides?: object;
}

async function ask(text: string, { to = edge, headers = {}, overrides = {} }: Ask = {}): Promise<Response> {
  const response = await fetch(to + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...chatRequest(text), ...overrides }),
  });
  await response.text();
  return response;
}

/** Each layer answers, and each kind of fault happens. */
async function replay(round: number): Promise<void> {
  const cloud = { overrides: { model: 'gpt-4o' }, to: core };
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
  upstream.respondWith(() => jsonAnswer(chatBody(PLANTED_ANSWER, { model: 'gpt-4o', usage })));
  await ask(`${PLANTED} cloud ${round}`, cloud);
  for (let count = 0; count < 3; count += 1) await ask(`${PLANTED} cloud ${round}`, cloud);
  await ask(`How do I reset my password ${round}?`, cloud);
  await ask(`How can I reset my password ${round}?`, cloud);
  await ask(`${PLANTED} small ${round}`);
  await ask(`${PLANTED} small stream ${round}`, { overrides: { stream: true } });
  await ask(PLANTED, { headers: { authorization: `Bearer ${PLANTED}-key` }, to: core });
  pool.behaviour.answer = () => errorAnswer(500, PLANTED_ANSWER);
  await ask(`${PLANTED} pool fails ${round}`);
  delete pool.behaviour.answer;
  upstream.respondWith(() => errorAnswer(500, PLANTED_ANSWER));
  await ask(`${PLANTED} fails ${round}`, cloud);
  // Not 401, which would set the keys aside.
  upstream.respondWith(() => errorAnswer(403, PLANTED_ANSWER));
  await ask(`${PLANTED} refused ${round}`, cloud);
  upstream.respondWith(wellBehaved);
}

async function query(expr: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { status, error, data } = (await answer.json()) as {
    status: string;
    error?: string;
    data?: { result: unknown[] };
  };
  if (status !== 'success') throw new Error(`${expr}: ${error}`);
  return data?.result ?? [];
}

describe.skipIf(prometheusProgram === undefined)('the figures, in a real Prometheus', () => {
  const expressions = DASHBOARDS.flatMap(({ id, panels }) =>
    panels.flatMap(({ title, queries }) => queries.map(([expr]) => [`${id}: ${title}`, expr] as const)),
  );

  it('every chart and every alert has data after a replay with each layer and each fault', async () => {
    // A rate needs two readings.
    for (let round = 0; round < 4; round += 1) {
      await replay(round);
      await pause(1_500);
    }
    await redisGoesAndComes();
    await replay(9);
    await pause(3_000);
    const answered = (await query('sum by (layer) (isartor_requests_total{outcome="ok"}) > 0')) as { metric: object }[];
    const layers = answered.map(({ metric }) => ('layer' in metric ? metric.layer : undefined));
    expect(layers).toEqual(expect.arrayContaining(['l1a', 'l1b', 'l2', 'l3']));
    const empty: string[] = [];
    for (const [where, expr] of expressions) {
      if ((await query(expr)).length === 0) empty.push(`${where}: ${expr}`);
    }
    const [rules] = parseYaml(readFileSync(join(INFRA, 'grafana', 'rules', 'isartor.rules.yaml'), 'utf8'));
    const alerts = listAt(rules, 'groups')
      .flatMap((group) => listAt(group, 'rules'))
      .filter((rule) => at(rule, 'alert'));
    for (const alert of alerts) {
      for (const selector of selectorsIn(String(at(alert, 'expr')))) {
        if ((await query(selector)).length === 0) empty.push(`${String(at(alert, 'alert'))}: ${selector}`);
      }
    }
    // Nothing is refused for want of room in a replay of a few requests, and the providers' breaker may be closed again.
    expect(empty.filter((line) => !/code="overloaded"/.test(line))).toEqual([]);
    expect(expressions.length).toBeGreaterThan(50);
  });

  async function redisGoesAndComes(): Promise<void> {
    const client = new Redis(redis.url);
    await client.call('CLIENT', 'PAUSE', '1500', 'ALL');
    for (let count = 0; count < 6; count += 1)
      await ask(`redis is away ${count}`, { to: core, overrides: { model: 'gpt-4o' } });
    await pause(2_500);
    client.disconnect();
  }
});

/** The series that an alert looks at, whatever it makes of them. */
function selectorsIn(expr: string): string[] {
  return expr.match(/\b(?:isartor[:_]|redis_)[a-z0-9_:]+(?:\{[^}]*\})?/g) ?? [];
}

describe('a trace, in a collector', () => {
  it('leads from the Worker to the provider, with every layer, in one id', async () => {
    pool.behaviour.probability = 0.1;
    await ask(`${PLANTED} one trace`, { headers: { traceparent: `00-${CALLER_TRACE}-b7ad6b7169203331-01` } });
    delete pool.behaviour.probability;
    const expected = [
      'POST /v1/chat/completions',
      'l0',
      'l1a',
      'core',
      'l1b',
      'l2',
      'l3',
      'chat small',
      'chat gpt-4o-mini',
      'redis MGET',
    ];
    const spans = await vi.waitFor(
      () => {
        const found = spansOf(CALLER_TRACE);
        expect([...new Set(found.map(({ name }) => name))]).toEqual(expect.arrayContaining(expected));
        return found;
      },
      { timeout: 20_000, interval: 500 },
    );
    const byId = new Map(spans.map((span) => [span.id, span]));
    const path: string[] = [];
    for (
      let span = spans.find(({ name }) => name === 'chat gpt-4o-mini');
      span !== undefined;
      span = byId.get(span.parent)
    ) {
      path.unshift(span.name);
    }
    expect(path).toEqual([
      'POST /v1/chat/completions',
      'l0',
      'l1a',
      'core',
      'POST /v1/chat/completions',
      'l1a',
      'l1b',
      'l2',
      'l3',
      'chat gpt-4o-mini',
    ]);
    const call = spans.find(({ name }) => name === 'chat gpt-4o-mini');
    // Of others' requests that came meanwhile it is none.
    const paid = upstream.requests.findLast(({ headers }) => headers['traceparent']?.includes(CALLER_TRACE));
    expect(paid?.headers['traceparent']).toBe(`00-${CALLER_TRACE}-${call?.id}-01`);
    const small = spans.find(({ name }) => name === 'chat small');
    const asked = pool.upstream.requests.findLast(({ path }) => path === CHAT);
    expect(asked?.headers['traceparent']).toBe(`00-${CALLER_TRACE}-${small?.id}-01`);
    process.stdout.write(`${printed(spans)}\n`);
  });

  it('and metrics arrive too', async () => {
    await vi.waitFor(() => expect(told()).toContain('isartor_requests_total'), {
      timeout: 30_000,
      interval: 500,
    });
    expect(told()).toContain('gen_ai.client.token.usage');
  });
});

describe('what was planted', () => {
  it('is found in stored answers and vectors, and nowhere else', async () => {
    const said = [await (await fetch(`http://${metrics}/metrics`)).text()];
    const client = new Redis(redis.url);
    const keys = await client.keys('*');
    client.disconnect();
    expect(keys.length).toBeGreaterThan(5);
    said.push(...keys, ...(await saidBySupervisor()), told());
    for (const text of said) {
      expect(text).not.toContain(PLANTED);
      expect(text).not.toContain(PLANTED_ANSWER);
      expect(text).not.toContain(KEY);
      expect(text).not.toContain('sk-planted');
    }
  });

  async function saidBySupervisor(): Promise<string[]> {
    ended = true;
    supervisor.interrupt('SIGTERM');
    const { stdout, stderr } = await supervisor.ended;
    // The key that was given is not one that was made here: it is not printed.
    return [stdout.join('\n'), stderr.join('\n')];
  }
});

interface Span {
  readonly id: string;
  readonly parent: string;
  readonly name: string;
}

function spansOf(traceId: string): Span[] {
  if (standIn === undefined) return spansIn(told(), traceId);
  const ours = standIn.spans.filter((span) => span.traceId === traceId);
  return ours.map(({ spanId, parentSpanId, name }) => ({ id: spanId, parent: parentSpanId, name }));
}

/** What the collector's detailed output says of one trace. */
function spansIn(text: string, traceId: string): Span[] {
  return text.split(/^Span #\d+$/m).flatMap((block) => {
    const field = (name: string): string => new RegExp(`^ +${name} +: ?(.*)$`, 'm').exec(block)?.[1]?.trim() ?? '';
    return field('Trace ID') === traceId ? [{ id: field('ID'), parent: field('Parent ID'), name: field('Name') }] : [];
  });
}

function printed(spans: readonly Span[]): string {
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter((span) => span.parent === parent)
      .flatMap((span) => [`${'  '.repeat(depth)}${span.name}`, ...below(span.id, depth + 1)]);
  return below('b7ad6b7169203331', 0).join('\n');
}
