import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portOf } from '../stack/port-of.ts';
import { freePort } from '../testing/free-port.ts';
import { fetchModel } from './fetch-model.ts';
import type { PinnedFile, PinnedModel } from './pinned-model.ts';

const WEIGHTS = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 2_654_435_761) & 255));
const TOKENIZER = Buffer.from('{"model":{}}');
const WAITS = { silenceMs: 300, totalMs: 10_000, retryMs: 1 };

const pinned = (name: string, path: string, content: Buffer): PinnedFile => ({
  name,
  path,
  bytes: content.byteLength,
  sha256: createHash('sha256').update(content).digest('hex'),
});
const MODEL: PinnedModel = {
  name: 'some-model',
  place: 'someone/some-model/resolve/1',
  tokenizer: pinned('tokenizer.json', 'tokenizer.json', TOKENIZER),
  float32: pinned('model.onnx', 'onnx/model.onnx', WEIGHTS),
  int8: pinned('model_quantized.onnx', 'onnx/model_quantized.onnx', WEIGHTS.subarray(0, 1_000)),
  manifest: { pooling: 'mean', window: 256 },
};
const FILES: Readonly<Record<string, Buffer>> = {
  '/m/tokenizer.json': TOKENIZER,
  '/m/onnx/model.onnx': WEIGHTS,
  '/m/onnx/model_quantized.onnx': WEIGHTS.subarray(0, 1_000),
};

type Handler = (request: IncomingMessage, response: ServerResponse, content: Buffer) => void;

let server: Server;
let folder: string;
let url: string;
/** What was asked for: path, and range where there was one. */
let asked: string[];
/** How the n-th request for the weights is answered; beyond the list, as a hub does. */
let faults: Handler[];

/** A hub with ranges. */
const served: Handler = (request, response, content) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from === 0) return void response.writeHead(200, { 'content-length': content.byteLength }).end(content);
  const range = `bytes ${from}-${content.byteLength - 1}/${content.byteLength}`;
  response.writeHead(206, { 'content-range': range }).end(content.subarray(from));
};
const status =
  (code: number): Handler =>
  (_request, response) =>
    void response.writeHead(code).end('no');
/** The half that is left from where it was asked for, and then nothing more. */
const cut: Handler = (request, response, content) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const half = content.subarray(from, from + Math.ceil((content.byteLength - from) / 2));
  const head = from === 0 ? 200 : 206;
  response.writeHead(head, {
    'content-length': content.byteLength - from,
    'content-range': `bytes ${from}-${content.byteLength - 1}/${content.byteLength}`,
  });
  response.write(half, () => setTimeout(() => response.destroy(), 20));
};

beforeEach(async () => {
  [asked, faults] = [[], []];
  folder = mkdtempSync(join(tmpdir(), 'isartor-model-'));
  writeFileSync(join(folder, 'calibration.json'), '{"threshold":0.85}');
  writeFileSync(join(folder, 'head.json'), '{"version":1}');
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/cdn/, '/m');
    asked.push([path, request.headers.range].filter((part) => part !== undefined).join(' '));
    const content = FILES[path];
    if (content === undefined) return status(404)(request, response, Buffer.alloc(0));
    const handle = path.endsWith('model.onnx') ? (faults.shift() ?? served) : served;
    handle(request, response, content);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${portOf(server)}/m`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  chmodSync(join(folder), 0o700);
  rmSync(folder, { recursive: true });
});

const dir = (): string => join(folder, 'model');
const fetched = (options: { quantized?: boolean; from?: string } = {}): Promise<void> =>
  fetchModel({
    model: MODEL,
    url: options.from ?? url,
    dir: dir(),
    quantized: options.quantized ?? false,
    calibratedIn: folder,
    tell: () => undefined,
    waits: WAITS,
  });
const content = (name: string): Buffer => readFileSync(join(dir(), name));

describe('a model that is fetched', () => {
  it('is a folder for semantic_cache.model_dir, with nothing left over', async () => {
    await fetched();
    expect(readdirSync(dir()).toSorted()).toEqual([
      'calibration.json',
      'head.json',
      'isartor.json',
      'model.onnx',
      'tokenizer.json',
    ]);
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
    expect(JSON.parse(content('isartor.json').toString())).toEqual({
      model: 'model.onnx',
      pooling: 'mean',
      window: 256,
    });
    expect(content('head.json').toString()).toBe('{"version":1}');
  });

  it('in 8 bits says so in the manifest, beside float32 weights too', async () => {
    await fetched();
    await fetched({ quantized: true });
    expect(JSON.parse(content('isartor.json').toString())).toMatchObject({ model: 'model_quantized.onnx' });
  });

  it('tells how far it is, up to the whole', async () => {
    const told = new Map<string, number>();
    const tell = ({ name }: PinnedFile, bytes: number): void => void told.set(name, bytes);
    await fetchModel({ model: MODEL, url, dir: dir(), quantized: false, calibratedIn: folder, tell, waits: WAITS });
    expect([...told.values()]).toEqual([TOKENIZER.byteLength, WEIGHTS.byteLength]);
  });

  it('is not asked for again, nor written: a folder that was filled needs no network and may be read-only', async () => {
    await fetched();
    const before = statSync(join(dir(), 'isartor.json')).mtimeMs;
    chmodSync(dir(), 0o500);
    asked = [];
    await fetched();
    expect(asked).toEqual([]);
    expect(statSync(join(dir(), 'isartor.json')).mtimeMs).toBe(before);
  });

  it('takes the place of a file that is another one', async () => {
    await fetched();
    writeFileSync(join(dir(), 'model.onnx'), Buffer.alloc(WEIGHTS.byteLength));
    await fetched();
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
  });
});

describe('a hub', () => {
  it('may send on to a store, which is asked for the rest too', async () => {
    const redirect: Handler = (_request, response) =>
      void response.writeHead(302, { location: '/cdn/onnx/model.onnx' }).end();
    faults = [redirect, cut, redirect, served];
    await fetched();
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
    expect(asked.filter((line) => line.includes('bytes=150000-'))).toHaveLength(2);
  });

  it('may break off time and again: what is there is kept', async () => {
    faults = Array.from({ length: 8 }, () => cut);
    await fetched();
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
    expect(asked.at(-1)).toMatch(/bytes=29\d{4}-$/);
  });

  it('may fall silent', async () => {
    const silent: Handler = (_request, response, bytes) => {
      response.writeHead(200).write(bytes.subarray(0, 100_000));
    };
    faults = [silent, served];
    await fetched();
    expect(asked.at(-1)).toContain('bytes=100000-');
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
  });

  it('may know no ranges: then the file comes whole', async () => {
    const whole: Handler = (_request, response, bytes) => void response.end(bytes);
    faults = [cut, whole];
    await fetched();
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
  });

  it.each([
    ['refuses a range', status(416)],
    [
      'sends another range than the one that was asked for',
      (_request, response, bytes) => void response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end(bytes),
    ],
  ] satisfies readonly (readonly [string, Handler])[])('that %s is asked for the whole', async (_what, fault) => {
    faults = [cut, fault, served];
    await fetched();
    expect(asked.at(-1)).toBe('/m/onnx/model.onnx');
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
  });

  it('may be overloaded for a while', async () => {
    faults = [status(503), status(429), served];
    await fetched();
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
  });

  it('that only ever fails is given up', async () => {
    faults = Array.from({ length: 20 }, () => status(500));
    await expect(fetched()).rejects.toThrow(`${url}/onnx/model.onnx: the server answers 500, 5 times in a row`);
    expect(asked).toHaveLength(6);
  });

  it('that nobody can reach is told with its address and the reason', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}/m`;
    await expect(fetched({ from: nobody })).rejects.toThrow(
      new RegExp(`^${nobody}/tokenizer\\.json: .+ECONNREFUSED.+, 5 times in a row$`),
    );
  });

  it('that does not have the file is asked once', async () => {
    faults = [status(404)];
    await expect(fetched()).rejects.toThrow(`${url}/onnx/model.onnx answers 404`);
    expect(asked).toHaveLength(2);
  });
});

