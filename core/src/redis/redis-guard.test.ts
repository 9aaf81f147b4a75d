import { beforeEach, describe, expect, it } from 'vitest';
import type { BreakerState } from '../upstream/circuit-breaker.ts';
import type { Time } from '../upstream/time.ts';
import { RedisFault } from './redis-fault.ts';
import { RedisGuard } from './redis-guard.ts';

/** A clock that stands until it is turned. */
class ManualTime implements Time {
  private now = 0;
  private readonly due: { at: number; action: () => void }[] = [];

  nowMs = (): number => this.now;
  unixMs = (): number => 1_700_000_000_000 + this.now;

  after(ms: number, action: () => void): () => void {
    const entry = { at: this.now + ms, action };
    this.due.push(entry);
    return () => void (this.due.includes(entry) && this.due.splice(this.due.indexOf(entry), 1));
  }

  sleep(): Promise<void> {
    throw new Error('nothing here sleeps');
  }

  /** Goes on, and lets what became due come to its end. */
  async turn(ms: number): Promise<void> {
    this.now += ms;
    for (const entry of this.due.splice(0)) {
      if (entry.at <= this.now) entry.action();
      else this.due.push(entry);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const never = (): Promise<never> => new Promise(() => undefined);
const refuse = (): Promise<never> => Promise.reject(new RedisFault('write-refused', 'OOM'));
const broken = (): Promise<never> => Promise.reject(new Error('Connection is closed.'));
const answer = (): Promise<string> => Promise.resolve('an answer');

let time: ManualTime;
let states: BreakerState[];
let trials: number;
let trial: () => Promise<unknown>;
let guard: RedisGuard;

beforeEach(() => {
  time = new ManualTime();
  states = [];
  trials = 0;
  trial = never;
  guard = new RedisGuard({
    boundMs: 100,
    trial: () => {
      trials += 1;
      return trial();
    },
    lostBy: () => 'ECONNREFUSED',
    onChange: (state) => states.push(state),
    time,
  });
});

async function failure(work: Promise<unknown>): Promise<RedisFault> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RedisFault)) throw new Error('it did not fail as it should', { cause: error });
  return error;
}

async function open(): Promise<void> {
  for (let time = 0; time < 3; time += 1) await failure(guard.ask(broken));
  expect(states).toEqual(['open']);
}

describe('an operation', () => {
  it('has one bound in all, however many round trips it makes', async () => {
    const asked = failure(
      guard.ask(async () => {
        await new Promise<void>((resolve) => void time.after(60, resolve));
        await never();
      }),
    );
    await time.turn(60);
    await time.turn(39);
    expect(guard.outage).toBeUndefined();
    await time.turn(1);
    expect(await asked).toMatchObject({ kind: 'timeout', code: 'timeout' });
    expect(guard.outage).toEqual({ sinceUnixMs: 1_700_000_000_100, code: 'timeout' });
  });

  it('that was answered while the process stood still is not taken for a slow Redis', async () => {
    // The reply and the clock are due in one go, and the clock is looked at first.
    const asked = guard.ask(() => new Promise<string>((resolve) => void time.after(100, () => resolve('late'))));
    await time.turn(150);
    expect(await asked).toBe('late');
  });

  it('names what became of the connection where the client only says that there is none', async () => {
    expect(await failure(guard.ask(broken))).toMatchObject({ kind: 'failed', code: 'ECONNREFUSED' });
  });
});

describe('after three failures in a row', () => {
  it('nobody waits and nothing is asked', async () => {
    await open();
    let asked = 0;
    const refused = await failure(
      guard.ask(() => {
        asked += 1;
        return answer();
      }),
    );
    expect(refused).toMatchObject({ kind: 'open', code: 'ECONNREFUSED' });
    expect(asked).toBe(0);
  });

  it('a trial is made every half second, one at a time, never by a client', async () => {
    await open();
    await time.turn(499);
    expect(trials).toBe(0);
    await time.turn(1);
    expect(trials).toBe(1);
    expect((await failure(guard.ask(answer))).kind).toBe('open');
    await time.turn(99);
    await time.turn(1);
    expect(states).toEqual(['open', 'half-open', 'open']);
    await time.turn(499);
    expect(trials).toBe(1);
    await time.turn(1);
    expect(trials).toBe(2);
  });

  it('a good trial closes it again', async () => {
    await open();
    trial = answer;
    await time.turn(500);
    expect(states).toEqual(['open', 'half-open', 'closed']);
    expect(guard.outage).toBeUndefined();
    expect(await guard.ask(answer)).toBe('an answer');
  });

  it('a connection that is back is tried at once, and not a second time in turn', async () => {
    await open();
    trial = answer;
    guard.tryNow();
    guard.tryNow();
    await time.turn(0);
    expect(states.at(-1)).toBe('closed');
    await time.turn(500);
    expect(trials).toBe(1);
  });

  it('the outage is as old as its first failure', async () => {
    await failure(guard.ask(broken));
    await time.turn(1_000);
    await failure(guard.ask(broken));
    expect(guard.outage?.sinceUnixMs).toBe(1_700_000_000_000);
  });
});

it('a refusal to write is an answer: reading goes on', async () => {
  await failure(guard.ask(broken));
  await failure(guard.ask(broken));
  for (let count = 0; count < 5; count += 1) expect((await failure(guard.ask(refuse))).kind).toBe('write-refused');
  await failure(guard.ask(broken));
  expect(states).toEqual([]);
});

it('nothing is tried any more once it is closed', async () => {
  await open();
  guard.close();
  await time.turn(10_000);
  expect(trials).toBe(0);
});
