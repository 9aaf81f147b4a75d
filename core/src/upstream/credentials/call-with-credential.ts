import type { UpstreamReply } from '../upstream.port.ts';
import type { SharedCredential } from './shared-credential.ts';

/** What a provider says of credentials that are too old, as of others. */
const REFUSED: ReadonlySet<number> = new Set([401, 403]);

/** Makes a call with shared credentials; once more with new ones where they are refused and may have expired. */
export async function callWithCredential<Value extends object | string>(
  credential: SharedCredential<Value>,
  signal: AbortSignal,
  send: (value: Value) => Promise<UpstreamReply>,
): Promise<UpstreamReply> {
  const value = await credential.get(signal);
  const reply = await send(value);
  if (!REFUSED.has(reply.status)) return reply;
  const other = await credential.instead(value, signal);
  if (other === undefined) return reply;
  reply.abandon();
  return send(other);
}
