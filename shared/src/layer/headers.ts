/** Every header name of ours, lower-case; nowhere else is one spelt. What each means is in the design's HTTP surface. */
export const HEADER = {
  /** Answer: the layer that gave it. */
  layer: 'x-isartor-layer',
  /** Answer: `true` for a 2xx from l1a, l1b or l2. */
  deflected: 'x-isartor-deflected',
  /** Answer: the provider that made the text. */
  provider: 'x-isartor-provider',
  /** Answer: the model that made the text. */
  model: 'x-isartor-model',
  /** Answer: the cosine of a semantic hit. */
  similarity: 'x-isartor-similarity',
  /** Answer: what the semantic cache decided and why. */
  semantic: 'x-isartor-semantic',
  /** Answer: the decision about the small model. */
  route: 'x-isartor-route',
  /** Answer: US dollars spent, and on a hit saved. */
  cost: 'x-isartor-cost',
  /** Answer: what the exact cache did and why. */
  cache: 'x-isartor-cache',
  /** Answer: the digest of the entry that was served. */
  entry: 'x-isartor-entry',
  /** Answer, from the edge only: what its cache did. */
  edge: 'x-isartor-edge',
  /** Core to edge only: the metadata of the stored entry, base64url. */
  stored: 'x-isartor-stored',
  /** Core to edge only, beside it: the digest that the entry is stored under. */
  storedDigest: 'x-isartor-stored-digest',
  /** Edge to core only: the shared secret. */
  edgeAuth: 'x-isartor-edge-auth',
  /** Core's errors: whose fault it was, so that the edge knows whether another core could do better. */
  error: 'x-isartor-error',
  /** Request: limits how old an answer may be and how long this one is kept, in seconds. */
  cacheTtl: 'x-isartor-cache-ttl',
  /** Request: layers to skip, a comma list. */
  bypass: 'x-isartor-bypass',
  /** Request: an extra scope for the caches. */
  sessionId: 'x-isartor-session-id',
  /** Request: whether the question has another answer tomorrow (`true`, `false`), whatever the semantic cache's rules say. */
  volatile: 'x-isartor-volatile',
  /** Answer: the provider's own request id. */
  upstreamRequestId: 'x-isartor-upstream-request-id',
  /** Request and answer: the id that follows a request from edge to provider. */
  requestId: 'x-request-id',
} as const;

const INTERNAL: readonly string[] = [HEADER.stored, HEADER.storedDigest, HEADER.edgeAuth];

/** What a page of another origin may read of an answer (CORS): all but what passes between edge and core alone. */
export const EXPOSED_HEADERS: readonly string[] = [
  ...Object.values(HEADER).filter((name) => !INTERNAL.includes(name)),
  'age',
  'retry-after',
  'server-timing',
];

/** Reads one request header by its lower-case name; an absent header is `undefined`. */
export type HeaderReader = (lowerCaseName: string) => string | undefined;
