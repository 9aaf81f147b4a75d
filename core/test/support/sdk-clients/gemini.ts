import type { Content, GenerateContentConfig, GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { ABOUT, CITY, type SdkAnswer, type SdkAsk, type SdkClient } from './sdk-client.ts';

/** `@google/genai`. */
export function geminiClient(google: GoogleGenAI): SdkClient {
  const tools = [{ functionDeclarations: [{ name: 'weather', description: ABOUT, parametersJsonSchema: CITY }] }];
  const first = ({ question, png }: SdkAsk): Content => ({
    role: 'user',
    parts: [{ text: question }, ...(png === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: png } }])],
  });
  const turn = async (
    ask: SdkAsk,
    contents: Content[],
    more: GenerateContentConfig = {},
  ): Promise<Content & { usage: GenerateContentResponse['usageMetadata'] }> => {
    const config: GenerateContentConfig = {
      ...(ask.schema && { responseMimeType: 'application/json', responseJsonSchema: ask.schema }),
      ...(ask.signal && { abortSignal: ask.signal }),
      ...more,
    };
    const request = { model: ask.model, contents, config };
    const chunks: GenerateContentResponse[] = [];
    if (ask.stream) for await (const chunk of await google.models.generateContentStream(request)) chunks.push(chunk);
    else chunks.push(await google.models.generateContent(request));
    return {
      role: 'model',
      parts: chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []),
      usage: chunks.at(-1)?.usageMetadata,
    };
  };
  const read = ({ parts = [], usage }: Awaited<ReturnType<typeof turn>>): SdkAnswer => {
    const call = parts.find(({ functionCall }) => functionCall !== undefined)?.functionCall;
    return {
      text: parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join(''),
      inputTokens: usage?.promptTokenCount,
      outputTokens: usage?.candidatesTokenCount,
      call: call && { name: call.name ?? '', input: call.args },
    };
  };
  return {
    name: 'google genai',
    own: 'gemini',
    ask: async (ask) => read(await turn(ask, [first(ask)])),
    useTool: async (ask, result) => {
      const { usage, ...called } = await turn(ask, [first(ask)], { tools });
      const parts = (called.parts ?? []).flatMap(({ functionCall }) =>
        functionCall === undefined
          ? []
          : [{ functionResponse: { ...functionCall, args: undefined, response: { output: result } } }],
      );
      const contents = [first(ask), called, { role: 'user', parts }];
      return [read({ ...called, usage }), read(await turn(ask, contents, { tools }))];
    },
  };
}
