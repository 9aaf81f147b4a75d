import { GatewayError, type Usage } from '@isartor/shared';
import { z } from 'zod';
import { readJsonBody } from '../read-json-body.ts';

const tokens = z.int().min(0);
const name = z.string().min(1).max(256);
const HIT = z.strictObject({
  tenant: z.string().regex(/^[a-z0-9-]{1,64}$/),
  key: name,
  model: name,
  requests: z.int().min(1),
  usage: z.strictObject({
    input: tokens,
    output: tokens,
    cachedInput: tokens.exactOptional(),
    cacheWrite: tokens.exactOptional(),
    cacheWriteLong: tokens.exactOptional(),
    reasoning: tokens.exactOptional(),
  }),
});
/** As many as one isolate gathers. */
const MAX_HITS = 256;
const HITS = z.strictObject({ hits: z.array(HIT).min(1).max(MAX_HITS) });

/** Requests of one key that the edge has answered from its own cache, by what one model had said. */
export interface EdgeHits {
  readonly tenant: string;
  readonly key: string;
  readonly model: string;
  readonly requests: number;
  /** All of them together. */
  readonly usage: Usage;
}

/** Reads `{"hits":[{"tenant","key","model","requests","usage":{…}}]}`. Throws GatewayError naming the field. */
export function readEdgeHits(body: unknown): readonly EdgeHits[] {
  const read = HITS.safeParse(readJsonBody(body, '{"hits": […]}'));
  if (read.success) return read.data.hits;
  const param = read.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new GatewayError('invalid_request', `${param} is not as an edge tells of its hits.`, { param });
}
