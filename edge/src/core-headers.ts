import { HEADER, OPERATIONS, OPERATION_SPECS } from '@isartor/shared';

/** Of one hop only, or set anew by the runtime (RFC 9110, section 7.6.1, and their like). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What a client may not tell the core, because the edge says it or nobody does. */
const NOT_FORWARDED = new Set<string>([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'accept-encoding',
  'expect',
  'forwarded',
  'via',
  'x-real-ip',
  'true-client-ip',
  'cdn-loop',
  HEADER.edgeAuth,
  HEADER.stored,
  HEADER.requestId,
]);
const NOT_FORWARDED_FAMILY = /^(?:cf-|x-forwarded-)/;

/**
 * What edge and core must read alike, since it decides under which key an answer is kept and who may get it. It is meant
 * for all on the way: a client may not say (by `connection`) that it is for the next hop alone.
 */
const END_TO_END = new Set<string>([
  ...OPERATIONS.flatMap((name) => OPERATION_SPECS[name].answerHeaders),
  HEADER.sessionId,
  HEADER.cacheTtl,
  HEADER.bypass,
  HEADER.volatile,
  'cache-control',
]);

/** What the core's answer may not tell the client. The length is the runtime's to set: it knows what it sends. */
const NOT_ANSWERED = new Set<string>([
  ...HOP_BY_HOP,
  'content-length',
  'set-cookie',
  'location',
  HEADER.edgeAuth,
  HEADER.stored,
  HEADER.storedDigest,
  HEADER.edge,
  HEADER.requestId,
]);
const NOT_ANSWERED_FAMILY = /^access-control-/;

/** What the edge itself tells the core. */
export interface EdgeWord {
  readonly requestId: string;
  readonly edgeSecret: string | undefined;
  /** In the place of the client's; undefined: that goes on. */
  readonly traceparent: string | undefined;
}

/** The client's headers as the core gets them: with its credential, without what only the edge may say. */
export function headersToCore(sent: Headers, { requestId, edgeSecret, traceparent }: EdgeWord): Headers {
  const named = (sent.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const forThisHop = named.filter((name) => !END_TO_END.has(name));
  const headers = new Headers();
  for (const [name, value] of sent) {
    if (!NOT_FORWARDED.has(name) && !NOT_FORWARDED_FAMILY.test(name) && !forThisHop.includes(name))
      headers.set(name, value);
  }
  headers.set(HEADER.requestId, requestId);
  if (traceparent !== undefined) headers.set('traceparent', traceparent);
  if (edgeSecret !== undefined) headers.set(HEADER.edgeAuth, edgeSecret);
  return headers;
}

/** The core's headers as the client gets them. */
export function headersToClient(answered: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of answered) {
    if (!NOT_ANSWERED.has(name) && !NOT_ANSWERED_FAMILY.test(name)) headers.set(name, value);
  }
  return headers;
}
