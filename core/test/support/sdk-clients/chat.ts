import type OpenAI from 'openai';
import { ABOUT, CITY, type SdkAnswer, type SdkAsk, type SdkClient } from './sdk-client.ts';

/** `openai`, by its chat. */
export function chatClient(openai: OpenAI): SdkClient {
  type Message = OpenAI.ChatCompletionMessageParam;
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { name: 'weather', description: ABOUT, parameters: CITY } },
  ];
  const first = ({ question, png }: SdkAsk): Message => ({
    role: 'user',
    content:
      png === undefined
        ? question
        : [
            { type: 'text', text: question },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          ],
  });
  const turn = async (ask: SdkAsk, messages: Message[], more: Partial<OpenAI.ChatCompletionCreateParams> = {}) => {
    const body = {
      model: ask.model,
      messages,
      ...(ask.schema && {
        response_format: {
          type: 'json_schema' as const,
          json_schema: { name: 'answer', schema: { ...ask.schema }, strict: true },
        },
      }),
      ...more,
    };
    const options = { signal: ask.signal };
    const answer = ask.stream
      ? await openai.chat.completions
          .stream({ ...body, stream: true, stream_options: { include_usage: true } }, options)
          .finalChatCompletion()
      : await openai.chat.completions.create({ ...body, stream: false }, options);
    const [choice] = answer.choices;
    if (choice === undefined) throw new Error('there is no choice');
    return { message: choice.message, answer };
  };
  const read = ({ message, answer }: Awaited<ReturnType<typeof turn>>): SdkAnswer => {
    const [call] = message.tool_calls ?? [];
    return {
      text: message.content ?? '',
      inputTokens: answer.usage?.prompt_tokens,
      outputTokens: answer.usage?.completion_tokens,
      call:
        call?.type === 'function'
          ? { name: call.function.name, input: JSON.parse(call.function.arguments) }
          : undefined,
    };
  };
  return {
    name: 'openai, chat',
    own: 'openai',
    ask: async (ask) => read(await turn(ask, [first(ask)])),
    useTool: async (ask, result) => {
      const called = await turn(ask, [first(ask)], { tools });
      const results = (called.message.tool_calls ?? []).map(({ id }): Message => ({
        role: 'tool',
        tool_call_id: id,
        content: result,
      }));
      return [read(called), read(await turn(ask, [first(ask), called.message, ...results], { tools }))];
    },
  };
}
