import { cacheDigest, cacheEnvelope, encodeMetaHeader } from '@isartor/shared';
import type { JsonObject, Operation, StoredEntryMeta } from '@isartor/shared';
import type { CoreAnswer } from '../../test/support/core-answer.ts';
import { sha256Hex } from '../sha256-hex.ts';

export const EPOCH = '1000-a';
export const POLICY = 'policy-1';

/** The metadata of an entry made now, fresh for 300 s. */
export function storedMeta(now: number, overrides: Partial<StoredEntryMeta> = {}): StoredEntryMeta {
  return {
    v: 1,
    status: 200,
    contentType: 'application/json',
    operation: 'openai.chat',
    layer: 'l3',
    provider: 'openai',
    model: 'gpt-4o-mini',
    createdAt: now,
    freshUntil: now + 300_000,
    staleUntil: now + 3_600_000,
    epoch: EPOCH,
    policy: POLICY,
    origin: 'l3',
    source: null,
    usage: { input: 1000, output: 1000 },
    ...overrides,
  };
}

/** A core's plain answer that it has stored under a digest. */
export function storedAnswer(meta: StoredEntryMeta, body: JsonObject, digest: string): CoreAnswer {
  return {
    headers: {
      'x-isartor-stored': encodeMetaHeader(meta),
      'x-isartor-stored-digest': digest,
      'x-isartor-layer': 'l3',
      'x-isartor-deflected': 'false',
      'x-isartor-cache': 'miss;why=absent',
      'x-isartor-model': meta.model,
      'x-isartor-provider': meta.provider,
    },
    chunks: [JSON.stringify(body)],
  };
}

const noHeader = (): undefined => undefined;

/** The digest under which a request's entry is found. */
export function digestOf(body: JsonObject, operation: Operation = 'openai.chat', tenant = 'default'): string {
  const input = { operation, pathParameters: {}, header: noHeader, session: undefined, body, shareUsers: false };
  return cacheDigest(tenant, cacheEnvelope(input), sha256Hex);
}
