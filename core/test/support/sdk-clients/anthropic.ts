import type Anthropic from '@anthropic-ai/sdk';
import { ABOUT, CITY, type SdkAnswer, type SdkAsk, type SdkClient } from './sdk-client.ts';

/** `@anthropic-ai/sdk`. */
export function anthropicClient(anthropic: Anthropic): SdkClient {
  const tools: Anthropic.Tool[] = [{ name: 'weather', description: ABOUT, input_schema: { ...CITY, type: 'object' } }];
  const first = ({ question, png }: SdkAsk): Anthropic.MessageParam => ({
    role: 'user',
    content:
      png === undefined
        ? question
        : [
            { type: 'text', text: question },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          ],
  });
  const turn = (ask: SdkAsk, messages: Anthropic.MessageParam[], more: { tools?: Anthropic.Tool[] } = {}) => {
    const body = {
      model: ask.model,
      max_tokens: 256,
      messages,
      ...(ask.schema && { output_config: { format: { type: 'json_schema' as const, schema: { ...ask.schema } } } }),
      ...more,
    };
    const options = { signal: ask.signal };
    return ask.stream
      ? anthropic.messages.stream(body, options).finalMessage()
      : anthropic.messages.create({ ...body, stream: false }, options);
  };
  const callsOf = ({ content }: Anthropic.Message) => content.filter((block) => block.type === 'tool_use');
  const read = (message: Anthropic.Message): SdkAnswer => {
    const [call] = callsOf(message);
    return {
      text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      inputTokens: message.usage.input_tokens,
      outputTokens: message.usage.output_tokens,
      call: call && { name: call.name, input: call.input },
    };
  };
  return {
    name: 'anthropic',
    own: 'anthropic',
    ask: async (ask) => read(await turn(ask, [first(ask)])),
    useTool: async (ask, result) => {
      const called = await turn(ask, [first(ask)], { tools });
      const content = callsOf(called).map(({ id }): Anthropic.ToolResultBlockParam => ({
        type: 'tool_result',
        tool_use_id: id,
        content: result,
      }));
      const messages: Anthropic.MessageParam[] = [
        first(ask),
        { role: 'assistant', content: called.content },
        { role: 'user', content },
      ];
      return [read(called), read(await turn(ask, messages, { tools }))];
    },
  };
}
