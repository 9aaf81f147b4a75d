import { GatewayError } from '@isartor/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualTime } from '../../../test/support/manual-time.ts';
import { SharedCredential, type Lease } from './shared-credential.ts';

const SECRET = 'secret-0123456789';
const NEVER = new AbortController().signal;

let time: ManualTime;
let asked: PromiseWithResolvers<Lease<string>>[];
let credential: SharedCredential<string>;

beforeEach(() => {
  time = new ManualTime();
  asked = [];
  const source = (): Promise<Lease<string>> => {
    const next = Promise.withResolvers<Lease<string>>();
    asked.push(next);
    return next.promise;
  };
  credential = new SharedCredential('one', source, time);
});

/** The source gives what was asked for last. */
function give(value: string, lifeMs: number | undefined): void {
  asked.at(-1)?.resolve({ value, expiresAtMs: lifeMs === undefined ? undefined : time.unixMs() + lifeMs });
}

async function held(value: string, lifeMs: number | undefined = 3_600_000): Promise<void> {
  const got = credential.get(NEVER);
  give(value, lifeMs);
  expect(await got).toBe(value);
}

async function faultOf(got: Promise<string>): Promise<unknown[]> {
  const error: unknown = await got.catch((reason: unknown) => reason);
  return error instanceof GatewayError ? [error.code, error.message, error.cause] : [error];
}

const FAULT = (reason: string): unknown[] => [
  'upstream_refused_us',
  `The gateway got no credentials for the provider one: ${reason}. This is for the operator to mend.`,
  undefined,
];

describe('credentials that calls share', () => {
  it('are got once for many calls', async () => {
    const calls = Array.from({ length: 50 }, () => credential.get(NEVER));
    give('a', 3_600_000);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['a']));
    expect(await credential.get(NEVER)).toBe('a');
    expect(asked.length).toBe(1);
  });

  it.each([
    ['an hour', 3_600_000, 3_300_000],
    ['ten seconds', 10_000, 8_000],
    ['an unsaid time', undefined, 3_300_000],
  ])('of %s are renewed before they expire, and no call waits for it', async (_what, lifeMs, renewAtMs) => {
    await held('a', lifeMs);
    time.advance(renewAtMs - 1);
    await credential.get(NEVER);
    expect(asked.length).toBe(1);
    time.advance(1);
    expect(await Promise.all([credential.get(NEVER), credential.get(NEVER)])).toEqual(['a', 'a']);
    expect(asked.length).toBe(2);
    give('b', 3_600_000);
    await expect.poll(() => credential.get(NEVER)).toBe('b');
  });

  it('are used on while their source is down, until they expire', async () => {
    await held('a', 10_000);
    time.advance(8_000);
    expect(await credential.get(NEVER)).toBe('a');
    asked.at(-1)?.reject(new Error(SECRET));
    await expect.poll(async () => [await credential.get(NEVER), asked.length]).toEqual(['a', 2]);
    time.advance(2_000);
    expect(await faultOf(credential.get(NEVER))).toEqual(FAULT('their source has just failed'));
  });

  it.each([
    ['a fault of ours', new GatewayError('upstream_error', 'It refused (400).'), 'It refused (400)'],
    [
      'a library’s error',
      Object.assign(new Error(SECRET), { code: 'ECONNREFUSED', config: SECRET }),
      'their source failed (ECONNREFUSED)',
    ],
    ['a refusal', Object.assign(new Error(SECRET), { status: 403, code: SECRET }), 'their source failed (403)'],
    ['anything', SECRET, 'their source failed'],
  ])('that are not to be had are one error that holds no secret: %s', async (_what, thrown, reason) => {
    const calls = [credential.get(NEVER), credential.get(NEVER)].map(faultOf);
    asked[0]?.reject(thrown);
    expect(await Promise.all(calls)).toEqual([FAULT(reason), FAULT(reason)]);
    // Nor is a source that is down asked by every call.
    expect(await faultOf(credential.get(NEVER))).toEqual(FAULT('their source has just failed'));
    time.advance(5_000);
    await held('b');
    expect(asked.length).toBe(2);
  });

  it('are not waited for longer than ten seconds, nor longer than the call has', async () => {
    const leaving = new AbortController();
    const left = faultOf(credential.get(leaving.signal));
    const late = faultOf(credential.get(NEVER));
    leaving.abort('left');
    expect(await left).toEqual(['left']);
    time.advance(10_000);
    expect(await late).toEqual(FAULT('their source did not answer in time'));
    expect(time.pending).toBe(0);
  });

  it('that are refused are got anew, once for all calls that were made with them, and others go on with them', async () => {
    await held('a');
    const instead = [credential.instead('a', NEVER), credential.instead('a', NEVER)];
    expect(await credential.get(NEVER)).toBe('a');
    give('b', 3_600_000);
    expect(await Promise.all(instead)).toEqual(['b', 'b']);
    expect(asked.length).toBe(2);
    expect(await credential.instead('a', NEVER)).toBe('b');
    // What has just been got is not too old: the provider means something else.
    expect(await credential.instead('b', NEVER)).toBeUndefined();
    expect(await credential.get(NEVER)).toBe('b');
    time.advance(5_000);
    const again = credential.instead('b', NEVER);
    asked[2]?.reject(new Error('down'));
    expect([await again, await credential.get(NEVER)]).toEqual([undefined, 'b']);
  });
});
