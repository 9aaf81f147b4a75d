import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, STATE_DIR } from '../local/src/stack/paths.ts';
import { portOf } from '../local/src/stack/port-of.ts';
import { testRedis } from '../local/src/testing/start-redis.ts';
import { allGone, Supervisor } from './support/supervisor.ts';

const run = promisify(execFile);
const READY = /^Isartor is ready after [\d.]+ s/;
const supervisors: Supervisor[] = [];

function start(env: NodeJS.ProcessEnv = {}): Supervisor {
  const supervisor = new Supervisor(env);
  supervisors.push(supervisor);
  return supervisor;
}

async function stopAll(): Promise<void> {
  for (const supervisor of supervisors.splice(0)) {
    try {
      supervisor.interrupt('SIGTERM');
    } catch {
      // It has ended already.
    }
    await supervisor.ended;
  }
}

/** The base URL and the key, as they are printed. */
async function printed(supervisor: Supervisor): Promise<{ baseURL: string; apiKey: string }> {
  const edge = await supervisor.line(/^ {2}edge /);
  const key = await supervisor.line(/^ {2}key /);
  return { baseURL: /http:\S+/.exec(edge)?.[0] ?? '', apiKey: /isk-dev-\w+/.exec(key)?.[0] ?? '' };
}

describe('npm start', () => {
  const busy = createServer();
  let supervisor: Supervisor;
  let openai: OpenAI;

  beforeAll(async () => {
    // If another program has the port already, it is taken all the same.
    busy.on('error', () => {}).listen(8787, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', () => resolve(true)).once('error', () => resolve(false)));
    supervisor = start({ ISARTOR_STANDIN_TOKENS_PER_S: '400', OPENAI_API_KEY: 'sk-not-to-be-used' });
    await supervisor.line(READY);
    const { baseURL, apiKey } = await printed(supervisor);
    openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  });
  afterAll(async () => {
    await stopAll();
    busy.close();
  });

  it('says what runs where, that a stand-in answers, and that a taken default port was left to its owner', async () => {
    expect(await supervisor.line(/stand-in model answers/)).toContain('ISARTOR__EXTERNAL_LLM_API_KEY');
    expect(await supervisor.line(/port 8787 is taken/)).toMatch(/the edge listens on \d+/);
    expect(await supervisor.line(/OPENAI_API_KEY/)).toContain(
      'ISARTOR__EXTERNAL_LLM_API_KEY="$OPENAI_API_KEY" npm start',
    );
    expect(openai.baseURL).not.toContain(':8787');
  });

  it('keeps its key in a file that nobody else can read', () => {
    const file = join(STATE_DIR, 'dev-key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim()).toBe(openai.apiKey);
  });

  it('answers the printed curl line, and its repetition from the exact cache at the edge', async () => {
    // Not the printed question itself: a developer may have asked that, and a run of this test before.
    const line = (await supervisor.line(/^ {2}curl -i /)).replace('reset my password', `reset password ${Date.now()}`);
    const first = (await run('bash', ['-c', line])).stdout;
    expect(first).toMatch(/^HTTP\/1\.1 200/);
    expect(first).toMatch(/x-isartor-layer: l3/i);
    const second = (await run('bash', ['-c', line])).stdout;
    expect(second).toMatch(/x-isartor-layer: l1a/i);
    expect(second).toMatch(/x-isartor-edge: hit/i);
    await supervisor.line(/^\/v1\/chat\/completions +200 +l3 +edge miss +[\d.]+ ms +\$0 not spent$/);
    await supervisor.line(/^\/v1\/chat\/completions +200 +l1a +edge hit +[\d.]+ ms +\$0 not spent$/);
  });

  it('serves the official client, streams included, token by token', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: `Stream this, ${Date.now()}` }];
    const stream = await openai.chat.completions.create({ model: 'isartor-standin', messages, stream: true });
    let chunks = 0;
    for await (const chunk of stream) chunks += chunk.choices[0]?.delta.content ? 1 : 0;
    expect(chunks).toBeGreaterThan(10);
  });

  it('refuses a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: openai.baseURL, apiKey: 'wrong', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
    await supervisor.line(/^\/v1\/models +401 /);
  });

  it('passes the test that a deployment has to pass, and a wrong key does not', async () => {
    const smoke = (key: string): Promise<{ stdout: string }> => {
      const env = { PATH: process.env['PATH'], ISARTOR__GATEWAY_API_KEY: key };
      return run(process.execPath, [join(ROOT, 'infra/docker/smoke-test.ts'), openai.baseURL], { env });
    };
    expect((await smoke(String(openai.apiKey))).stdout).toMatch(/^(?:ok .+\n){3}$/);
    await expect(smoke('wrong')).rejects.toMatchObject({ stdout: expect.stringMatching(/FAILED a call twice .*401/) });
  });

  it('shows no secret on a command line', async () => {
    const commands = (await supervisor.descendants()).map((one) => one.command).join('\n');
    expect(commands).toMatch(/workerd/);
    expect(commands).not.toContain(openai.apiKey);
    expect(commands).not.toMatch(/[0-9a-f]{64}/);
  });

  it('is used by npm run demo, which leaves it running', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'demo '));
    const now = Date.now();
    const prompts = ['a', 'b', 'a', 'a'].map((one) => JSON.stringify({ prompt: `${one} ${now}` }));
    writeFileSync(join(dir, 'prompts.jsonl'), prompts.join('\n'));
    const args = [
      '--conditions=isartor-source',
      join(ROOT, 'infra/local/src/demo.ts'),
      '--prompts',
      join(dir, 'prompts.jsonl'),
      '--json',
      join(dir, 'report.json'),
    ];
    const env = { ...process.env, ISARTOR_EDGE_URL: openai.baseURL, ISARTOR__GATEWAY_API_KEY: String(openai.apiKey) };
    const { stdout } = await run(process.execPath, args, { env });
    expect(stdout).toMatch(/l1a +exact cache +2 +50\.0 %/);
    expect(JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8'))).toMatchObject({
      requests: 4,
      failed: 0,
      edgeHits: 2,
    });
    rmSync(dir, { recursive: true });
    expect((await openai.models.list()).data.length).toBeGreaterThan(0);
  });

  it('leaves nothing running after Ctrl-C, and ends well', async () => {
    const processes = await supervisor.descendants();
    expect(processes.length).toBeGreaterThanOrEqual(4);
    supervisor.interrupt();
    expect((await supervisor.ended).code).toBe(0);
    expect(await allGone(processes, 1_000)).toBe(true);
    expect(existsSync(join(STATE_DIR, 'run.json'))).toBe(false);
  });
});