describe('bytes that are not the pinned ones', () => {
  const other: Handler = (_request, response, bytes) => void response.end(Buffer.alloc(bytes.byteLength));

  it('are refused, and nothing of them stays', async () => {
    faults = [other];
    await expect(fetched()).rejects.toThrow(/onnx\/model\.onnx has the sha256 [0-9a-f]{64}, not [0-9a-f]{64}/);
    expect(readdirSync(dir())).toEqual(['tokenizer.json']);
  });

  it('are refused as soon as they are too many', async () => {
    const endless: Handler = (_request, response) => {
      const more = setInterval(() => response.write(Buffer.alloc(100_000)), 1);
      response.once('close', () => clearInterval(more));
    };
    faults = [endless];
    await expect(fetched()).rejects.toThrow('sends more than the 300000 bytes that are pinned');
    expect(existsSync(join(dir(), 'model.onnx.part'))).toBe(false);
  });

  it('of an earlier try are thrown away, and the file is fetched anew', async () => {
    await fetched({ quantized: true });
    writeFileSync(join(dir(), 'model.onnx.part'), Buffer.alloc(1_000));
    await fetched();
    expect(content('model.onnx').equals(WEIGHTS)).toBe(true);
    expect(asked.slice(-2)).toEqual(['/m/onnx/model.onnx bytes=1000-', '/m/onnx/model.onnx']);
  });
});

describe('npm run model:fetch', () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', 'model-fetch.ts'), ...args], { env });

  it('fetches from where it is told to, and says in one line what is wrong', async () => {
    const stderr = `isartor: ${url}/nowhere/tokenizer.json answers 404\n`;
    await expect(run(['--dir', dir(), '--url', `${url}/nowhere/`])).rejects.toMatchObject({ code: 1, stderr });
    const mirror = { ISARTOR_MODEL_URL: `${url}/nowhere` };
    await expect(run(['--dir', dir(), '--quantized'], mirror)).rejects.toMatchObject({ code: 1, stderr });
    const hub = { HF_ENDPOINT: url };
    await expect(run(['--dir', dir()], hub)).rejects.toMatchObject({
      stderr: expect.stringMatching(
        /\/m\/Xenova\/all-MiniLM-L6-v2\/resolve\/[0-9a-f]{40}\/tokenizer\.json answers 404/,
      ),
    });
  });

  it.each([
    [['--quick'], /^isartor: Unknown option '--quick'.*; npm run model:fetch -- --help lists the options\n$/],
    [['--url', 'file:///m'], /^isartor: "file:\/\/\/m" is no http or https address\n$/],
  ])('with %j does nothing', async (args, stderr) => {
    await expect(run(args)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(stderr) });
    expect(asked).toEqual([]);
  });

  it('explains itself', async () => {
    expect((await run(['--help'])).stdout).toContain('--quantized');
  });
});
