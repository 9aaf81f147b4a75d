import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import Anthropic from '@anthropic-ai/sdk';
import { encodeSseEvent, HEADER, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  fakeUpstream,
  jsonAnswer,
  messageBody,
  messageRequest,
  type FakeAnswer,
  type FakeStep,
  type FakeUpstream,
  type RecordedRequest,
} from '@isartor/shared/testing';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsCredentials } from '../src/upstream/bedrock/aws-credentials.ts';
import { BedrockClient } from '../src/upstream/bedrock/client.ts';
import type { UpstreamCall } from '../src/upstream/upstream.port.ts';
import { bedrockChunk, bedrockException } from './support/event-stream.ts';
import { startCore, TEST_KEY } from './support/start-core.ts';
import { faultOf, replyText, upstreamCall } from './support/upstream-call.ts';

const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const ID = 'AKIDEXAMPLE';
const SECRET = 'aws-secret-0123456789';
const SESSION = 'aws-session-0123456789';
const REGION = 'eu-central-1';
/** Nothing of the machine's own is to be found. */
const NOWHERE = { AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: '', AWS_REGION: REGION };

let bedrock: FakeUpstream;
let source: FakeUpstream;
let folder: string;
const clients: BedrockClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isartor-bedrock-'));
  [bedrock, source] = await Promise.all([fakeUpstream({ respond: jsonAnswer(messageBody('said')) }), fakeUpstream()]);
  environment({ AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: SESSION });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all([bedrock.close(), source.close(), rm(folder, { recursive: true })]);
});

