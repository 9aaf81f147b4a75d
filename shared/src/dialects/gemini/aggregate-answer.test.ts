import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { geminiBody } from '../../testing/gemini-answers.ts';
import { replayBody } from '../replay-body.ts';
import { isReplayable } from '../streams.ts';
import { usageOf } from '../usage.ts';
import { aggregateAnswer } from './aggregate-answer.ts';
import { geminiPath } from './path-target.ts';

function events(...chunks: readonly JsonObject[]): SseEvent[] {
  return chunks.map((chunk) => ({ data: JSON.stringify(chunk) }));
}
const chunk = (parts: JsonObject[], members: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...members }],
});
const END = { finishReason: 'STOP' };
const sum = (...chunks: readonly JsonObject[]): unknown => aggregateAnswer(events(...chunks));
const partsOf = (...chunks: readonly JsonObject[]): unknown => {
  const answer = sum(...chunks);
  return answer === undefined ? undefined : JSON.parse(JSON.stringify(answer)).candidates[0].content.parts;
};

describe('parts grow', () => {
  test.each<[string, JsonObject[], JsonObject[]]>([
    ['texts', [chunk([{ text: 'Grü' }]), chunk([{ text: 'ezi' }], END)], [{ text: 'Grüezi' }]],
    [
      'a thought, then a text with its signature',
      [
        chunk([{ text: 'H', thought: true }]),
        chunk([{ text: 'm', thought: true }]),
        chunk([{ text: 'So' }]),
        chunk([{ text: '', thoughtSignature: 'EqsF' }], END),
      ],
      [
        { text: 'Hm', thought: true },
        { text: 'So', thoughtSignature: 'EqsF' },
      ],
    ],
    [
      'calls, and an empty text at the end',
      [
        chunk([
          { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'E' },
          { functionCall: { name: 'g' } },
        ]),
        chunk([{ text: '' }], END),
      ],
      [{ functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'E' }, { functionCall: { name: 'g' } }],
    ],
    [
      'what is not known, whole',
      [chunk([{ text: 'a' }]), chunk([{ text: 'b', new: 1 }]), chunk([{ inlineData: { data: 'AAAA' } }], END)],
      [{ text: 'a' }, { text: 'b', new: 1 }, { inlineData: { data: 'AAAA' } }],
    ],
    ['two parts of one chunk stay two', [chunk([{ text: 'a' }, { text: 'b' }], END)], [{ text: 'a' }, { text: 'b' }]],
  ])('%s', (_what, chunks, parts) => {
    expect(partsOf(...chunks)).toEqual(parts);
  });
});

describe('a stream', () => {
  test('adds up with the last counts, by candidate', () => {
    const both = (a: string, b: string, members: JsonObject = {}): JsonObject => ({
      candidates: [a, b].map((text, index) => ({ content: { parts: [{ text }], role: 'model' }, index, ...members })),
      modelVersion: 'm',
    });
    expect(
      sum(
        { ...both('a', 'x'), usageMetadata: { promptTokenCount: 1, trafficType: 'ON_DEMAND' } },
        { ...both('b', 'y', END), usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 } },
      ),
    ).toEqual({
      ...both('ab', 'xy', END),
      usageMetadata: { promptTokenCount: 1, trafficType: 'ON_DEMAND', candidatesTokenCount: 2 },
    });
  });

  test.each<[string, SseEvent[]]>([
    ['is empty', []],
    ['has not ended', events(chunk([{ text: 'a' }]))],
    ['says an error', events(chunk([{ text: 'a' }]), { error: { code: 500 } })],
    ['is not JSON', [...events(chunk([{ text: 'a' }], END)), { data: '[' }]],
    [
      'is of another response half-way',
      events({ ...chunk([]), responseId: 'a' }, { ...chunk([], END), responseId: 'b' }),
    ],
    [
      'tells its probabilities twice',
      events(chunk([], { logprobsResult: { a: 1 } }), chunk([], { ...END, logprobsResult: {} })),
    ],
    ['has a call in pieces', events(chunk([{ functionCall: { name: 'f', willContinue: true } }], END))],
    ['has a call in pieces later', events(chunk([{ text: 'a' }]), chunk([{ functionCall: { partialArgs: [] } }], END))],
    [
      'has an integer that no reader keeps',
      [{ data: '{"candidates":[{"finishReason":"STOP","index":0,"n":12345678901234567890}]}' }],
    ],
    ['has names for its events', [{ event: 'x', data: JSON.stringify(geminiBody('a')) }]],
  ])('that %s adds up to nothing', (_what, stream) => {
    expect(aggregateAnswer(stream)).toBeUndefined();
  });

  test('of one chunk is the replay of an answer', () => {
    const body = geminiBody('Hello.');
    expect(replayBody('gemini.generate', body, { includeUsage: false })).toEqual(events(body));
    expect(aggregateAnswer(events(body))).toEqual(body);
    expect(isReplayable('gemini.generate', body)).toBe(true);
    expect(isReplayable('gemini.generate', body, '{"args":12345678901234567890}')).toBe(false);
    expect(isReplayable('gemini.generate', { candidates: [] })).toBe(false);
  });
});

test('usage counts thoughts as output, and none where there is none', () => {
  const counts = { promptTokenCount: 9, candidatesTokenCount: 2, thoughtsTokenCount: 5, cachedContentTokenCount: 4 };
  expect(usageOf('gemini.generate', { usageMetadata: counts })).toEqual({
    input: 9,
    output: 7,
    cachedInput: 4,
    reasoning: 5,
  });
  expect(usageOf('gemini.generate', { usageMetadata: {} })).toBeNull();
  expect(usageOf('gemini.generate', {})).toBeNull();
});

test('a path is encoded anew', () => {
  expect(geminiPath({ version: 'v1', model: 'a:b@c', method: 'generateContent' })).toBe(
    '/v1/models/a%3Ab%40c:generateContent',
  );
  expect(geminiPath({ version: 'v1beta', model: 'tunedModels/x', method: 'streamGenerateContent' })).toBe(
    '/v1beta/tunedModels/x:streamGenerateContent',
  );
});
