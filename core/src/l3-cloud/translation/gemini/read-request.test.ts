import type { JsonObject, JsonValue } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../test/support/surface-rules.ts';
import type { ModelCall } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { GEMINI_GENERATE } from './surface.ts';

const USER: JsonObject = { role: 'user', parts: [{ text: 'Hi' }] };
const HI = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
const CITY: JsonObject = {
  type: 'OBJECT',
  properties: { city: { type: 'STRING', nullable: true } },
  required: ['city'],
};
const AS_JSON_SCHEMA = { type: 'object', properties: { city: { type: ['string', 'null'] } }, required: ['city'] };
const CALL: JsonObject = { functionCall: { name: 'weather', args: { city: 'Bonn' } } };

const call = (fields: JsonObject): ModelCall => readRequest({ contents: [USER], ...fields });
const configured = (generationConfig: JsonObject): ModelCall => call({ generationConfig });
const promptOf = (...contents: JsonValue[]): ModelCall['prompt'] => call({ contents }).prompt;

describe('how content is to be generated', () => {
  it.each<[string, JsonObject, Partial<ModelCall>]>([
    [
      'sampling',
      { temperature: 0.5, topP: 0.9, topK: 40, seed: 7 },
      { temperature: 0.5, topP: 0.9, topK: 40, seed: 7 },
    ],
    [
      'limits, in the other spelling',
      { max_output_tokens: 5, stop_sequences: ['END'] },
      { maxOutputTokens: 5, stopSequences: ['END'] },
    ],
    ['penalties', { presencePenalty: 1, frequencyPenalty: -1 }, { presencePenalty: 1, frequencyPenalty: -1 }],
    ['JSON', { responseMimeType: 'application/json' }, { responseFormat: { type: 'json' } }],
    [
      'JSON of a schema',
      { responseMimeType: 'application/json', responseSchema: CITY },
      { responseFormat: { type: 'json', schema: AS_JSON_SCHEMA } },
    ],
    [
      'JSON of a JSON Schema',
      { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
      { responseFormat: { type: 'json', schema: { type: 'object' } } },
    ],
    [
      'a level of thoughts',
      { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } },
      { reasoning: 'high' },
    ],
    ['no thoughts', { thinkingConfig: { thinkingBudget: 0 } }, { reasoning: 'none' }],
    ['some thoughts', { thinkingConfig: { thinkingBudget: 4_000 } }, { reasoning: 'medium' }],
    ['as many thoughts as it takes', { thinkingConfig: { thinkingBudget: -1 } }, {}],
    [
      'what is so anyway',
      { candidateCount: 1, responseModalities: ['TEXT'], responseMimeType: 'text/plain', stopSequences: [] },
      {},
    ],
    ['Gemini’s own sampling, as its CLI sends it', { temperature: 1, topP: 0.95, topK: 64 }, { temperature: 1 }],
    ['the one beside another of the other', { topP: 0.9, topK: 64 }, { topP: 0.9 }],
    ['the other beside another of the one', { topP: 0.95, topK: 63 }, { topK: 63 }],
  ])('%s', (_what, config, expected) => {
    const { providerOptions: _, ...asked } = configured(config);
    expect(asked).toEqual({ prompt: [HI], ...expected });
  });

  it.each<[string, JsonObject]>([
    ['filters', { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_LOW_AND_ABOVE' }] }],
    ['labels', { labels: { a: 'b' } }],
    ['the price of pictures', { generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' } }],
    [
      'the price of one picture',
      { contents: [{ role: 'user', parts: [{ text: 'Hi', mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' } }] }] },
    ],
  ])('takes what only Gemini goes by: %s', (_what, fields) => {
    expect(call(fields)).toEqual(call({}));
  });
});

it('reads a schema of Google’s in either spelling, and lets null in where it may be', () => {
  const responseSchema = {
    any_of: [
      { type: 'STRING', enum: ['a'], nullable: true },
      { type: 'ARRAY', min_items: '1', items: { type: 'NUMBER' } },
    ],
    nullable: true,
  };
  const { responseFormat } = configured({ responseMimeType: 'application/json', responseSchema });
  expect(responseFormat).toEqual({
    type: 'json',
    schema: {
      anyOf: [
        { type: ['string', 'null'], enum: ['a', null] },
        { type: 'array', minItems: 1, items: { type: 'number' } },
        { type: 'null' },
      ],
    },
  });
});

describe('functions', () => {
  const weather = { name: 'weather', description: 'd', parameters: CITY };
  it.each<[JsonObject, unknown]>([
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [{ mode: 'ANY' }, { type: 'required' }],
    [{ mode: 'NONE' }, { type: 'none' }],
  ])('choice %j', (functionCallingConfig, toolChoice) => {
    const tools = [{ type: 'function', name: 'weather', description: 'd', inputSchema: AS_JSON_SCHEMA }];
    const asked = { tools: [{ functionDeclarations: [weather] }], toolConfig: { functionCallingConfig } };
    expect(call(asked)).toMatchObject({ tools, toolChoice });
  });

  it('are those alone that are allowed', () => {
    const functionCallingConfig = { mode: 'ANY', allowedFunctionNames: ['weather'] };
    const asked = {
      tools: [{ functionDeclarations: [weather, { name: 'other' }] }],
      toolConfig: { functionCallingConfig },
    };
    expect(call(asked).tools).toHaveLength(1);
  });
});

describe('a conversation', () => {
  it('is told before it, in either spelling', () => {
    const told = { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] };
    for (const name of ['systemInstruction', 'system_instruction']) {
      expect(call({ [name]: told }).prompt).toEqual([{ role: 'system', content: 'Be brief.\nBe kind.' }, HI]);
    }
  });

  it('has files', () => {
    const parts = [
      { inline_data: { mime_type: 'image/png', data: 'AA==' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'https://a.test/b' } },
    ];
    expect(promptOf({ parts })[0]?.content).toEqual([
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } },
      { type: 'file', mediaType: 'video/mp4', data: { type: 'url', url: new URL('https://a.test/b') } },
    ]);
  });

  it('has calls and what came of them, by their ids or in their order', () => {
    const calls = { role: 'model', parts: [CALL, CALL, { functionCall: { name: 'weather', id: 'mine' } }] };
    const answer = (response: JsonObject, id?: string): JsonObject => ({
      functionResponse: { name: 'weather', response, ...(id !== undefined && { id }) },
    });
    const answers = [answer({ output: 'third' }, 'mine'), answer({ output: 'first' }), answer({ error: 'second' })];
    const prompt = promptOf(USER, calls, { role: 'user', parts: [...answers, { text: 'And?' }] });
    const result = { type: 'tool-result', toolName: 'weather' };
    expect(prompt.slice(2)).toEqual([
      {
        role: 'tool',
        content: [
          { ...result, toolCallId: 'mine', output: { type: 'text', value: 'third' } },
          { ...result, toolCallId: 'call_1', output: { type: 'text', value: 'first' } },
          { ...result, toolCallId: 'call_2', output: { type: 'error-text', value: 'second' } },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
    ]);
  });

  it('keeps an answer of several members as JSON, and the pictures beside it', () => {
    const said = { name: 'weather', response: { sky: 'blue', degrees: 20 } };
    const turn = { role: 'model', parts: [CALL] };
    const resultOf = (more: JsonObject): unknown => {
      const [, , tool] = promptOf(USER, turn, { parts: [{ functionResponse: { ...said, ...more } }] });
      return tool?.role === 'tool' && tool.content[0]?.type === 'tool-result' ? tool.content[0].output : undefined;
    };
    expect(resultOf({})).toEqual({ type: 'json', value: said.response });
    expect(resultOf({ parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] })).toEqual({
      type: 'content',
      value: [
        { type: 'text', text: '{"sky":"blue","degrees":20}' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } },
      ],
    });
  });
});

it('leaves out texts that are empty and unsigned, and turns with nothing else', () => {
  const empty = { text: '' };
  const { prompt } = call({
    systemInstruction: { parts: [empty, { text: 'Be brief.' }, empty] },
    contents: [
      { role: 'user', parts: [empty] },
      { role: 'user', parts: [empty, { text: 'Hi' }] },
      { role: 'model', parts: [empty, { text: '', thought: true }, { text: '', thoughtSignature: null }] },
      {
        role: 'model',
        parts: [
          { text: '', thoughtSignature: 's1' },
          { text: '', thought: true, thoughtSignature: 's2' },
        ],
      },
    ],
  });
  const signed = (thoughtSignature: string) => ({ text: '', providerOptions: { google: { thoughtSignature } } });
  expect(prompt).toEqual([
    { role: 'system', content: 'Be brief.' },
    HI,
    {
      role: 'assistant',
      content: [
        { type: 'text', ...signed('s1') },
        { type: 'reasoning', ...signed('s2') },
      ],
    },
  ]);
});

describe('what has no counterpart is named', () => {
  const turn = (...parts: JsonValue[]): JsonObject => ({ contents: [USER, { role: 'user', parts }] });
  it.each<[string, JsonObject]>([
    ['cachedContent', { cachedContent: 'c' }],
    ['aFieldOfTomorrow', { aFieldOfTomorrow: 1 }],
    ['tools[0].googleSearch', { tools: [{ googleSearch: {} }] }],
    ['generationConfig.candidateCount', { generationConfig: { candidateCount: 2 } }],
    ['generationConfig.speechConfig', { generationConfig: { speechConfig: {} } }],
    ['generationConfig.responseMimeType', { generationConfig: { responseMimeType: 'text/x.enum' } }],
    ['generationConfig.temperature', { generationConfig: { temperature: 'hot' } }],
    ['contents[1].parts[0].executableCode', turn({ executableCode: { code: 'x' } })],
    ['contents[1].parts[0].functionResponse', turn({ functionResponse: { name: 'weather', response: {} } })],
    ['contents[1].parts[0].functionCall', turn(CALL)],
    ['contents[1].role', { contents: [USER, { role: 'system', parts: [] }] }],
  ])('%s', (param, fields) => {
    expect(refusalOf(GEMINI_GENERATE, { contents: [USER], ...fields })).toMatchObject({
      param,
      code: 'invalid_request',
    });
  });
});
