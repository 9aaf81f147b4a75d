import { aggregateStream, type JsonObject } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { LABEL, modelAnswer, streamOf } from '../../../../test/support/model-answers.ts';
import type { ModelAnswer } from '../surface.port.ts';
import { writeAnswer } from './write-answer.ts';
import { writeStream } from './write-stream.ts';

const CALL = { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: '{"city":"Bonn"}' } as const;
const TEXT = { type: 'text', text: 'Let me see.' } as const;

/** An answer as a plain message, and as a stream adds up to one: with calls in pieces, and whole. */
const WAYS: readonly [string, (answer: ModelAnswer) => JsonObject | undefined][] = [
  ['plain', (answer) => writeAnswer(answer, LABEL)],
  ['a stream', (answer) => added(answer, true)],
  ['a stream that tells calls whole', (answer) => added(answer, false)],
];

function added(answer: ModelAnswer, calls: boolean): JsonObject | undefined {
  const writer = writeStream(LABEL);
  const events = streamOf(answer, { length: 4, calls }).flatMap((part) => writer.write(part));
  return aggregateStream('anthropic.messages', events);
}

describe.each(WAYS)('a message, %s', (_how, write) => {
  it.each<[string, ModelAnswer['content'], ModelAnswer['finishReason']['unified'], string]>([
    ['a call that its server calls an end', [TEXT, CALL], 'stop', 'tool_use'],
    ['a call', [CALL], 'tool-calls', 'tool_use'],
    ['a call that was cut', [CALL], 'length', 'max_tokens'],
    ['a text', [TEXT], 'stop', 'end_turn'],
  ])('ends with %s', (_what, content, unified, reason) => {
    expect(write(modelAnswer(content, unified))).toMatchObject({ stop_reason: reason });
  });

  it('has its calls under ids that Anthropic takes', () => {
    const ids = ['functions.weather:0', 'functions.weather:1', 'call_Ab-3'];
    const message = write(modelAnswer(ids.map((toolCallId) => ({ ...CALL, toolCallId }))));
    const safe = ['functions_weather_0', 'functions_weather_1', 'call_Ab-3'];
    expect(message?.['content']).toMatchObject(safe.map((id) => ({ type: 'tool_use', id, input: { city: 'Bonn' } })));
  });
});
