import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { parseJson } from '../json/json-value.ts';
import { clientWantsUsage, withIncludeUsage, withMembers, withModel, withoutMembers } from './edit-body.ts';
import { parseRequest } from './parse-request.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();
const chat = (body: string) => parseRequest('openai.chat', utf8.encode(body));
const usageAsked = (body: string) => {
  const edited = withIncludeUsage(chat(body));
  return edited === undefined ? undefined : text.decode(edited);
};
const M = '"messages":[{"role":"user","content":"é \\u0041 {\\"model\\":1}"}]';

describe('asking for usage', () => {
  test.each([
    [`{${M},"stream":true}`, `{"stream_options":{"include_usage":true},${M},"stream":true}`],
    [` { ${M}, "stream":true}`, ` {"stream_options":{"include_usage":true}, ${M}, "stream":true}`],
    [`{"stream":true,"stream_options":null,${M}}`, `{"stream":true,"stream_options":{"include_usage":true},${M}}`],
    [`{"stream":true,"stream_options":{},${M}}`, `{"stream":true,"stream_options":{"include_usage":true},${M}}`],
    [
      `{"stream":true,"stream_options": { "x" : [1] },${M}}`,
      `{"stream":true,"stream_options": {"include_usage":true, "x" : [1] },${M}}`,
    ],
    [
      `{"stream":true,"stream\\u005foptions":{ },${M}}`,
      `{"stream":true,"stream\\u005foptions":{"include_usage":true },${M}}`,
    ],
  ])('of %s changes those bytes alone', (body, edited) => {
    expect(usageAsked(body)).toBe(edited);
  });

  test.each([
    ['a request that does not stream', `{${M}}`],
    ['a request that says so', `{${M},"stream":false}`],
    ['a client that asked itself', `{${M},"stream":true,"stream_options":{"include_usage":true}}`],
    ['a client that said no', `{${M},"stream":true,"stream_options":{"include_usage":false}}`],
    ['a client that said null', `{${M},"stream":true,"stream_options":{"include_usage":null}}`],
    ['options that are no object', `{${M},"stream":true,"stream_options":[]}`],
    ['options that are text', `{${M},"stream":true,"stream_options":"include_usage"}`],
  ])('leaves %s alone', (_, body) => {
    expect(usageAsked(body)).toBeUndefined();
  });

  test('is seen where the client did it', () => {
    expect(clientWantsUsage(chat(`{${M},"stream_options":{"include_usage":true}}`))).toBe(true);
    expect(clientWantsUsage(chat(`{${M},"stream_options":{"include_usage":false}}`))).toBe(false);
    expect(clientWantsUsage(chat(`{${M},"stream_options":{}}`))).toBe(false);
    expect(clientWantsUsage(chat(`{${M},"stream_options":true}`))).toBe(false);
    expect(clientWantsUsage(chat(`{${M}}`))).toBe(false);
  });
});

test.each([
  [`{${M}}`, `{"top_logprobs":1,"logprobs":true,${M}}`],
  [`{ ${M}, "logprobs" : false }`, `{"top_logprobs":1, ${M}, "logprobs" : true }`],
  ['{}', '{"top_logprobs":1,"logprobs":true}'],
])('setting members of %s changes those bytes alone', (body, edited) => {
  expect(text.decode(withMembers(utf8.encode(body), { logprobs: true, top_logprobs: 1 }))).toBe(edited);
});

describe('setting the model', () => {
  test.each([
    [`{${M}}`, `{"model":"a\\"b",${M}}`],
    [`{ "model" : "x" , ${M}}`, `{ "model" : "a\\"b" , ${M}}`],
    [`{${M},"model":null}`, `{${M},"model":"a\\"b"}`],
    [`{${M},"mod\\u0065l":"x","n":1}`, `{${M},"mod\\u0065l":"a\\"b","n":1}`],
  ])('of %s changes those bytes alone', (body, edited) => {
    expect(text.decode(withModel(chat(body), 'a"b'))).toBe(edited);
  });

  const fields = fc
    .dictionary(fc.string(), fc.jsonValue())
    .filter((body) => !JSON.stringify(body).includes('__proto__'));

  test('gives JSON that differs in the model alone, whatever the request', () => {
    fc.assert(
      fc.property(fields, fc.string(), fc.nat(2), (unknown, model, space) => {
        const body = {
          ...unknown,
          messages: [{ role: 'user' }],
          stream: true,
          model: null,
          n: 1,
          tools: [],
          temperature: 1,
        };
        const request = chat(JSON.stringify(body, undefined, space));
        expect(parseJson(text.decode(withModel(request, model)))).toEqual(
          JSON.parse(JSON.stringify({ ...body, model })),
        );
      }),
      { numRuns: inject('propertyRuns') },
    );
  });
});

describe('leaving members out', () => {
  test.each([
    ['{"a":1}', ['a'], '{}'],
    [' { "a" : [1,{"b":2}] } ', ['a'], ' { } '],
    ['{"a":1,"b":2,"c":3}', ['a'], '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['b'], '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['c'], '{"a":1,"b":2}'],
    ['{ "a" : "x,y" , "b" : 1.0 , "é" : "\\u0041" }', ['a', 'é'], '{ "b" : 1.0 }'],
    ['{"\\u0061":1,"b":{"a":2}}', ['a'], '{"b":{"a":2}}'],
    ['{"b":2}', ['a'], '{"b":2}'],
    ['{"a":1,"b":2}', ['b', 'a'], '{}'],
  ])('%s without %j', (body, names, edited) => {
    expect(text.decode(withoutMembers(utf8.encode(body), names))).toBe(edited);
  });
});
