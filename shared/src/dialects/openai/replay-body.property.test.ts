import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { canonicalJson } from '../../json/canonical-json.ts';
import type { JsonObject } from '../../json/json-value.ts';
import { encodeSseEvent, type SseEvent } from '../../sse/sse-event.ts';
import { parseSseFrame } from '../../sse/parse-sse-frame.ts';
import { SseFramer } from '../../sse/sse-framer.ts';
import { aggregateStream } from './aggregate-stream.ts';
import { chatBodies, completionBodies, shredded } from '../../testing/generated-bodies.ts';
import { isReplayable, replayBody } from './replay-body.ts';

const numRuns = inject('propertyRuns');

/** As text, so that members named `__proto__` are compared too. */
function sum(operation: 'openai.chat' | 'openai.completions', events: readonly SseEvent[]): string | undefined {
  const body = aggregateStream(operation, events);
  return body === undefined ? undefined : canonicalJson(body);
}

describe.each([
  ['openai.chat', chatBodies],
  ['openai.completions', completionBodies],
] as const)('%s: whatever a provider answers', (operation, bodies) => {
  const replay = (body: JsonObject, includeUsage = true): SseEvent[] => replayBody(operation, body, { includeUsage });

  test('the replay of an answer adds up to the answer', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        expect(isReplayable(operation, body)).toBe(true);
        expect(sum(operation, replay(body))).toBe(canonicalJson(body));
      }),
      { numRuns },
    );
  });

  test('a replay without usage lacks usage and nothing else', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { usage: _usage, ...rest } = body;
        expect(sum(operation, replay(body, false))).toBe(canonicalJson(rest));
      }),
      { numRuns },
    );
  });

  test('the same stream in smaller pieces adds up to the same answer', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        expect(sum(operation, shredded(replay(body)))).toBe(canonicalJson(body));
      }),
      { numRuns },
    );
  });

  test('what is written as text, cut anywhere and read back is the same stream', () => {
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 97 }), (body, step) => {
        const events = replay(body);
        const bytes = new TextEncoder().encode(events.map(encodeSseEvent).join(''));
        const framer = new SseFramer();
        const read: SseEvent[] = [];
        for (let at = 0; at < bytes.length; at += step) {
          for (const frame of framer.push(bytes.subarray(at, at + step))) {
            const event = parseSseFrame(frame.bytes);
            if (event !== undefined) read.push(event);
          }
        }
        expect(read).toEqual(events);
      }),
      { numRuns },
    );
  });
});