describe('whatever happens', () => {
  afterEach(stopAll);

  it('a core that dies ends the rest, with one line and a non-zero exit', async () => {
    const supervisor = start();
    await supervisor.line(READY);
    const processes = await supervisor.descendants();
    const core = processes.find((one) => one.command.includes(join('core', 'src', 'main.ts')));
    process.kill(core?.pid ?? -1, 'SIGKILL');
    const { code, stderr } = await supervisor.ended;
    expect(code).toBe(1);
    expect(stderr).toEqual(['isartor: the core ended by SIGKILL']);
    expect(await allGone(processes)).toBe(true);
  });

  it('a supervisor that is killed outright takes its children along', async () => {
    const supervisor = start();
    await supervisor.line(READY);
    const processes = await supervisor.descendants();
    process.kill(supervisor.pid, 'SIGKILL');
    await supervisor.ended;
    expect(await allGone(processes)).toBe(true);
  });

  it('Ctrl-C in the middle of the start leaves nothing either', async () => {
    const supervisor = start();
    await supervisor.line(/starting …/);
    const processes = await supervisor.descendants();
    supervisor.interrupt();
    expect((await supervisor.ended).code).toBe(0);
    expect(await allGone(processes)).toBe(true);
  });
});

describe('one line and a non-zero exit', () => {
  const taken = createServer();
  afterAll(() => taken.close());
  afterEach(stopAll);

  it('when a configured port is taken', async () => {
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const port = portOf(taken);
    const { code, stderr } = await start({ ISARTOR_EDGE_PORT: String(port) }).ended;
    expect(code).toBe(1);
    expect(stderr).toEqual([
      `isartor: ISARTOR_EDGE_PORT: port ${port} on 127.0.0.1 is taken; end what listens there, or name another`,
    ]);
  });

  it('when a setting is bad', async () => {
    const { code, stdout, stderr } = await start({ ISARTOR__CACHE_TTL_SECS: 'soon' }).ended;
    expect(code).toBe(1);
    expect(stdout).toEqual([]);
    expect(stderr).toEqual([expect.stringMatching(/^isartor: ISARTOR__CACHE_TTL_SECS: "soon" /)]);
  });

  it('when workerd is missing', async () => {
    const supervisor = start({ MINIFLARE_WORKERD_PATH: '/nowhere/workerd' });
    const { code, stderr } = await supervisor.ended;
    expect(code).toBe(1);
    expect(stderr).toEqual([expect.stringMatching(/^isartor: .*\/nowhere\/workerd/)]);
  });
});

it(
  'runs on a Redis: what the core stores, the edge serves, and a second start finds it',
  { timeout: 60_000 },
  async ({ skip }) => {
    const redis = await testRedis({ own: true });
    if ('skip' in redis) {
      skip(redis.skip);
      return;
    }
    const env = {
      ISARTOR__CACHE_BACKEND: 'redis',
      ISARTOR__REDIS_URL: redis.url,
      ISARTOR_STANDIN_TOKENS_PER_S: '2000',
      ISARTOR_STANDIN_PORT: '8189',
    };
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Only Redis can know this' }];
    try {
      const first = start(env);
      await first.line(READY);
      // A stream: the Worker itself keeps no copy of it, so that the next answer can only come from Redis.
      const client = new OpenAI({ ...(await printed(first)), maxRetries: 0 });
      await client.chat.completions.stream({ model: 'isartor-standin', messages }).finalChatCompletion();
      const ask = (one: OpenAI): Promise<{ response: Response }> =>
        one.chat.completions.create({ model: 'isartor-standin', messages }).withResponse();
      const edge = async (one: OpenAI): Promise<string | null> =>
        (await ask(one)).response.headers.get('x-isartor-edge');
      // The Worker may remember for 5 s that there was no tenant record yet.
      await expect.poll(() => edge(client), { timeout: 10_000, interval: 250 }).toBe('hit');
      await stopAll();

      const second = start(env);
      await second.line(READY);
      const again = new OpenAI({ ...(await printed(second)), maxRetries: 0 });
      await expect.poll(() => edge(again), { timeout: 10_000, interval: 250 }).toBe('hit');
    } finally {
      await stopAll();
      await redis.stop();
    }
  },
);
