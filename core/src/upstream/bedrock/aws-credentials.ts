import type { Lease } from '../credentials/shared-credential.ts';

/** What requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/**
 * Credentials of AWS's default chain: the environment's, a profile's, a pod's web identity, those that ECS or EKS hold
 * ready, the machine's. The library is loaded with the first ones, and keeps nothing from one time to the next. Throws
 * where there are none.
 *
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *
 * @param region whose token service is asked
 */
export async function awsCredentials(region: string): Promise<Lease<AwsCredentials>> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const value = await defaultProvider({ clientConfig: { region } })();
  return { value, expiresAtMs: value.expiration?.getTime() };
}
