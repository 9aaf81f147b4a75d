import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import vectors from '../../vectors/stored-entry.json' with { type: 'json' };
import { LAYER_NAMES } from '../layer/layer-name.ts';
import { OPERATIONS } from '../operation.ts';
import { decodeMetaHeader, encodeMetaHeader } from './meta-header.ts';
import type { StoredEntryMeta } from './stored-entry-meta.ts';
import { decodeStoredEntry, encodeStoredEntry } from './stored-entry.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

const meta: StoredEntryMeta = {
  v: 1,
  status: 200,
  contentType: 'application/json',
  operation: 'openai.chat',
  layer: 'l3',
  provider: 'openai',
  model: 'm',
  createdAt: 1000,
  freshUntil: 2000,
  staleUntil: 3000,
  epoch: '1-a',
  policy: 'p',
  origin: 'l3',
  source: null,
  usage: { input: 1, output: 2 },
};
const body = utf8.encode('{"a":1}');

describe('a stored entry', () => {
  test.each(vectors)('is written byte for byte as the vector says: $name', (vector) => {
    const entry = decodeStoredEntry(utf8.encode(vector.encoded));
    expect(entry?.meta).toEqual(vector.meta);
    expect(text.decode(entry?.body)).toBe(vector.body);
    if (entry === undefined) return;
    expect(text.decode(encodeStoredEntry(entry))).toBe(vector.encoded);
    expect(encodeMetaHeader(entry.meta)).toBe(vector.header);
    expect(decodeMetaHeader(vector.header)).toEqual(vector.meta);
  });

  test('comes back as it was written, from its bytes and from the header, whatever it holds', () => {
    const time = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const word = fc.string({ unit: 'grapheme' });
    const filled = fc.string({ unit: 'grapheme', minLength: 1 });
    const usage = fc.record(
      { input: time, output: time, cachedInput: time, reasoning: time },
      { requiredKeys: ['input', 'output'], noNullPrototype: true },
    );
    const anyMeta: fc.Arbitrary<StoredEntryMeta> = fc.record({
      v: fc.constant(1),
      status: fc.constant(200),
      contentType: filled,
      operation: fc.constantFrom(...OPERATIONS),
      layer: fc.constantFrom(...LAYER_NAMES),
      provider: word,
      model: word,
      createdAt: time,
      freshUntil: time,
      staleUntil: time,
      epoch: filled,
      policy: filled,
      origin: fc.constantFrom(...LAYER_NAMES),
      source: fc.option(filled),
      usage: fc.option(usage),
    });
    fc.assert(
      fc.property(
        anyMeta,
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.boolean(),
        (made, content, tellsLength) => {
          const bytes = utf8.encode(content);
          const told = tellsLength ? { ...made, bodyBytes: bytes.length } : made;
          const entry = { meta: told, body: bytes };
          expect(decodeStoredEntry(encodeStoredEntry(entry))).toEqual(entry);
          const header = encodeMetaHeader(told);
          expect(header).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(decodeMetaHeader(header)).toEqual(told);
        },
      ),
      { numRuns: inject('propertyRuns') },
    );
  });

  test('may have fields of a later writer, which are skipped', () => {
    expect(decodeStoredEntry(utf8.encode(`${JSON.stringify({ ...meta, more: 1 })}\n{}`))?.meta).toEqual(meta);
  });

  test('keeps a view of the bytes instead of a copy of the body', () => {
    const bytes = encodeStoredEntry({ meta, body });
    expect(decodeStoredEntry(bytes)?.body.buffer).toBe(bytes.buffer);
  });

  test.each<[string, object]>([
    ['another version', { v: 2 }],
    ['no version', { v: undefined }],
    ['another status', { status: 201 }],
    ['an encrypted body', { enc: 'aes' }],
    ['no content type', { contentType: undefined }],
    ['an empty content type', { contentType: '' }],
    ['an operation that is none', { operation: 'openai.images' }],
    ['a layer that is none', { layer: 'l4' }],
    ['an origin that is none', { origin: 'toString' }],
    ['no provider', { provider: undefined }],
    ['a model that is no text', { model: 1 }],
    ['no time of making', { createdAt: undefined }],
    ['a time that is text', { createdAt: '1000' }],
    ['a time before 1970', { freshUntil: -1 }],
    ['a broken time', { staleUntil: 1.5 }],
    ['no epoch', { epoch: undefined }],
    ['an empty epoch', { epoch: '' }],
    ['no policy', { policy: undefined }],
    ['no source', { source: undefined }],
    ['an empty source', { source: '' }],
    ['no usage', { usage: undefined }],
    ['usage that is no object', { usage: 7 }],
    ['usage without its input', { usage: { output: 1 } }],
    ['usage with a negative output', { usage: { input: 1, output: -1 } }],
    ['a length that is text', { bodyBytes: '2' }],
    ['a length that is null', { bodyBytes: null }],
  ])('is a miss with %s', (_, change) => {
    const line = JSON.stringify({ ...meta, ...change });
    expect(decodeStoredEntry(utf8.encode(`${line}\n{}`))).toBeUndefined();
    expect(decodeMetaHeader(encoded(line))).toBeUndefined();
  });

  test.each<[string, Uint8Array]>([
    ['nothing', utf8.encode('')],
    ['no newline', utf8.encode(JSON.stringify(meta))],
    ['no body', utf8.encode(`${JSON.stringify(meta)}\n`)],
    ['a line that is no JSON', utf8.encode('{"v":1\n{}')],
    ['a line that is no object', utf8.encode('[1]\n{}')],
    ['a line that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22, 0x0a, 0x7b, 0x7d)],
    ['a body alone', body],
    ['a line longer than any of ours', utf8.encode(`${JSON.stringify({ ...meta, more: 'x'.repeat(8192) })}\n{}`)],
  ])('is a miss when it is damaged: %s', (_, bytes) => {
    expect(decodeStoredEntry(bytes)).toBeUndefined();
  });

  test('is a miss wherever its line was cut', () => {
    const bytes = encodeStoredEntry({ meta, body });
    const line = bytes.indexOf(0x0a);
    for (let cut = 0; cut <= line; cut++) expect(decodeStoredEntry(bytes.subarray(0, cut))).toBeUndefined();
    for (let cut = 1; cut <= line; cut++) expect(decodeStoredEntry(bytes.subarray(cut))).toBeUndefined();
  });

  test('that tells the length of its body is a miss wherever it was cut, or when something was added', () => {
    const bytes = encodeStoredEntry({ meta: { ...meta, bodyBytes: body.length }, body });
    for (let cut = 0; cut < bytes.length; cut++) expect(decodeStoredEntry(bytes.subarray(0, cut))).toBeUndefined();
    expect(decodeStoredEntry(Uint8Array.of(...bytes, 0x20))).toBeUndefined();
    expect(decodeStoredEntry(bytes)?.body).toEqual(body);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['what is not base64url', `${encodeMetaHeader(meta)}=`],
    ['a letter of base64', `+${encodeMetaHeader(meta).slice(1)}`],
    ['a length that base64 cannot have', 'AAAAA'],
    ['bytes that are not UTF-8', '____'],
    ['more than any of ours', encoded(JSON.stringify({ ...meta, more: 'x'.repeat(8192) }))],
  ])('is a miss when its header is damaged: %s', (_, header) => {
    expect(decodeMetaHeader(header)).toBeUndefined();
  });
});

/** Base64url by the runtime's own means. */
function encoded(line: string): string {
  return btoa(line).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
