import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { canonicalJson } from '../../json/canonical-json.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { messageBodies, shreddedMessage } from '../../testing/generated-messages.ts';
import { isReplayable } from '../streams.ts';
import { aggregateMessage } from './aggregate-message.ts';
import { replayMessage } from './replay-message.ts';

const numRuns = inject('propertyRuns');

/** As text, so that members named `__proto__` are compared too. */
function sum(events: readonly SseEvent[]): string | undefined {
  const body = aggregateMessage(events);
  return body === undefined ? undefined : canonicalJson(body);
}

describe('whatever message Anthropic answers', () => {
  test('its replay adds up to it', () => {
    fc.assert(
      fc.property(messageBodies, (body) => {
        expect(sum(replayMessage(body))).toBe(canonicalJson(body));
        expect(isReplayable('anthropic.messages', body)).toBe(true);
      }),
      { numRuns },
    );
  });

  test('the same stream in smaller pieces, with pings between, adds up to the same message', () => {
    fc.assert(
      fc.property(messageBodies, (body) => {
        expect(sum(shreddedMessage(replayMessage(body)))).toBe(canonicalJson(body));
      }),
      { numRuns },
    );
  });

  test('a stream that lacks any of its events but a delta adds up to nothing', () => {
    fc.assert(
      fc.property(messageBodies, fc.nat(), (body, at) => {
        const events = replayMessage(body);
        const missing = at % events.length;
        fc.pre(!['content_block_delta', 'message_delta'].includes(events[missing]?.event ?? ''));
        expect(sum(events.filter((_event, index) => index !== missing))).toBeUndefined();
      }),
      { numRuns },
    );
  });
});
