import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { encodeSseEvent, isJsonObject, parseJson, type JsonValue, type SseEvent } from '@isartor/shared';
import {
  chatStreams,
  geminiStreams,
  messageStreams,
  plainChats,
  plainGemini,
  plainMessages,
  readRecorded,
} from '@isartor/shared/testing';
import type { ModelCall, ModelPart } from '../../src/l3-cloud/translation/surface.port.ts';

/** Sends a request nowhere, and gives this answer. */
type Fetch = (input: unknown, init?: { readonly body?: unknown }) => Promise<Response>;

type MakeModel = (fetch: Fetch) => LanguageModelV4;

const anthropic: MakeModel = (fetch) => createAnthropic({ apiKey: 'k', fetch }).languageModel('claude-opus-4-6');
const google: MakeModel = (fetch) => createGoogle({ apiKey: 'k', fetch }).languageModel('gemini-3-pro-preview');
/** OpenAI itself, whose newer models the library knows by their names. */
const openai: MakeModel = (fetch) => createOpenAI({ apiKey: 'k', fetch }).chat('gpt-5-mini');
const compatible: MakeModel = (fetch) =>
  createOpenAICompatible({ name: 'openaiCompatible', baseURL: 'http://upstream.test', fetch }).languageModel('m');

/** A recorded answer, and the maintained library's model of the provider that gave it. */
export interface Recording {
  readonly name: string;
  readonly model: MakeModel;
  readonly body: string;
  readonly contentType: string;
  /** What the body says, as JSON: one value, or one an event. */
  readonly said: readonly JsonValue[];
}

const isOpenAi = ({ name }: { readonly name: string }) => name.startsWith('openai/');
const again = (recording: Recording): Recording => ({ ...recording, name: `${recording.name}, as OpenAI’s own` });

const streams = (model: MakeModel, all: readonly { readonly name: string; readonly events: readonly SseEvent[] }[]) =>
  all.map(({ name, events }): Recording => {
    const body = events.map(encodeSseEvent).join('');
    return { name, model, body, contentType: 'text/event-stream', said: events.map(({ data }) => parseJson(data)) };
  });
const answers = (model: MakeModel, files: readonly string[]): Recording[] =>
  files.flatMap((name) => {
    const body = readRecorded(name);
    const said = parseJson(body);
    return saysError(said) ? [] : [{ name, model, body, contentType: 'application/json', said: [said] }];
  });

export const recordedStreams: readonly Recording[] = [
  ...streams(anthropic, messageStreams),
  ...streams(google, geminiStreams),
  ...streams(compatible, chatStreams),
  ...streams(openai, chatStreams.filter(isOpenAi)).map(again),
];
export const recordedAnswers: readonly Recording[] = [
  ...answers(anthropic, plainMessages),
  ...answers(google, plainGemini),
  ...answers(compatible, plainChats),
  ...answers(
    openai,
    plainChats.filter((name) => isOpenAi({ name })),
  ).map(again),
];

/** A model whose provider gives the recorded answer. */
export function replaying({ model, body, contentType }: Recording): LanguageModelV4 {
  return model(async () => new Response(body, { headers: { 'content-type': contentType } }));
}

/** What the library sends to the recording's provider for a prompt. */
export async function requestFor(recording: Recording, prompt: ModelCall['prompt']): Promise<JsonValue> {
  let sent: JsonValue = null;
  const model = recording.model(async (_url, init) => {
    sent = parseJson(String(init?.body));
    return new Response(recording.body, { headers: { 'content-type': recording.contentType } });
  });
  if (recording.contentType === 'application/json') await model.doGenerate({ prompt });
  else await partsOf(model, prompt);
  return sent;
}

/** What the library sends to each provider for a call; undefined where it says that it cannot. */
export async function requestsFor(call: ModelCall): Promise<Record<string, string | undefined>> {
  const all = Object.entries({ anthropic, google, compatible }).map(async ([name, make]) => {
    let sent: string | undefined;
    const model = make(async (_url, init) => {
      sent = String(init?.body);
      return new Response('{}', { status: 400 });
    });
    // The answer is of no interest, nor is how the library refuses.
    await Promise.resolve(model.doGenerate(call)).catch(() => undefined);
    return [name, sent] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** The pieces of a recorded stream, without those that no surface sees; undefined where it tells an error. */
export async function streamParts(recording: Recording): Promise<ModelPart[] | undefined> {
  const all = await partsOf(replaying(recording), [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]);
  const parts: ModelPart[] = [];
  for (const part of all) {
    if (part.type === 'error') return undefined;
    if (part.type !== 'ping' && part.type !== 'raw' && part.type !== 'stream-start') parts.push(part);
  }
  return parts;
}

async function partsOf(model: LanguageModelV4, prompt: ModelCall['prompt']): Promise<LanguageModelV4StreamPart[]> {
  const { stream } = await model.doStream({ prompt });
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

function saysError(body: JsonValue): boolean {
  return !isJsonObject(body) || isJsonObject(body['error'] ?? null);
}
