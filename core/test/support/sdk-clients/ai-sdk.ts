import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, streamText, type ModelMessage, type ToolSet } from 'ai';
import { ABOUT, CITY, type SdkAnswer, type SdkAsk, type SdkClient } from './sdk-client.ts';

/** Vercel's AI SDK, by its provider for OpenAI-compatible servers. */
export function aiSdkClient(origin: string, key: string): SdkClient {
  const provider = createOpenAICompatible({
    name: 'isartor',
    baseURL: `${origin}/v1`,
    apiKey: key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  const tools: ToolSet = { weather: { description: ABOUT, inputSchema: jsonSchema({ ...CITY, type: 'object' }) } };
  const first = ({ question, png }: SdkAsk): ModelMessage => ({
    role: 'user',
    content: [
      { type: 'text', text: question },
      ...(png === undefined ? [] : [{ type: 'file' as const, data: png, mediaType: 'image/png' }]),
    ],
  });
  const turn = async (ask: SdkAsk, messages: ModelMessage[], withTools: boolean) => {
    const options = {
      model: provider(ask.model),
      messages,
      maxRetries: 0,
      ...(ask.signal && { abortSignal: ask.signal }),
      ...(withTools && { tools }),
      ...(ask.schema && { output: Output.object({ schema: jsonSchema({ ...ask.schema }) }) }),
    };
    if (!ask.stream) return generateText(options);
    let raised: unknown;
    const stream = streamText({ ...options, onError: ({ error }) => void (raised = error) });
    await stream.consumeStream();
    if (raised !== undefined) throw raised;
    const [text, toolCalls, usage, { messages: made }] = await Promise.all([
      stream.text,
      stream.toolCalls,
      stream.usage,
      stream.response,
    ]);
    return { text, toolCalls, usage, response: { messages: made } };
  };
  const read = ({ text, toolCalls, usage }: Awaited<ReturnType<typeof turn>>): SdkAnswer => {
    const [call] = toolCalls;
    return {
      text,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      call: call && { name: call.toolName, input: call.input },
    };
  };
  return {
    name: 'ai sdk',
    own: 'openai',
    ask: async (ask) => read(await turn(ask, [first(ask)], false)),
    useTool: async (ask, result) => {
      const called = await turn(ask, [first(ask)], true);
      const results: ModelMessage = {
        role: 'tool',
        content: called.toolCalls.map(({ toolCallId, toolName }) => ({
          type: 'tool-result',
          toolCallId,
          toolName,
          output: { type: 'text', value: result },
        })),
      };
      return [read(called), read(await turn(ask, [first(ask), ...called.response.messages, results], true))];
    },
  };
}
