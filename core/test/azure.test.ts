import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureIdentityOf } from '../src/config/azure-identity.ts';
import { AzureClient, type AzureClientOptions } from '../src/upstream/azure/client.ts';
import { entraToken } from '../src/upstream/azure/entra-token.ts';
import { HttpClient } from '../src/upstream/transport/client.ts';
import { startCore, type RunningCore } from './support/start-core.ts';
import { faultOf, replyText, upstreamCall } from './support/upstream-call.ts';

const CHAT = '/v1/chat/completions';
const POD_TOKEN = 'pod-token-0123456789';

let azure: FakeUpstream;
let entra: FakeUpstream;
let standby: FakeUpstream;
let folder: string;
let told: string;
let issued: number;
const cores: RunningCore[] = [];
const clients: AzureClient[] = [];

beforeEach(async () => {
  told = '';
  issued = 0;
  folder = await mkdtemp(join(tmpdir(), 'isartor-azure-'));
  await writeFile(join(folder, 'token'), `${POD_TOKEN}\n`);
  [azure, entra, standby] = await Promise.all([
    fakeUpstream({ respond: jsonAnswer(chatBody('said')) }),
    fakeUpstream({ respond: () => jsonAnswer({ access_token: `token-${(issued += 1)}`, expires_in: 3_600 }) }),
    fakeUpstream({ respond: wellBehaved }),
  ]);
});

afterEach(async () => {
  for (const core of cores.splice(0)) await core.stop();
  await Promise.all(clients.splice(0).map((made) => made.close()));
  await Promise.all([azure.close(), entra.close(), standby.close(), rm(folder, { recursive: true })]);
});

function client(
  options: Partial<AzureClientOptions> = {},
  env: Readonly<Record<string, string>> = federated(),
): AzureClient {
  const made = new AzureClient({
    name: 'azure',
    url: `${azure.origin}/openai/v1`,
    apiVersion: undefined,
    apiKey: undefined,
    identity: azureIdentityOf(env),
    betweenBytesMs: 5_000,
    ...options,
  });
  clients.push(made);
  return made;
}

async function start(): Promise<RunningCore> {
  const sink = new PassThrough();
  sink.on('data', (data: Buffer) => (told += data.toString()));
  const providers = [
    { name: 'azure', preset: 'azure', url: `${azure.origin}/openai/v1`, model: 'my-deployment' },
    { name: 'standby', url: standby.url, model: 'm' },
  ];
  const core = await startCore(
    azure.url,
    {
      ISARTOR__L3__PROVIDERS: JSON.stringify(providers),
      ISARTOR__CACHE_MODE: 'off',
      ISARTOR__L3__RETRY__BASE_WAIT_MS: '0',
      ...federated(),
    },
    pino({ level: 'trace' }, sink),
  );
  cores.push(core);
  return core;
}

function federated(): Record<string, string> {
  return {
    AZURE_FEDERATED_TOKEN_FILE: join(folder, 'token'),
    AZURE_CLIENT_ID: 'client',
    AZURE_TENANT_ID: 'tenant',
    AZURE_AUTHORITY_HOST: `${entra.origin}/`,
  };
}

function credentials(): unknown[] {
  return azure.requests.map(({ headers }) => headers['authorization'] ?? headers['api-key']);
}

describe('a resource asked with its key', () => {
  it('gets the body untouched, at the path of the API without dates', async () => {
    const body = '{"model":"my-deployment","messages":[],"unknown_field":[1.0]}';
    const call = upstreamCall('openai.chat', body, { query: '?api-version=preview' });
    await replyText(await client({ apiKey: 'azure-key' }).call(call));
    const [request] = azure.requests;
    expect(request?.url).toBe('/openai/v1/chat/completions?api-version=preview');
    expect([request?.headers['api-key'], request?.headers['authorization']]).toEqual(['azure-key', undefined]);
    expect(Buffer.from(request?.body ?? []).toString()).toBe(body);
  });

  it.each([
    ['openai.chat', '', '', '/openai/deployments/my%2Fdeployment/chat/completions?api-version=2024-10-21'],
    ['openai.chat', '/openai/v1', '', '/openai/deployments/my%2Fdeployment/chat/completions?api-version=2024-10-21'],
    [
      'openai.embeddings',
      '/openai',
      '?api-version=2025-01-01',
      '/openai/deployments/my%2Fdeployment/embeddings?api-version=2025-01-01',
    ],
    ['openai.responses', '/openai', '', '/openai/responses?api-version=2024-10-21'],
  ] as const)(
    'has the deployment and the version in the path of the dated API: %s, %s%s',
    async (operation, path, query, url) => {
      const dated = client({ apiKey: 'k', apiVersion: '2024-10-21', url: `${azure.origin}${path}` });
      await replyText(await dated.call(upstreamCall(operation, {}, { model: 'my/deployment', query })));
      expect(azure.requests[0]?.url).toBe(url);
    },
  );

  it('may be named as Azure’s portal shows it, and says which models it has', async () => {
    azure.respondWith(jsonAnswer({ data: [{ id: 'a' }] }));
    const named = client({ apiKey: 'k', url: azure.origin });
    expect(await named.listModels(AbortSignal.timeout(5_000))).toEqual(['a']);
    await replyText(await named.call(upstreamCall('openai.chat', {})));
    expect(azure.requests.map(({ url }) => url)).toEqual(['/openai/v1/models', '/openai/v1/chat/completions']);
  });
});

