import { readFile } from 'node:fs/promises';
import { GatewayError, isJsonObject, parseJson, type JsonObject } from '@isartor/shared';
import type { AzureIdentity } from '../../config/azure-identity.ts';
import type { Lease } from '../credentials/shared-credential.ts';
import type { HttpClient, HttpRequest } from '../transport/client.ts';
import { readText } from '../transport/read-text.ts';

/** What a token must be good for to call an Azure OpenAI resource. */
const RESOURCE = 'https://cognitiveservices.azure.com';
const METADATA_URL = 'http://169.254.169.254/metadata/identity/oauth2/token';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * A token of Entra ID for the workload's identity: its own pod token exchanged for one, or one of the machine's managed
 * identity. Two documented requests, made by our own client: for them,
 * Azure's library (`@azure/identity` 4.14) would be 47 MB on disk and 27 MB of memory. Throws where there
 * is none.
 *
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export async function entraToken(
  http: HttpClient,
  identity: AzureIdentity,
  signal: AbortSignal,
): Promise<Lease<string>> {
  const nowMs = Date.now();
  const answer =
    identity.kind === 'federated' ? await exchanged(http, identity, signal) : await managed(http, identity, signal);
  const { access_token: value } = answer;
  if (typeof value !== 'string' || value === '') throw new GatewayError('upstream_error', 'Entra ID gave no token.');
  return { value, expiresAtMs: expiryOf(answer, nowMs) };
}

/** Seconds from now, or (App Service) since 1970; of the metadata servers as texts. */
function expiryOf({ expires_in: lifeSecs, expires_on: unixSecs }: JsonObject, nowMs: number): number | undefined {
  const atMs = lifeSecs === undefined ? Number(unixSecs) * 1_000 : nowMs + Number(lifeSecs) * 1_000;
  return Number.isFinite(atMs) ? atMs : undefined;
}

async function exchanged(
  http: HttpClient,
  { tokenFile, clientId, tenantId, authority }: Extract<AzureIdentity, { kind: 'federated' }>,
  signal: AbortSignal,
): Promise<JsonObject> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: `${RESOURCE}/.default`,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: (await readFile(tokenFile, { encoding: 'utf8', signal })).trim(),
  });
  return asked(http, `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: ['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
    body: Buffer.from(form.toString()),
    signal,
  });
}

function managed(
  http: HttpClient,
  { endpoint, clientId }: Extract<AzureIdentity, { kind: 'managed' }>,
  signal: AbortSignal,
): Promise<JsonObject> {
  const query = new URLSearchParams({
    'api-version': endpoint === undefined ? '2018-02-01' : '2019-08-01',
    resource: RESOURCE,
  });
  if (clientId !== undefined) query.set('client_id', clientId);
  const headers = endpoint === undefined ? ['metadata', 'true'] : ['x-identity-header', endpoint.secret];
  return asked(http, `${endpoint?.url ?? METADATA_URL}?${query.toString()}`, { method: 'GET', headers, signal });
}

async function asked(http: HttpClient, url: string, request: HttpRequest): Promise<JsonObject> {
  const reply = await http.send(url, request);
  const text = await readText(reply);
  // What it says may hold parts of what it was sent.
  if (reply.status !== 200) throw new GatewayError('upstream_error', `Entra ID refused a token (${reply.status}).`);
  const answer = parseJson(text);
  return isJsonObject(answer) ? answer : {};
}
