import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADER } from '@isartor/shared';
import {
  errorAnswer,
  fakeUpstream,
  geminiBody,
  geminiRequest,
  jsonAnswer,
  messageBody,
  messageRequest,
  messageStream,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { googleToken } from '../src/upstream/vertex/google-token.ts';
import { VertexClient } from '../src/upstream/vertex/client.ts';
import type { UpstreamCall } from '../src/upstream/upstream.port.ts';
import { startCore } from './support/start-core.ts';
import { tunnelledHost } from './support/tunnelled-host.ts';
import { faultOf, replyText, upstreamCall } from './support/upstream-call.ts';

const GENERATE = '/v1beta/models/gemini-2.5-flash:generateContent';
const STREAM = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';
const BASE = '/v1/projects/p/locations/global';
const POD_TOKEN = 'pod-token-0123456789';

let vertex: FakeUpstream;
let google: FakeUpstream;
let folder: string;
let issued: number;
const clients: VertexClient[] = [];

beforeEach(async () => {
  issued = 0;
  folder = await mkdtemp(join(tmpdir(), 'isartor-vertex-'));
  [vertex, google] = await Promise.all([
    fakeUpstream({ respond: jsonAnswer(geminiBody('said')) }),
    fakeUpstream({
      respond: () => ({
        kind: 'json',
        headers: { 'metadata-flavor': 'Google' },
        body: { access_token: `token-${(issued += 1)}`, expires_in: 3_600, token_type: 'Bearer' },
      }),
    }),
  ]);
  await writeFile(join(folder, 'token'), POD_TOKEN);
  // A federated identity, as `gcloud iam workload-identity-pools create-cred-config` writes it.
  const identity = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/cluster',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${google.origin}/v1/token`,
    credential_source: { file: join(folder, 'token') },
  };
  await writeFile(join(folder, 'identity.json'), JSON.stringify(identity));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'identity.json'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.splice(0).map((made) => made.close()));
  await Promise.all([vertex.close(), google.close(), rm(folder, { recursive: true })]);
});

function client(): VertexClient {
  const made = new VertexClient({ name: 'vertex', url: `${vertex.origin}${BASE}`, betweenBytesMs: 5_000 });
  clients.push(made);
  return made;
}

function generate(overrides: Partial<UpstreamCall> = {}): UpstreamCall {
  return upstreamCall('gemini.generate', geminiRequest(), { path: GENERATE, ...overrides });
}

const bodyOf = (index: number): string => Buffer.from(vertex.requests[index]?.body ?? []).toString();
const credentials = (): unknown[] => vertex.requests.map(({ headers }) => headers['authorization']);

