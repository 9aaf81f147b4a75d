import { GatewayError } from '@isartor/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import { ManualTime } from '../../test/support/manual-time.ts';
import { RequestDeadline } from './clocks.ts';

const CLOCKS = { firstByteMs: 100, plainMs: 150, streamMs: 900 };

let time: ManualTime;
let client: AbortController;

beforeEach(() => {
  time = new ManualTime();
  client = new AbortController();
});

describe('a call', () => {
  test('that does not begin in time is aborted', () => {
    const clock = new RequestDeadline(time, CLOCKS, true).beginCall(client.signal);
    time.advance(99);
    expect(clock.signal.aborted).toBe(false);
    time.advance(1);
    expect(clock.signal.reason).toMatchObject({ code: 'upstream_timeout' });
    expect(time.pending).toBe(0);
  });

  test.each([
    ['plain', false, 150],
    ['streamed', true, 900],
  ])('that has begun has as long as a %s answer may take', (_form, stream, ms) => {
    const clock = new RequestDeadline(time, CLOCKS, stream).beginCall(client.signal);
    time.advance(50);
    clock.firstByteIn();
    time.advance(ms - 51);
    expect(clock.signal.aborted).toBe(false);
    time.advance(1);
    expect(clock.signal.reason).toMatchObject({ code: 'upstream_timeout' });
  });

  test('runs on what the ones before have left, and on its provider’s own bound', () => {
    const deadline = new RequestDeadline(time, CLOCKS, true);
    const clock = deadline.beginCall(client.signal, 60);
    time.advance(60);
    expect(clock.signal.aborted).toBe(true);
    expect(deadline.leftMs).toBe(40);
    const next = deadline.beginCall(client.signal, 60);
    time.advance(40);
    expect(next.signal.aborted).toBe(true);
    expect(deadline.leftMs).toBe(0);
  });

  test('ends with its client, for the client’s reason, and leaves nothing running', () => {
    const clock = new RequestDeadline(time, CLOCKS, true).beginCall(client.signal);
    const reason = new GatewayError('internal', 'The client left.');
    client.abort(reason);
    expect(clock.signal.reason).toBe(reason);
    expect(time.pending).toBe(0);
  });

  test('is over before it began when its client has left already', () => {
    client.abort();
    expect(new RequestDeadline(time, CLOCKS, true).beginCall(client.signal).signal.aborted).toBe(true);
    expect(time.pending).toBe(0);
  });

  test('that is over leaves nothing running', () => {
    new RequestDeadline(time, CLOCKS, true).beginCall(client.signal).stop();
    expect(time.pending).toBe(0);
  });
});
