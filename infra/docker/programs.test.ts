import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../local/src/stack/paths.ts';
import { portOf } from '../local/src/stack/port-of.ts';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'isartor-docker-'));
const server = createServer((request, response) => {
  response.statusCode = request.url === '/healthz' ? 200 : 404;
  response.end('the file');
});
let port: string;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = String(portOf(server));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it('the stage that fetches the model has all that its program needs', async () => {
  const [stage = ''] =
    /^FROM \S+ AS model$[\s\S]*?(?=^FROM)/m.exec(readFileSync(join(HERE, 'Dockerfile'), 'utf8')) ?? [];
  const copied = [...stage.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
  for (const path of copied) cpSync(join(ROOT, path), join(folder, 'build', path), { recursive: true });
  const program = join(folder, 'build', 'infra/local/src/model-fetch.ts');
  const args = [program, '--dir', join(folder, 'model')];
  const env = { ISARTOR_MODEL_URL: `http://127.0.0.1:${port}/model` };
  await expect(run(process.execPath, args, { env, timeout: 60_000 })).rejects.toMatchObject({
    code: 1,
    stderr: `isartor: http://127.0.0.1:${port}/model/tokenizer.json answers 404\n`,
  });
  expect(copied).toContain('core/models/all-MiniLM-L6-v2');
});

describe('healthcheck', () => {
  const healthcheck = (address: string): Promise<unknown> => run('bash', [join(HERE, 'healthcheck.sh'), address]);

  it('is content with 200 at /healthz, whatever the address says before the port', async () => {
    await healthcheck(port);
    await healthcheck(`0.0.0.0:${port}`);
    await healthcheck(`[::]:${port}`);
  });

  it('is not with anything else', async () => {
    const unhealthy = createServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(unhealthy, 'listening');
    await expect(healthcheck(String(portOf(unhealthy)))).rejects.toMatchObject({ code: 1 });
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await expect(healthcheck(String(portOf(silent)))).rejects.toThrow();
    await expect(healthcheck('1')).rejects.toThrow('Connection refused');
    unhealthy.close();
    silent.closeAllConnections();
    silent.close();
  });
});

it('the edge says which secret’s file it cannot read, and does not start', async () => {
  const env = { PATH: process.env['PATH'], ISARTOR__EDGE_SECRET_FILE: join(folder, 'absent') };
  await expect(run('sh', [join(HERE, 'edge/entrypoint.sh')], { env })).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringContaining('isartor: ISARTOR__EDGE_SECRET_FILE cannot be read'),
  });
});

it.each([
  [{}, 'UPSTASH_REDIS_REST_TOKEN (or UPSTASH_REDIS_REST_TOKEN_FILE) is not set'],
  [{ UPSTASH_REDIS_REST_TOKEN: 't' }, 'ISARTOR__REDIS_URL is not set to an address'],
])('the Redis REST server says what it lacks', async (env, message) => {
  const args = ['--conditions=isartor-source', join(HERE, 'redis-rest.ts')];
  await expect(run(process.execPath, args, { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`isartor: ${message}`),
  });
});
