import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/cache-key.json' with { type: 'json' };
import { canonicalJson } from '../json/canonical-json.ts';
import { OPERATIONS } from '../operation.ts';
import { parseRequest } from '../request/parse-request.ts';
import { cacheDigest } from './cache-digest.ts';
import { cacheEnvelope } from './cache-envelope.ts';

const sha256Hex = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

describe('the cache key of', () => {
  test.each(vectors)('$name', (vector) => {
    const operation = OPERATIONS.find((name) => name === vector.operation);
    if (operation === undefined) throw new Error(`no operation ${vector.operation}`);
    const headers = new Map(Object.entries(vector.headers));
    const envelope = cacheEnvelope({
      operation,
      pathParameters: vector.pathParameters,
      header: (name) => headers.get(name),
      session: vector.session ?? undefined,
      body: parseRequest(operation, new TextEncoder().encode(vector.body)).body,
      shareUsers: vector.shareUsers,
    });
    expect(canonicalJson(envelope)).toBe(vector.envelope);
    expect(cacheDigest(vector.tenant, envelope, sha256Hex)).toBe(vector.digest);
  });

  test('no two vectors is one, unless they say so', () => {
    const owners = new Map<string, string>();
    for (const { name, digest, sameAs } of vectors) {
      expect(owners.get(digest)).toBe(sameAs);
      if (sameAs === undefined) owners.set(digest, name);
    }
  });
});
