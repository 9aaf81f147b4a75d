import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { untranslatable } from '../neutral/read-body.ts';
import type { Content, FunctionResponse, Part } from './content-schema.ts';
import { OpenCalls } from './open-calls.ts';
import { signatureOptions } from './seal-signature.ts';

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];

/** The neutral form of a conversation. Throws for an answer to no call, naming the field. */
export function readContents(contents: readonly Content[]): LanguageModelV4Prompt {
  const calls = new OpenCalls();
  return contents.flatMap(({ role, parts }, position): LanguageModelV4Prompt => {
    const place = `contents[${position}].parts`;
    if (role !== 'model') return userMessages(parts, place, calls);
    const content = parts.flatMap((part, at) => assistantPart(part, `${place}[${at}]`, calls));
    return content.length === 0 ? [] : [{ role: 'assistant', content }];
  });
}

/** The user's turn: the answers to the calls before it, and then what the user says. */
function userMessages(parts: readonly Part[], place: string, calls: OpenCalls): LanguageModelV4Prompt {
  const results: LanguageModelV4ToolResultPart[] = [];
  const said: UserPart[] = [];
  for (const [position, part] of parts.entries()) {
    const at = `${place}[${position}]`;
    if (part.functionCall) throw untranslatable(`${at}.functionCall`, 'is the model’s alone.');
    if (part.functionResponse) results.push(resultOf(part.functionResponse, `${at}.functionResponse`, calls));
    else said.push(...filesIn(part), ...textIn(part));
  }
  const prompt: LanguageModelV4Prompt = [];
  if (results.length > 0) prompt.push({ role: 'tool', content: results });
  if (said.length > 0) prompt.push({ role: 'user', content: said });
  return prompt;
}

/** An empty text says nothing, and some providers refuse it. */
function textIn({ text }: Part): LanguageModelV4TextPart[] {
  return typeof text === 'string' && text !== '' ? [{ type: 'text', text }] : [];
}

function assistantPart(part: Part, place: string, calls: OpenCalls): AssistantPart[] {
  if (part.functionResponse) throw untranslatable(`${place}.functionResponse`, 'is the user’s alone.');
  const { thoughtSignature: signature, functionCall: call, text } = part;
  const sealed = typeof signature === 'string' ? { providerOptions: signatureOptions(signature) } : {};
  if (call) {
    const toolCallId = calls.begin(call.id ?? undefined, call.name);
    return [{ type: 'tool-call', toolCallId, toolName: call.name, input: call.args ?? {}, ...sealed }];
  }
  if (typeof text !== 'string') return filesIn(part);
  if (text === '' && typeof signature !== 'string') return [];
  return [{ type: part.thought === true ? 'reasoning' : 'text', text, ...sealed }];
}

function filesIn({ inlineData, fileData }: Part): LanguageModelV4FilePart[] {
  const files: LanguageModelV4FilePart[] = [];
  if (inlineData)
    files.push({ type: 'file', mediaType: inlineData.mimeType, data: { type: 'data', data: inlineData.data } });
  if (fileData) {
    const mediaType = fileData.mimeType ?? 'application';
    files.push({ type: 'file', mediaType, data: { type: 'url', url: new URL(fileData.fileUri) } });
  }
  return files;
}

function resultOf(said: FunctionResponse, place: string, calls: OpenCalls): LanguageModelV4ToolResultPart {
  const { id, name, response, parts } = said;
  const toolCallId = calls.answer(id ?? undefined, name);
  if (toolCallId === undefined) throw untranslatable(place, 'answers no functionCall of an earlier turn.');
  const output = outputOf(response ?? {});
  const result = { type: 'tool-result', toolCallId, toolName: name } as const;
  if (!parts || parts.length === 0) return { ...result, output };
  const text = {
    type: 'text',
    text: typeof output.value === 'string' ? output.value : JSON.stringify(output.value),
  } as const;
  return { ...result, output: { type: 'content', value: [text, ...parts.flatMap((part) => filesIn(part))] } };
}

type Output = Extract<LanguageModelV4ToolResultPart['output'], { type: 'text' | 'error-text' | 'json' }>;

/** Gemini takes an `output` alone for what came of it, and an `error` alone for what went wrong. */
function outputOf(response: JsonObject): Output {
  const [[name, value] = [], ...others] = Object.entries(response);
  if (others.length === 0 && typeof value === 'string') {
    if (name === 'output' || name === 'result') return { type: 'text', value };
    if (name === 'error') return { type: 'error-text', value };
  }
  return { type: 'json', value: response as Extract<Output, { type: 'json' }>['value'] };
}