describe('Gemini’s models', () => {
  it('get the body untouched, at Vertex’s path for the same model and method', async () => {
    const body = '{"contents":[],"unknown_field":[1.0]}';
    const one = client();
    await replyText(await one.call(upstreamCall('gemini.generate', body, { path: GENERATE })));
    await replyText(await one.call(upstreamCall('gemini.generate', body, { path: STREAM, query: '?alt=sse' })));
    expect(vertex.requests.map(({ url }) => url)).toEqual([
      `${BASE}/publishers/google/models/gemini-2.5-flash:generateContent`,
      `${BASE}/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
    ]);
    expect([bodyOf(0), bodyOf(1)]).toEqual([body, body]);
  });

  it('that are tuned have no place there, and nobody is asked', async () => {
    const [code] = await faultOf(client().call(generate({ path: '/v1beta/tunedModels/mine:generateContent' })));
    expect([code, vertex.requests.length]).toEqual(['model_not_found', 0]);
  });
});

describe('Anthropic’s models', () => {
  const model = 'claude-sonnet-4-5@20250929';

  it('have their name in the path and the version in the body, whose other bytes are the client’s', async () => {
    const headers = [['anthropic-beta', 'context-1m-2025-08-07']] as const;
    const body = `{"max_tokens": 9, "model": "${model}","messages":[{"role":"user","content":"é"}],"x":1.0}`;
    await replyText(
      await client().call(upstreamCall('anthropic.messages', body, { model, headers, query: '?beta=true' })),
    );
    const [request] = vertex.requests;
    expect(request?.url).toBe(`${BASE}/publishers/anthropic/models/${model}:rawPredict`);
    expect(bodyOf(0)).toBe(
      '{"anthropic_version":"vertex-2023-10-16","max_tokens": 9,"messages":[{"role":"user","content":"é"}],"x":1.0}',
    );
    expect(request?.headers['anthropic-beta']).toBe('context-1m-2025-08-07');
  });

  it('stream by a method of their own, and count tokens by a model of that name', async () => {
    const one = client();
    const streamed = `{"anthropic_version":"theirs","model":"${model}","stream":true}`;
    await replyText(await one.call(upstreamCall('anthropic.messages', streamed, { model, stream: true })));
    await replyText(await one.call(upstreamCall('anthropic.count_tokens', `{"model":"${model}"}`, { model })));
    expect(vertex.requests.map(({ url }) => url.split('/').at(-1))).toEqual([
      `${model}:streamRawPredict`,
      'count-tokens:rawPredict',
    ]);
    expect([bodyOf(0), bodyOf(1)]).toEqual([
      '{"anthropic_version":"theirs","stream":true}',
      `{"anthropic_version":"vertex-2023-10-16","model":"${model}"}`,
    ]);
  });
});

it('both are reached through the gateway, each by its own API', async () => {
  const at = { preset: 'vertex', url: `${vertex.origin}${BASE}` };
  const providers = [
    { ...at, name: 'google', model: 'gemini-2.5-flash' },
    { ...at, name: 'claude', dialect: 'anthropic', model: 'claude-haiku-4-5' },
  ];
  const core = await startCore(vertex.url, { ISARTOR__L3__PROVIDERS: JSON.stringify(providers) });
  expect((await core.post(GENERATE, geminiRequest())).headers.get(HEADER.provider)).toBe('google');
  vertex.respondWith(messageStream(messageBody('said')));
  const answer = await core.post('/v1/messages', { ...messageRequest(), stream: true });
  expect([answer.headers.get(HEADER.provider), await answer.text()]).toEqual([
    'claude',
    expect.stringContaining('message_stop'),
  ]);
  await core.stop();
});

describe('Google’s tokens', () => {
  it('are got once for many calls, for a federated identity’s own', async () => {
    const one = client();
    await Promise.all(Array.from({ length: 8 }, async () => replyText(await one.call(generate()))));
    expect(credentials().length).toBe(8);
    expect(new Set(credentials())).toEqual(new Set(['Bearer token-1']));
    expect(google.requests.length).toBe(1);
    const form = new URLSearchParams(Buffer.from(google.requests[0]?.body ?? []).toString());
    expect([form.get('subject_token'), form.get('scope')]).toEqual([
      POD_TOKEN,
      'https://www.googleapis.com/auth/cloud-platform',
    ]);
  });

  it('are good for as long as Google says', async () => {
    const nowMs = Date.now();
    const { value, expiresAtMs = 0 } = await googleToken('p');
    expect(value).toBe('token-1');
    expect(Math.abs(expiresAtMs - nowMs - 3_600_000)).toBeLessThan(10_000);
  });

  it('are got anew where they are refused', async () => {
    vertex.respondWith(({ headers }) =>
      headers['authorization'] === 'Bearer token-1' ? errorAnswer(401, 'expired') : jsonAnswer(geminiBody('said')),
    );
    expect((await client().call(generate())).status).toBe(200);
    expect(credentials()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('are got with the key of a service account, which signs for itself', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const account = {
      type: 'service_account',
      project_id: 'p',
      client_email: 'isartor@p.iam.gserviceaccount.com',
      private_key_id: 'k1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
    await writeFile(join(folder, 'account.json'), JSON.stringify(account));
    // The library knows one address for these accounts, whatever their file says.
    const host = await tunnelledHost('oauth2.googleapis.com', google.origin);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'account.json'));
    vi.stubEnv('HTTPS_PROXY', host.proxyUrl);
    try {
      expect((await client().call(generate())).status).toBe(200);
    } finally {
      await host.close();
    }
    expect([host.destinations, credentials()]).toEqual([['oauth2.googleapis.com:443'], ['Bearer token-1']]);
    const form = new URLSearchParams(Buffer.from(google.requests[0]?.body ?? []).toString());
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: account.client_email,
      aud: 'https://oauth2.googleapis.com/token',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('come from the metadata server where there is no file', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    vi.stubEnv('HOME', folder);
    vi.stubEnv('CLOUDSDK_CONFIG', folder);
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
    vi.stubEnv('GCE_METADATA_HOST', google.origin.slice('http://'.length));
    expect((await client().call(generate())).status).toBe(200);
    expect(credentials()).toEqual(['Bearer token-1']);
    expect(google.requests.at(-1)?.path).toBe('/computeMetadata/v1/instance/service-accounts/default/token');
  });

  it('that are not to be had are the operator’s to mend, and nothing of them is told', async () => {
    google.respondWith({ kind: 'json', status: 400, body: { error: 'invalid_grant', error_description: POD_TOKEN } });
    expect(await faultOf(client().call(generate()))).toEqual([
      'upstream_refused_us',
      'The gateway got no credentials for the provider vertex: their source failed (400). This is for the operator to mend.',
      undefined,
    ]);
    expect(vertex.requests.length).toBe(0);
  });
});