describe('a resource asked with Entra ID’s tokens', () => {
  it.each([
    ['a lifetime', { expires_in: 3_600 }],
    ['a time', { expires_on: String(Math.round(Date.now() / 1_000) + 3_600) }],
  ])('has them for as long as their source says: %s', async (_what, said) => {
    entra.respondWith(jsonAnswer({ access_token: 'a', ...said }));
    const http = new HttpClient({ betweenBytesMs: 1_000 });
    const nowMs = Date.now();
    const { expiresAtMs = 0 } = await entraToken(http, azureIdentityOf(federated()), AbortSignal.timeout(5_000));
    await http.close();
    expect(Math.abs(expiresAtMs - nowMs - 3_600_000)).toBeLessThan(10_000);
  });

  it('is asked with one token for many calls, for which the pod’s own is given', async () => {
    const one = client();
    await Promise.all(
      Array.from({ length: 8 }, async () => replyText(await one.call(upstreamCall('openai.chat', {})))),
    );
    expect(credentials().length).toBe(8);
    expect(new Set(credentials())).toEqual(new Set(['Bearer token-1']));
    expect(entra.requests.length).toBe(1);
    expect(entra.requests[0]?.url).toBe('/tenant/oauth2/v2.0/token');
    expect(Object.fromEntries(new URLSearchParams(Buffer.from(entra.requests[0]?.body ?? []).toString()))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      scope: 'https://cognitiveservices.azure.com/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: POD_TOKEN,
    });
  });

  it.each([401, 403])('is asked once more with a new one where the old one is refused with %i', async (status) => {
    azure.respondWith(({ headers }) =>
      headers['authorization'] === 'Bearer token-1' ? errorAnswer(status, 'expired') : jsonAnswer(chatBody('said')),
    );
    const one = client();
    expect((await one.call(upstreamCall('openai.chat', {}))).status).toBe(200);
    expect(credentials()).toEqual(['Bearer token-1', 'Bearer token-2']);
    // A refusal that new tokens do not help against is not answered with ever more of them.
    azure.respondWith(errorAnswer(status, 'no'));
    expect((await one.call(upstreamCall('openai.chat', {}))).status).toBe(status);
    expect([credentials().length, entra.requests.length]).toEqual([3, 2]);
  });

  it.each([
    ['down', { kind: 'refuse' }, 'The provider could not be reached, or broke the connection off'],
    ['refusing', errorAnswer(400, `bad assertion ${POD_TOKEN}`), 'Entra ID refused a token (400)'],
    ['giving none', jsonAnswer({ error: POD_TOKEN }), 'Entra ID gave no token'],
    ['not JSON', { kind: 'text', body: POD_TOKEN }, 'their source failed'],
  ] as const)('is not asked while their source is %s, and nothing of it is told', async (_what, answer, reason) => {
    entra.respondWith(answer);
    expect(await faultOf(client().call(upstreamCall('openai.chat', {})))).toEqual([
      'upstream_refused_us',
      `The gateway got no credentials for the provider azure: ${reason}. This is for the operator to mend.`,
      undefined,
    ]);
    expect(azure.requests.length).toBe(0);
  });

  it('is passed over for the next provider while there are none', async () => {
    entra.respondWith(errorAnswer(400, POD_TOKEN));
    const core = await start();
    const answers = [await core.post(CHAT, chatRequest()), await core.post(CHAT, chatRequest())];
    expect(answers.map(({ headers }) => headers.get(HEADER.provider))).toEqual(['standby', 'standby']);
    expect([azure.requests.length, entra.requests.length]).toEqual([0, 1]);
    expect(told).toContain('upstream_refused_us');
    expect(told).not.toContain(POD_TOKEN);
  });

  it('tells no token, in no log and in no explanation', async () => {
    azure.respondWith(errorAnswer(401, 'no'));
    standby.respondWith(errorAnswer(500, 'broken'));
    const core = await start();
    const answer = await core.post(CHAT, chatRequest());
    const explained = await core.post('/api/v1/explain', { operation: 'openai.chat', request: chatRequest() });
    const said = `${await answer.text()}${await explained.text()}${told}`;
    expect([credentials().length, explained.status]).toEqual([2, 200]);
    expect(said).not.toMatch(/token-\d|pod-token/);
  });

  it('comes from the managed identity where the workload has none of its own', async () => {
    entra.respondWith(jsonAnswer({ access_token: 'managed', expires_on: '4102444800' }));
    const managed = client(
      {},
      { IDENTITY_ENDPOINT: `${entra.origin}/msi/token`, IDENTITY_HEADER: 'own-secret', AZURE_CLIENT_ID: 'mine' },
    );
    await replyText(await managed.call(upstreamCall('openai.chat', {})));
    expect(credentials()).toEqual(['Bearer managed']);
    expect([entra.requests[0]?.url, entra.requests[0]?.headers['x-identity-header']]).toEqual([
      '/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine',
      'own-secret',
    ]);
  });
});