function environment(given: Readonly<Record<string, string>>): void {
  vi.unstubAllEnvs();
  const none = { AWS_CONFIG_FILE: join(folder, 'none'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none') };
  for (const [name, value] of Object.entries({ ...NOWHERE, ...none, ...given })) vi.stubEnv(name, value);
}

function client(apiKey?: string): BedrockClient {
  const made = new BedrockClient({
    name: 'bedrock',
    url: bedrock.origin,
    region: REGION,
    apiKey,
    betweenBytesMs: 5_000,
  });
  clients.push(made);
  return made;
}

function callOf(body: JsonObject | string, overrides: Partial<UpstreamCall> = {}): UpstreamCall {
  return upstreamCall('anthropic.messages', body, { model: MODEL, ...overrides });
}

const EVENTS: readonly JsonObject[] = [
  { type: 'message_start', message: { ...messageBody(''), content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüß Gott' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
  { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 9 } },
];

function eventName({ type }: JsonObject): string {
  return typeof type === 'string' ? type : '';
}

function streamed(steps: readonly FakeStep[]): FakeAnswer {
  return { kind: 'stream', headers: { 'content-type': 'application/vnd.amazon.eventstream' }, steps };
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** The signature that this request must have, derived anew from the secret, as AWS documents it. */
function signatureFor({ method, path, headers, body }: RecordedRequest, secret: string): string {
  const [, scope = '', signed = ''] =
    /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '') ?? [];
  const [day = '', region = '', service = ''] = scope.split('/');
  const lines = signed.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonicalPath = path.split('/').map(encodeURIComponent).join('/');
  const request = [method, canonicalPath, '', lines.join(''), signed, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(request)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (from, part) => hmac(from, part),
    `AWS4${secret}`,
  );
  return hmac(key, text).toString('hex');
}

describe('a request for one of Anthropic’s models', () => {
  it('is what invokes the model: all other bytes are the client’s', async () => {
    const body = `{"model":"${MODEL}", "max_tokens": 9,"messages":[{"role":"user","content":"é"}],"stream":false,"x":1.0}`;
    const headers = [
      ['anthropic-version', '2023-06-01'],
      ['anthropic-beta', 'one, two'],
      ['user-agent', 'sdk'],
    ] as const;
    await replyText(await client().call(callOf(body, { headers })));
    const [request] = bedrock.requests;
    expect(request?.url).toBe('/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke');
    expect(Buffer.from(request?.body ?? []).toString()).toBe(
      '{"anthropic_beta":["one","two"],"anthropic_version":"bedrock-2023-05-31", "max_tokens": 9,"messages":[{"role":"user","content":"é"}],"x":1.0}',
    );
    expect([
      request?.headers['anthropic-beta'],
      request?.headers['anthropic-version'],
      request?.headers['user-agent'],
    ]).toEqual([undefined, undefined, 'sdk']);
  });

  it('is signed with the workload’s credentials, as AWS derives the signature from the secret', async () => {
    await replyText(await client().call(callOf(messageRequest())));
    const [request] = bedrock.requests;
    const authorization = request?.headers['authorization'] ?? '';
    expect(authorization).toMatch(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=${ID}/\\d{8}/${REGION}/bedrock/aws4_request`),
    );
    expect(authorization).toMatch(
      /SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token/,
    );
    expect(request?.headers['x-amz-security-token']).toBe(SESSION);
    expect(request === undefined ? '' : signatureFor(request, SECRET)).toBe(/Signature=(\w+)/.exec(authorization)?.[1]);
    expect(JSON.stringify(request?.headers)).not.toContain(SECRET);
  });

  it('goes with a Bedrock API key where there is one', async () => {
    await replyText(await client('bedrock-key').call(callOf(messageRequest())));
    expect(bedrock.requests[0]?.headers['authorization']).toBe('Bearer bedrock-key');
  });

  it('that is refused is told in Anthropic’s form', async () => {
    bedrock.respondWith({ kind: 'json', status: 429, body: { message: 'Too many tokens' } });
    const reply = await client().call(callOf(messageRequest()));
    expect([reply.status, JSON.parse(await replyText(reply))]).toEqual([
      429,
      { type: 'error', error: { type: 'rate_limit_error', message: 'Too many tokens' } },
    ]);
  });
});

it('a request for one of the models behind OpenAI’s API passes through at a path of its own', async () => {
  bedrock.respondWith(jsonAnswer(chatBody('said')));
  const body = '{"model":"openai.gpt-oss-20b-1:0","messages":[],"x":1.0}';
  await replyText(await client().call(callOf(body, { operation: 'openai.chat', model: 'openai.gpt-oss-20b-1:0' })));
  const [request] = bedrock.requests;
  expect([request?.url, Buffer.from(request?.body ?? []).toString()]).toEqual(['/openai/v1/chat/completions', body]);
  expect(request?.headers['authorization']).toContain(
    request === undefined ? '' : `Signature=${signatureFor(request, SECRET)}`,
  );
});

describe('a stream', () => {
  it('is Anthropic’s, however its bytes are cut', async () => {
    const bytes = Buffer.concat(EVENTS.map(bedrockChunk));
    const expected = EVENTS.map((event) =>
      encodeSseEvent({ event: eventName(event), data: JSON.stringify(event) }),
    ).join('');
    for (const size of [1_000_000, 7]) {
      const steps = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      bedrock.respondWith(streamed(steps));
      const reply = await client().call(callOf({ ...messageRequest(), stream: true }, { stream: true }));
      expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(await replyText(reply)).toBe(expected);
    }
    expect(bedrock.requests[0]?.path).toMatch(/\/invoke-with-response-stream$/);
  });

  const [FIRST = {}] = EVENTS;
  const broken = Buffer.from(bedrockChunk(FIRST));
  broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
  it.each([
    [
      'an exception',
      [bedrockException('throttlingException', SECRET)],
      'upstream_error',
      'Bedrock broke its answer off: throttlingException.',
    ],
    [
      'a timeout of the model',
      [bedrockException('modelTimeoutException', 'x')],
      'upstream_timeout',
      'Bedrock broke its answer off: modelTimeoutException.',
    ],
    [
      'an exception of a strange name',
      [bedrockException('<x>', 'x')],
      'upstream_error',
      'Bedrock broke its answer off: an exception without a name.',
    ],
    [
      'a checksum that is wrong',
      [broken],
      'upstream_error',
      'The provider sent something that is not an event stream.',
    ],
    [
      'no such framing',
      [Buffer.from('data: {"type":"ping"}\n\n')],
      'upstream_error',
      'The provider sent something that is not an event stream.',
    ],
    [
      'an end in the middle of an event',
      [broken.subarray(0, 40)],
      'stream_interrupted',
      'The provider ended its stream in the middle of an event.',
    ],
  ])('that has %s in it is a fault of ours after what came before', async (_what, steps, code, message) => {
    bedrock.respondWith(streamed([Buffer.concat([bedrockChunk(FIRST), ...steps])]));
    const { body } = await client().call(callOf({ ...messageRequest(), stream: true }, { stream: true }));
    const parts = body[Symbol.asyncIterator]();
    expect(Buffer.from((await parts.next()).value ?? []).toString()).toContain('message_start');
    expect(await faultOf(parts.next())).toEqual([code, message, undefined]);
  });

  it('reaches the official SDK through the gateway, and no secret any log', async () => {
    let told = '';
    const sink = new PassThrough().on('data', (data: Buffer) => (told += data.toString()));
    const providers = [{ name: 'aws', preset: 'bedrock', region: REGION, url: bedrock.origin, model: MODEL }];
    const env = { ISARTOR__L3__PROVIDERS: JSON.stringify(providers), ISARTOR__CACHE_MODE: 'off' };
    const core = await startCore(bedrock.url, env, pino({ level: 'trace' }, sink));
    const sdk = new Anthropic({ baseURL: core.origin, apiKey: TEST_KEY, maxRetries: 0 });
    const ask = { model: MODEL, max_tokens: 9, messages: [{ role: 'user' as const, content: 'hi' }] };
    bedrock.respondWith(streamed(EVENTS.map(bedrockChunk)));
    const message = await sdk.messages.stream(ask).finalMessage();
    expect([message.content, message.usage.output_tokens]).toEqual([[{ type: 'text', text: 'Grüß Gott' }], 3]);
    bedrock.respondWith({ kind: 'json', status: 403, body: { message: `The security token ${SESSION} is expired` } });
    const refused = await core.post('/v1/messages', ask);
    expect([refused.status, refused.headers.get(HEADER.error)]).toEqual([502, 'upstream']);
    expect(`${told}${await refused.text()}`).not.toMatch(/aws-se|Signature=/);
    const counted = await core.post('/v1/messages/count_tokens', ask);
    expect(counted.status).toBe(404);
    await core.stop();
  });
});

describe('the workload’s credentials', () => {
  const lifeSecs = 3_600;
  const expiration = (): string => new Date(Math.floor(Date.now() / 1_000) * 1_000 + lifeSecs * 1_000).toISOString();
  const issued = (at: number): JsonObject => ({
    AccessKeyId: `ID${at}`,
    SecretAccessKey: `${SECRET}-${at}`,
    Token: SESSION,
    Expiration: expiration(),
  });

  it('of a pod or a task are got once for many calls, and anew where they are refused', async () => {
    await writeFile(join(folder, 'token'), 'pod-token');
    environment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${source.origin}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token'),
    });
    source.respondWith(() => jsonAnswer(issued(source.requests.length)));
    const one = client();
    await Promise.all(Array.from({ length: 8 }, async () => replyText(await one.call(callOf(messageRequest())))));
    expect([bedrock.requests.length, source.requests.length]).toEqual([8, 1]);
    expect(source.requests[0]?.headers['authorization']).toBe('pod-token');
    bedrock.respondWith(({ headers }) =>
      headers['authorization']?.includes('ID1/') === true
        ? { kind: 'json', status: 403, body: { message: 'expired' } }
        : jsonAnswer(messageBody('said')),
    );
    expect((await one.call(callOf(messageRequest()))).status).toBe(200);
    const last = bedrock.requests.at(-1);
    expect(last?.headers['authorization']).toContain(
      last === undefined ? '' : `Signature=${signatureFor(last, `${SECRET}-2`)}`,
    );
    expect(source.requests.length).toBe(2);
  });

  it('of a web identity are what the token service gives for it, and for as long as it says', async () => {
    await writeFile(join(folder, 'token'), 'web-token');
    environment({
      AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/gateway',
      AWS_ENDPOINT_URL_STS: source.origin,
    });
    const expires = expiration();
    source.respondWith({
      kind: 'text',
      headers: { 'content-type': 'text/xml' },
      body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>WEB</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>${SESSION}</SessionToken><Expiration>${expires}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    });
    const { value, expiresAtMs } = await awsCredentials(REGION);
    expect([value.accessKeyId, value.sessionToken, expiresAtMs]).toEqual(['WEB', SESSION, Date.parse(expires)]);
    expect(
      Object.fromEntries(new URLSearchParams(Buffer.from(source.requests[0]?.body ?? []).toString())),
    ).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      WebIdentityToken: 'web-token',
    });
  });

  it('that are not to be had are the operator’s to mend', async () => {
    environment({});
    const fault = await faultOf(client().call(callOf(messageRequest())));
    expect(fault).toEqual([
      'upstream_refused_us',
      expect.stringMatching(/^The gateway got no credentials for the provider bedrock: /),
      undefined,
    ]);
    expect(bedrock.requests.length).toBe(0);
  });
});
