import fc from 'fast-check';
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../sse/sse-event.ts';
import { extras, merged, optional, text, value } from './generated-json.ts';

const functionCall = fc.record({ name: text, arguments: text });
const toolCall: fc.Arbitrary<JsonValue> = fc.oneof(
  {
    weight: 4,
    arbitrary: merged(extras('index'), fc.record({ id: text, type: fc.constant('function'), function: functionCall })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ id: text, type: fc.constant('custom'), custom: fc.record({ name: text, input: text }) }),
  },
  { weight: 1, arbitrary: fc.record({ id: text, index: fc.nat(3), function: functionCall }) },
  { weight: 1, arbitrary: value },
);
const part = fc.oneof(fc.record({ type: fc.constantFrom('text', 'image'), text }), value);
const content = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.array(part, { maxLength: 3 }) },
);
const message = merged(
  extras('content', 'role', 'tool_calls'),
  optional('role', fc.constant('assistant')),
  optional('content', content),
  optional('refusal', fc.option(text)),
  optional('reasoning_content', text),
  optional('annotations', fc.array(value, { maxLength: 2 })),
  optional('audio', fc.record({ id: text, data: text, transcript: text, expires_at: fc.nat() })),
  optional('function_call', functionCall),
  optional('tool_calls', fc.oneof(fc.constant(null), fc.array(toolCall, { maxLength: 3 }))),
);
const logprobs = fc.option(
  fc.record({ content: fc.option(fc.array(value, { maxLength: 3 })), refusal: fc.option(fc.array(value)) }),
);
const finish = fc.record({ finish_reason: fc.constantFrom('stop', 'tool_calls', 'function_call') });

function answer(choice: fc.Arbitrary<JsonObject>, object: string): fc.Arbitrary<JsonObject> {
  return merged(
    extras('choices', 'error', 'object', 'obfuscation'),
    optional('object', fc.constant(object)),
    optional('id', text),
    optional('created', fc.nat()),
    optional('model', text),
    optional('system_fingerprint', fc.option(text)),
    optional('usage', fc.oneof(value, fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat() }))),
    fc.record({
      choices: fc
        .array(choice, { minLength: 1, maxLength: 3 })
        .map((choices) => choices.map((one, index): JsonValue => ({ ...one, index }))),
    }),
    // Through JSON once, as all bodies come: -0 is 0 there.
  ).map((body) => asObject(parseJson(JSON.stringify(body))));
}

export const chatBodies = answer(
  merged(extras('index', 'message', 'delta'), optional('logprobs', logprobs), finish, fc.record({ message })),
  'chat.completion',
);

export const completionBodies = answer(
  merged(extras('index', 'message', 'delta'), optional('logprobs', logprobs), finish, fc.record({ text })),
  'text_completion',
);

/** Texts that every provider streams piece by piece. */
const STREAMED = ['content', 'refusal', 'reasoning_content', 'text'];

/** The same stream with its texts in ever so many pieces: an empty one and one a grapheme. */
export function shredded(events: readonly SseEvent[]): SseEvent[] {
  return events.flatMap((event) => {
    const chunk = event.data === SSE_DONE ? null : parseJson(event.data);
    const choices = isJsonObject(chunk) ? chunk['choices'] : undefined;
    const choice = isJsonArray(choices) ? choices[0] : undefined;
    if (!isJsonObject(chunk) || !isJsonObject(choice)) return [event];
    return shreddedChoice(choice).map((one) => ({ data: JSON.stringify({ ...chunk, choices: [one] }) }));
  });
}

function shreddedChoice(choice: JsonObject): JsonObject[] {
  const delta = choice['delta'];
  const holder = isJsonObject(delta) ? delta : choice;
  const member = STREAMED.find((one) => typeof holder[one] === 'string' && holder[one] !== '');
  const whole = member === undefined ? undefined : holder[member];
  if (member === undefined || typeof whole !== 'string') return [choice];
  const index = choice['index'] ?? 0;
  const [first = '', ...others] = Array.from(whole);
  const piece = (letters: string): JsonObject =>
    isJsonObject(delta) ? { index, delta: { [member]: letters } } : { index, [member]: letters };
  const start = { ...holder, [member]: first };
  return [isJsonObject(delta) ? { ...choice, delta: start } : { ...choice, ...start }, piece(''), ...others.map(piece)];
}

function asObject(body: JsonValue): JsonObject {
  if (!isJsonObject(body)) throw new TypeError('not an object');
  return body;
}
