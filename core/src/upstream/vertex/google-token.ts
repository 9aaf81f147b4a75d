import { GatewayError } from '@isartor/shared';
import type { Lease } from '../credentials/shared-credential.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Longest silence of one of Google's servers. */
const TIMEOUT_MS = 10_000;

/**
 * A token of Google's default credentials: a service account's or a federated identity's file
 * (`GOOGLE_APPLICATION_CREDENTIALS`), else the metadata server's. The library is loaded with the first one, and keeps
 * nothing from one to the next. Throws where there is none.
 *
 * https://cloud.google.com/docs/authentication/application-default-credentials
 *
 * @param projectId undefined: the library finds it out
 */
export async function googleToken(projectId: string | undefined): Promise<Lease<string>> {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({
    scopes: [SCOPE],
    ...(projectId === undefined ? {} : { projectId }),
    clientOptions: { transporterOptions: { timeout: TIMEOUT_MS } },
  });
  const client = await auth.getClient();
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string' || token === '') throw new GatewayError('upstream_error', 'Google gave no token.');
  return { value: token, expiresAtMs: client.credentials.expiry_date ?? undefined };
}
