import { describe, expect, test } from 'vitest';
import type { AskedBody } from './ask-memory.ts';
import { AskMemory } from './ask-memory.ts';

const utf8 = new TextEncoder();
const ASKED: AskedBody = {
  tenant: 'acme',
  operation: 'openai.chat',
  target: undefined,
  sse: false,
  pathParameters: {},
  header: () => undefined,
  session: undefined,
  bytes: utf8.encode('{"model":"m"}'),
};
const MEANING = { digest: 'd', stream: false, wantsUsage: false };

/** A memory of that one question, and what it knows of another. */
function known(other: Partial<AskedBody>): unknown {
  const asks = new AskMemory();
  asks.remember(asks.nameOf(ASKED) ?? '', MEANING);
  return asks.get(asks.nameOf({ ...ASKED, ...other }) ?? '');
}

test('the same bytes asked in the same way mean the same', () => {
  expect(known({ bytes: utf8.encode('{"model":"m"}') })).toEqual(MEANING);
});

describe('nothing is known of', () => {
  test.each<[string, Partial<AskedBody>]>([
    ['another tenant’s question', { tenant: 'other' }],
    ['another operation', { operation: 'openai.completions' }],
    ['another session', { session: 's1' }],
    ['another query', { pathParameters: { 'api-version': '1' } }],
    ['another answer header', { header: (name) => (name === 'openai-beta' ? 'x' : undefined) }],
    ['other white space', { bytes: utf8.encode('{"model": "m"}') }],
    ['the same after a byte order mark', { bytes: utf8.encode('\ufeff{"model":"m"}') }],
    ['what is no text', { bytes: new Uint8Array([0xff]) }],
    ['a body over 64 KiB', { bytes: new Uint8Array(65_537) }],
  ])('%s', (_, other) => {
    expect(known(other)).toBeUndefined();
  });

  test('what was put out by 8 MiB of later questions', () => {
    const asks = new AskMemory();
    const nameOf = (n: number): string => asks.nameOf({ ...ASKED, bytes: utf8.encode(`${n}`.padEnd(65_536)) }) ?? '';
    for (let n = 0; n < 100; n += 1) asks.remember(nameOf(n), MEANING);
    expect(asks.get(nameOf(0))).toBeUndefined();
    expect(asks.get(nameOf(99))).toEqual(MEANING);
  });
});

test('bytes that differ only in what is no text have no name at all', () => {
  const asks = new AskMemory();
  expect(asks.nameOf({ ...ASKED, bytes: new Uint8Array([0xc3, 0x28]) })).toBeUndefined();
});
