import type { AwsCredentials } from './aws-credentials.ts';
import { Sha256Hash } from './sha256-hash.ts';

/** The name under which Bedrock's requests are signed. */
const SERVICE = 'bedrock';

/**
 * The headers that prove who sends a POST (AWS Signature Version 4), flat. They hold for some minutes, for this body at
 * this address. The signer is loaded with the first request.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function signedHeaders(
  address: string,
  body: Uint8Array,
  region: string,
  credentials: AwsCredentials,
): Promise<string[]> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service: SERVICE,
    region,
    sha256: Sha256Hash,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  });
  const { protocol, hostname, host, pathname } = new URL(address);
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    path: pathname,
    headers: { host, 'content-type': 'application/json' },
    body,
  });
  // Those two are sent anyway, as they are signed here.
  return Object.entries(headers).flatMap(([name, value]) => (SENT_ANYWAY.has(name.toLowerCase()) ? [] : [name, value]));
}

const SENT_ANYWAY: ReadonlySet<string> = new Set(['host', 'content-type']);
