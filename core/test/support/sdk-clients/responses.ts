import type OpenAI from 'openai';
import { ABOUT, CITY, type SdkAnswer, type SdkAsk, type SdkClient } from './sdk-client.ts';

/** `openai`, by its responses. */
export function responsesClient(openai: OpenAI): SdkClient {
  type Item = OpenAI.Responses.ResponseInputItem;
  const tools: OpenAI.Responses.FunctionTool[] = [
    { type: 'function', name: 'weather', description: ABOUT, strict: false, parameters: CITY },
  ];
  const first = ({ question, png }: SdkAsk): Item => ({
    role: 'user',
    content:
      png === undefined
        ? question
        : [
            { type: 'input_text', text: question },
            { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${png}` },
          ],
  });
  const turn = async (ask: SdkAsk, input: Item[], more: { tools?: OpenAI.Responses.FunctionTool[] } = {}) => {
    const body = {
      model: ask.model,
      input,
      store: false,
      ...(ask.schema && {
        text: { format: { type: 'json_schema' as const, name: 'answer', schema: { ...ask.schema }, strict: true } },
      }),
      ...more,
    };
    const options = { signal: ask.signal };
    return ask.stream
      ? openai.responses.stream(body, options).finalResponse()
      : openai.responses.create({ ...body, stream: false }, options);
  };
  const callsOf = ({ output }: Pick<OpenAI.Responses.Response, 'output'>) =>
    output.filter((item) => item.type === 'function_call');
  const read = (response: OpenAI.Responses.Response): SdkAnswer => {
    const [call] = callsOf(response);
    return {
      text: response.output_text,
      inputTokens: response.usage?.input_tokens,
      outputTokens: response.usage?.output_tokens,
      call: call && { name: call.name, input: JSON.parse(call.arguments) },
    };
  };
  return {
    name: 'openai, responses',
    own: 'openai',
    ask: async (ask) => read(await turn(ask, [first(ask)])),
    useTool: async (ask, result) => {
      const called = await turn(ask, [first(ask)], { tools });
      const results = callsOf(called).map(({ call_id }): Item => ({
        type: 'function_call_output',
        call_id,
        output: result,
      }));
      const input = [first(ask), ...called.output.map((item) => item as Item), ...results];
      return [read(called), read(await turn(ask, input, { tools }))];
    },
  };
}
