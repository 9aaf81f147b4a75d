import { GatewayError } from '@isartor/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chatContext } from '../../test/support/chat-context.ts';
import { ManualTime } from '../../test/support/manual-time.ts';
import { FallbackChain } from './fallback-chain.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream/upstream.port.ts';
import type { Provider } from './provider.port.ts';

/** How one call goes: what it ends in, how long it takes, and what of it the client leaves in the middle of. */
interface Turn {
  readonly kind: (typeof KINDS)[number];
  readonly ms: number;
  readonly retryAfterSecs: number | undefined;
  readonly clientLeaves: boolean;
}

const KINDS = ['good', 'broken-later', 'broken-early', 'error-event', 'unreachable', 429, 503, 409, 401, 400] as const;
const TOKEN = 'data: {"choices":[]}\n\n';
const MAX_CALLS = 4;

const turn: fc.Arbitrary<Turn> = fc.record({
  kind: fc.constantFrom(...KINDS),
  ms: fc.constantFrom(0, 10, 4_000, 40_000, 200_000),
  retryAfterSecs: fc.option(fc.constantFrom(0, 3, 10, 3_600), { nil: undefined }),
  clientLeaves: fc.nat(7).map((number) => number === 0),
});

/** What happened, in order: a call to a provider, an event that the client got. */
type Happening = { readonly call: string } | 'event';

/** Providers that go by a script, one turn a call, on the test's own time. */
class ScriptedProvider implements Provider {
  readonly dialect = 'openai';
  readonly asksUsage = false;
  readonly defaultModel = 'm';

  constructor(
    readonly name: string,
    readonly weight: number | undefined,
    private readonly onCall: (call: UpstreamCall, name: string) => Promise<UpstreamReply>,
  ) {}

  call(call: UpstreamCall): Promise<UpstreamReply> {
    return this.onCall(call, this.name);
  }

  async listModels(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {}
}

function replyOf({ kind, retryAfterSecs }: Turn): UpstreamReply {
  const abandon = () => undefined;
  if (typeof kind === 'number') {
    const headers = { 'content-type': 'application/json', 'retry-after': retryAfterSecs?.toString() };
    return { status: kind, headers, abandon, body: (async function* () {})() };
  }
  async function* body(): AsyncGenerator<Uint8Array> {
    if (kind === 'error-event') yield Buffer.from('data: {"error":{"message":"x"}}\n\n');
    if (kind === 'good' || kind === 'broken-later') yield Buffer.from(TOKEN);
    if (kind !== 'good') throw new GatewayError('upstream_unreachable', 'The connection broke off.');
  }
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, abandon, body: body() };
}

test('whatever providers do: at most 4 calls, 2 to each, in the time there is, none after the first event or after the client has left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { minLength: MAX_CALLS, maxLength: MAX_CALLS }),
      fc.array(fc.option(fc.nat(3), { nil: undefined }), { minLength: 1, maxLength: 4 }),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      fc.integer({ min: 1, max: 6 }),
      async (script, weights, random, failures) => {
        const time = new ManualTime();
        const client = new AbortController();
        const happenings: Happening[] = [];
        let leftAt = Number.POSITIVE_INFINITY;
        const onCall = async (call: UpstreamCall, name: string): Promise<UpstreamReply> => {
          const next = script[happenings.length];
          happenings.push({ call: name });
          if (next === undefined) throw new Error('one call too many');
          expect(time.nowMs()).toBeLessThan(110_000);
          expect(leftAt).toBe(Number.POSITIVE_INFINITY);
          time.advance(next.ms);
          if (next.clientLeaves) {
            leftAt = happenings.length;
            client.abort(new GatewayError('internal', 'The client left.'));
          }
          call.signal.throwIfAborted();
          if (next.kind === 'unreachable') throw new GatewayError('upstream_unreachable', 'Nobody listens.');
          return replyOf(next);
        };
        const chain = new FallbackChain({
          providers: weights.map((weight, index) => new ScriptedProvider(`p${index}`, weight, onCall)),
          defaultModel: 'm',
          clocks: { firstByteMs: 110_000, plainMs: 110_000, streamMs: 900_000 },
          retry: { maxCalls: MAX_CALLS, baseWaitMs: 250, maxWaitMs: 10_000 },
          breaker: { failures, openMs: 10_000 },
          time,
          random: () => random,
        });
        try {
          const { body } = await chain.ask(chatContext({ stream: true }, client.signal));
          if (body.kind === 'events') for await (const _frames of body.events) happenings.push('event');
        } catch (error) {
          // Whatever it is, it is an error of ours to tell.
          expect(error).toBeInstanceOf(GatewayError);
        }
        const calls = happenings.filter((happening) => happening !== 'event').map(({ call }) => call);
        expect(calls.length).toBeGreaterThanOrEqual(1);
        expect(calls.length).toBeLessThanOrEqual(MAX_CALLS);
        for (const name of calls) expect(calls.filter((other) => other === name).length).toBeLessThanOrEqual(2);
        const firstEvent = happenings.indexOf('event');
        if (firstEvent >= 0)
          expect(happenings.slice(firstEvent).every((happening) => happening === 'event')).toBe(true);
        expect(time.pending).toBe(0);
      },
    ),
    { numRuns: 2_000 },
  );
});
