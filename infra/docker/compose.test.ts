import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMPOSE_FILES, filledIn, readServices } from './testing/compose-file.ts';

/** What every container is held to. */
const Held = z.looseObject({
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  privileged: z.literal(false).optional(),
  restart: z.enum(['unless-stopped', 'no']),
  logging: z.object({
    driver: z.literal('json-file'),
    options: z.object({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
  deploy: z.looseObject({
    resources: z.looseObject({ limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.number() }) }),
  }),
});

/** Ends by itself, or has nothing in its image to ask it with. */
const WITHOUT_CHECK = new Set(['secrets', 'otel-collector', 'jaeger']);
/** Tags that move, as the guide has them. */
const MOVING = new Set([
  'isartor-ai/isartor:latest',
  'vllm/vllm-openai:latest',
  'ghcr.io/huggingface/text-embeddings-inference:cpu-latest',
  'ghcr.io/ggml-org/llama.cpp:server',
]);

const rows = COMPOSE_FILES.flatMap((file) =>
  Object.entries(readServices(file)).map(([name, service]) => ({ file, name, service })),
);

describe.each(rows)('$file: $name', ({ name, service }) => {
  const filled = filledIn(service, {});

  it('may do no more than it needs, within limits', () => {
    Held.parse(filled);
  });

  it('has a health check, and an image of one version, or the one of the guide', () => {
    const { test, disable } = z
      .object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() })
      .parse(filled['healthcheck'] ?? {});
    expect((test ?? []).length > 1 && disable !== true).toBe(!WITHOUT_CHECK.has(name));
    if (!MOVING.has(filled.image)) expect(filled.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
  });

  it('is published on loopback, unless it is edge or core', () => {
    const open = name === 'edge' || name === 'isartor' ? /^\d+:\d+$/ : /^127\.0\.0\.1:\d+:\d+$/;
    for (const port of filled.ports) expect(port).toMatch(open);
  });

  it('is built here when nobody publishes it', () => {
    expect(filled.build !== undefined).toBe(filled.image.startsWith('isartor-ai/'));
  });

  it('does not learn the provider’s key, unless it is the core', () => {
    const { environment, command } = filledIn(service, { ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-secret' });
    const knows = JSON.stringify([environment, command]).includes('sk-secret');
    expect(knows).toBe(name === 'isartor');
  });
});

it('level 3 has the guide’s services, and the GPU for the one that needs it', () => {
  const services = readServices('docker-compose.full.yml');
  expect(Object.keys(services)).toEqual(expect.arrayContaining(['isartor', 'redis', 'vllm-openai']));
  const withGpu = Object.entries(services).filter(([, service]) => JSON.stringify(service).includes('"nvidia"'));
  expect(withGpu.map(([name]) => name)).toEqual(['vllm-openai']);
});

it.each(COMPOSE_FILES)('%s: edge and core may finish what the core’s grace lets them, and 10 s more', (file) => {
  const services = readServices(file);
  for (const service of [services['edge'], services['isartor']]) {
    const stopsAfter = (variables: Record<string, string>) =>
      service && filledIn(service, variables)['stop_grace_period'];
    expect(stopsAfter({})).toBe('30s10000ms');
    // What the manifests say, whose settings may be taken along to Compose.
    expect(stopsAfter({ ISARTOR__SHUTDOWN_GRACE_SECS: '900' })).toBe('900s10000ms');
  }
});
