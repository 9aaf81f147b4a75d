import { encodeSseEvent, isJsonObject, parseJson } from '@isartor/shared';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { OPENAI_CHAT } from '../src/l3-cloud/translation/openai-chat/surface.ts';
import { RESPONSES } from '../src/l3-cloud/translation/responses/surface.ts';
import type { ModelAnswer, ModelCall, Surface } from '../src/l3-cloud/translation/surface.port.ts';
import { asPrompt, LABEL, modelAnswer, streamOf } from './support/model-answers.ts';

const THINKING: ModelAnswer = modelAnswer(
  [
    { type: 'reasoning', text: 'Two places.', providerMetadata: { anthropic: { signature: 's1' } } },
    { type: 'reasoning', text: '', providerMetadata: { anthropic: { redactedData: 'd' } } },
    { type: 'text', text: 'Let me see.' },
    { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: '{"city":"Bonn"}' },
    { type: 'tool-call', toolCallId: 'c2', toolName: 'weather', input: '{"city":"Ulm"}' },
  ],
  'tool-calls',
);
const SIGNED: ModelAnswer = modelAnswer(
  [
    { type: 'reasoning', text: 'Two places.', providerMetadata: { google: { thoughtSignature: 's1' } } },
    {
      type: 'tool-call',
      toolCallId: 'c1',
      toolName: 'weather',
      input: '{"city":"Bonn"}',
      providerMetadata: { google: { thoughtSignature: 's2' } },
    },
    { type: 'tool-call', toolCallId: 'c2', toolName: 'weather', input: '{"city":"Ulm"}' },
  ],
  'tool-calls',
);
const END = modelAnswer([{ type: 'text', text: 'Rain.' }]);

/** An official client whose requests a model answers, one answer a turn; what it was asked is kept in `asked`. */
function clientOf(surface: Surface, answers: readonly ModelAnswer[], asked: ModelCall[]): OpenAI {
  const fetch = async (_url: unknown, init?: { readonly body?: unknown }): Promise<Response> => {
    const body = parseJson(String(init?.body));
    const answer = answers[asked.length];
    if (!isJsonObject(body) || answer === undefined) throw new TypeError('one turn too many');
    asked.push(surface.readRequest(body));
    if (body['stream'] !== true) return Response.json(surface.writeAnswer(answer, LABEL));
    const writer = surface.writeStream(LABEL);
    const events = streamOf(answer, { length: 3, calls: true }).flatMap((part) => writer.write(part));
    const headers = { 'content-type': 'text/event-stream' };
    return new Response(events.map(encodeSseEvent).join(''), { headers });
  };
  return new OpenAI({ apiKey: 'k', baseURL: 'http://isartor.test/v1', maxRetries: 0, fetch });
}

/** Each dialect's loop, as the client's guide writes it: the answer of the last turn, and whatever the model was asked. */
const LOOPS = { chat: chatLoop, responses: responsesLoop };

async function chatLoop(client: OpenAI, stream: boolean): Promise<string | null> {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Is it dry?' }];
  const tools: OpenAI.ChatCompletionTool[] = [{ type: 'function', function: { name: 'weather' } }];
  for (;;) {
    const request = { model: 'm', messages, tools };
    const completion = stream
      ? await client.chat.completions.stream(request).finalChatCompletion()
      : await client.chat.completions.create(request);
    const message = completion.choices[0]?.message;
    const calls = message?.tool_calls ?? [];
    if (message === undefined || calls.length === 0) return message?.content ?? null;
    messages.push(message);
    for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: 'rain' });
  }
}

async function responsesLoop(client: OpenAI, stream: boolean): Promise<string | null> {
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Is it dry?' }];
  const tools: OpenAI.Responses.FunctionTool[] = [
    { type: 'function', name: 'weather', parameters: null, strict: null },
  ];
  for (;;) {
    const request = { model: 'm', input, tools };
    const { output, output_text }: OpenAI.Responses.Response = stream
      ? await client.responses.stream(request).finalResponse()
      : await client.responses.create(request);
    const said = output.filter(isOurs);
    const calls = said.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
    if (calls.length === 0) return output_text;
    input.push(...said);
    for (const call_id of calls) input.push({ type: 'function_call_output', call_id, output: 'rain' });
  }
}

type Ours = Extract<OpenAI.Responses.ResponseOutputItem, { type: 'message' | 'reasoning' | 'function_call' }>;

/** Of the client's many items, those that the compiler lets it send back. */
function isOurs(item: OpenAI.Responses.ResponseOutputItem): item is Ours {
  return ['message', 'reasoning', 'function_call'].includes(item.type);
}

const result = (toolCallId: string): unknown => {
  return { type: 'tool-result', toolCallId, toolName: 'weather', output: { type: 'text', value: 'rain' } };
};

describe.each([
  ['chat', OPENAI_CHAT],
  ['responses', RESPONSES],
] as const)("the official client's tool loop by %s", (dialect, surface) => {
  it.each([
    ['plain, with thoughts that Anthropic signed', THINKING, false],
    ['streamed, with thoughts that Anthropic signed', THINKING, true],
    ['plain, with calls that Google signed', SIGNED, false],
    ['streamed, with calls that Google signed', SIGNED, true],
  ])('gives the model back what it said, and the results: %s', async (_what, answer, stream) => {
    const asked: ModelCall[] = [];
    expect(await LOOPS[dialect](clientOf(surface, [answer, END], asked), stream)).toBe('Rain.');
    expect(asked[1]?.prompt).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Is it dry?' }] },
      { role: 'assistant', content: asPrompt(answer.content) },
      { role: 'tool', content: [result('c1'), result('c2')] },
    ]);
  });
});
