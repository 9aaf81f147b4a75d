import { apiKeyRecordKey } from '@isartor/shared';
import { chatRequest } from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from './sha256-hex.ts';
import { CoreProgram } from './testing/core-program.ts';
import { EdgeUnderTest, KEY } from './testing/edge-under-test.ts';
import { RedisDoor, hasRedis } from './testing/redis-door.ts';

const NO_KEY = { authorization: '' };

function keyList(...records: object[]): { ISARTOR__AUTH__KEYS: string } {
  return { ISARTOR__AUTH__KEYS: JSON.stringify(records) };
}

describe('a key is taken from where the SDKs put it', () => {
  test.each([
    ['authorization', { authorization: `Bearer ${KEY}` }, ''],
    ['x-api-key', { ...NO_KEY, 'x-api-key': KEY }, ''],
    ['api-key', { ...NO_KEY, 'api-key': KEY }, ''],
    ['x-goog-api-key', { ...NO_KEY, 'x-goog-api-key': KEY }, ''],
    ['?key=', NO_KEY, `?key=${KEY}`],
    ['two places that agree', { 'x-api-key': KEY }, ''],
  ])('%s', async (_, headers, query) => {
    const core = await CoreProgram.on('coreA', { chunks: ['{}'] });
    const edge = new EdgeUnderTest();
    const path = `/v1/chat/completions${query}`;
    const answer = await edge.ask({ path, headers: { ...headers, ...core.headers }, body: chatRequest() });
    expect(answer.status).toBe(200);
    expect((await core.seen())[0]?.url).toBe(path);
  });
});

describe('a caller is refused', () => {
  test.each([
    ['without a key', NO_KEY, 'invalid_api_key'],
    ['with a wrong key', { authorization: 'Bearer wrong' }, 'invalid_api_key'],
    ['with a scheme other than Bearer', { authorization: `Basic ${KEY}` }, 'invalid_api_key'],
    ['with two keys that differ', { 'x-api-key': 'other' }, 'conflicting_credentials'],
  ])('%s', async (_, headers, code) => {
    const answer = await new EdgeUnderTest().ask({ headers, body: chatRequest() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('x-isartor-layer')).toBe('l0');
    expect(answer.headers.get('x-isartor-deflected')).toBe('false');
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code, type: 'invalid_request_error' } });
  });

  test('in the native dialect on a native route', async () => {
    const answer = await new EdgeUnderTest().ask({ path: '/api/chat', headers: NO_KEY, body: { prompt: 'hi' } });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_api_key' });
  });

  test('on the models route too', async () => {
    expect((await new EdgeUnderTest().ask({ path: '/v1/models', headers: NO_KEY })).status).toBe(401);
  });

  test('before a byte of the body is read', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
    const answer = await new EdgeUnderTest().ask({ headers: NO_KEY, body });
    expect(answer.status).toBe(401);
    expect(pulled).toBe(0);
  });

  test('once its key has expired, and not before', async () => {
    const edge = new EdgeUnderTest({
      ...keyList({ tenant: 'a', name: 'k', sha256: sha256Hex('old'), not_after: '2030-01-01T00:00:00Z' }),
    });
    const core = await CoreProgram.on('coreA', { chunks: ['{}'] });
    const ask = { headers: { authorization: 'Bearer old', ...core.headers }, body: chatRequest() };
    edge.now = Date.parse('2029-12-31T23:59:59Z');
    expect((await edge.ask(ask)).status).toBe(200);
    edge.now = Date.parse('2030-01-01T00:00:01Z');
    expect((await edge.ask(ask)).status).toBe(401);
  });
});

test('with AUTH__MODE=off everyone is let in', async () => {
  const core = await CoreProgram.on('coreA', { chunks: ['{}'] });
  const edge = new EdgeUnderTest({ ISARTOR__AUTH__MODE: 'off', ISARTOR__GATEWAY_API_KEY: '' });
  expect((await edge.ask({ headers: { ...NO_KEY, ...core.headers }, body: chatRequest() })).status).toBe(200);
});

describe.skipIf(!hasRedis)('a key that is kept in Redis', () => {
  const namespace = (): string => `keys-${crypto.randomUUID()}`;
  const recordOf = (key: string): string => JSON.stringify({ tenant: 'acme', name: 'k', sha256: sha256Hex(key) });

  async function edgeWithRedis(): Promise<{
    edge: EdgeUnderTest;
    door: RedisDoor;
    recordKey: (key: string) => string;
    statusFor: (key: string) => Promise<number>;
  }> {
    const door = new RedisDoor();
    const ns = namespace();
    const core = await CoreProgram.on('coreA', { chunks: ['{}'] });
    // Without the exact cache, every round trip is one for a key.
    const edge = new EdgeUnderTest({ ...door.bindings, ISARTOR__CACHE_NAMESPACE: ns, ISARTOR__CACHE_MODE: 'off' });
    const statusFor = async (key: string): Promise<number> => {
      const headers = { authorization: `Bearer ${key}`, ...core.headers };
      return (await edge.ask({ headers, body: chatRequest() })).status;
    };
    return { edge, door, recordKey: (key) => apiKeyRecordKey(ns, sha256Hex(key)), statusFor };
  }

  test('opens the door, and is asked for once in 5 s', async () => {
    const { edge, door, recordKey, statusFor } = await edgeWithRedis();
    await door.set(recordKey('good'), recordOf('good'));
    expect(await statusFor('good')).toBe(200);
    edge.now += 5_000;
    expect(await statusFor('good')).toBe(200);
    expect(await door.roundTrips()).toBe(1);
  });

  test('closes it within 5 s of being withdrawn', async () => {
    const { edge, door, recordKey, statusFor } = await edgeWithRedis();
    await door.set(recordKey('good'), recordOf('good'));
    expect(await statusFor('good')).toBe(200);
    await door.delete(recordKey('good'));
    edge.now += 5_001;
    expect(await statusFor('good')).toBe(401);
  });

  test('is refused when unknown, remembered so for 5 s, and taken once it exists', async () => {
    const { edge, door, recordKey, statusFor } = await edgeWithRedis();
    expect(await statusFor('new')).toBe(401);
    await door.set(recordKey('new'), recordOf('new'));
    expect(await statusFor('new')).toBe(401);
    expect(await door.roundTrips()).toBe(1);
    edge.now += 5_001;
    expect(await statusFor('new')).toBe(200);
  });

  test.each([
    ['another key', JSON.stringify({ tenant: 'acme', name: 'k', sha256: 'f'.repeat(64) })],
    ['nothing that can be read', '{"tenant":'],
    [
      'a key that has expired',
      JSON.stringify({ tenant: 'acme', name: 'k', sha256: sha256Hex('odd'), not_after: '2020-01-01' }),
    ],
  ])('is refused when its record describes %s', async (_, record) => {
    const { door, recordKey, statusFor } = await edgeWithRedis();
    await door.set(recordKey('odd'), record);
    expect(await statusFor('odd')).toBe(401);
  });

  test('is left to the core while Redis fails', async () => {
    const { edge, door } = await edgeWithRedis();
    await door.become('error');
    const core = await CoreProgram.on('coreA', { status: 401, chunks: ['{"error":{"code":"invalid_api_key"}}'] });
    const headers = { authorization: 'Bearer whoever', ...core.headers };
    const answer = await edge.ask({ headers, body: chatRequest() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('x-isartor-edge')).toBe('error');
    expect((await core.seen())[0]?.headers['authorization']).toBe('Bearer whoever');
  });
});
