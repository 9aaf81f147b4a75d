import { describe, expect, test } from 'vitest';
import { judge } from './quality-gate.ts';

const GOOD = 'The capital of Austria is Vienna.';
const LONG = `${GOOD} It lies on the Danube, and has about two million inhabitants.`;

describe('a whole answer', () => {
  test.each([
    ['stop', GOOD, false, { kind: 'pass' }],
    ['stop', '42', false, { kind: 'pass' }],
    ['stop', '', false, { kind: 'refuse', rule: 'empty' }],
    ['stop', ' \n\t', false, { kind: 'refuse', rule: 'empty' }],
    ['length', GOOD, false, { kind: 'refuse', rule: 'length' }],
    ['length', GOOD, true, { kind: 'pass' }],
    ['content_filter', GOOD, false, { kind: 'refuse', rule: 'finish' }],
    ['tool_calls', GOOD, false, { kind: 'refuse', rule: 'finish' }],
    ['abort', GOOD, true, { kind: 'refuse', rule: 'finish' }],
  ])('that ended by %s and says %j (bounded: %s): %j', (finish, text, bounded, verdict) => {
    expect(judge({ text, finish, bounded, isUnsure: false })).toEqual(verdict);
  });
});

describe('an answer that goes on', () => {
  test('is waited for as long as it is short, and passes once it is long enough', () => {
    expect(judge({ text: '', finish: undefined, bounded: false, isUnsure: false })).toEqual({ kind: 'wait' });
    expect(judge({ text: GOOD, finish: undefined, bounded: false, isUnsure: false })).toEqual({ kind: 'wait' });
    expect(judge({ text: LONG, finish: undefined, bounded: false, isUnsure: false })).toEqual({ kind: 'pass' });
  });
});

test('an answer of which the model was not sure is refused where it would pass, and not before', () => {
  const unsure = { bounded: false, isUnsure: true } as const;
  const refused = { kind: 'refuse', rule: 'confidence' };
  expect(judge({ text: GOOD, finish: 'stop', ...unsure })).toEqual(refused);
  expect(judge({ text: GOOD, finish: undefined, ...unsure })).toEqual({ kind: 'wait' });
  expect(judge({ text: LONG, finish: undefined, ...unsure })).toEqual(refused);
  expect(judge({ text: '', finish: 'stop', ...unsure })).toEqual({ kind: 'refuse', rule: 'empty' });
});

test.each([
  "I'm sorry, but I can't help with that.",
  'I’m sorry, but I can’t help with that.',
  '  I am sorry, I do not have that information.',
  'Sorry, I cannot answer that.',
  'I cannot provide legal advice.',
  "I don't know who won.",
  'I am unable to browse the web.',
  'Unfortunately, I do not have access to real-time data.',
  'As an AI language model, I have no opinions.',
  'I apologize, but that is beyond me.',
  'Es tut mir leid, das weiß ich nicht.',
  'Lo siento, no puedo ayudarte.',
])('%j is a refusal, whole and as a beginning', (text) => {
  expect(judge({ text, finish: 'stop', bounded: false, isUnsure: false })).toEqual({ kind: 'refuse', rule: 'refusal' });
  expect(judge({ text: text + LONG, finish: undefined, bounded: false, isUnsure: false })).toEqual({
    kind: 'refuse',
    rule: 'refusal',
  });
});

test.each([
  'Sorry is an English word for an apology.',
  'I can help with that: open the settings.',
  'The error says "I cannot connect": check the network.',
  'I know three ways to do it.',
])('%j is none', (text) => {
  expect(judge({ text, finish: 'stop', bounded: false, isUnsure: false })).toEqual({ kind: 'pass' });
});
