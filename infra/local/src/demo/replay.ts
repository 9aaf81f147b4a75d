import { HEADER, type Usage } from '@isartor/shared';
import type OpenAI from 'openai';
import { APIError } from 'openai';
import type { Measurement } from './measure.ts';
import type { DemoPrompt } from './prompts-file.ts';

/** Asks one prompt and measures until the last byte. Never throws: a failure is a measurement too. */
export async function ask(client: OpenAI, model: string, { prompt, stream }: DemoPrompt): Promise<Measurement> {
  const began = performance.now();
  let headers: Headers | undefined;
  try {
    const request = { model, messages: [{ role: 'user' as const, content: prompt }] };
    let usage: OpenAI.CompletionUsage | null | undefined;
    if (stream) {
      const { data, response } = await client.chat.completions
        .create({ ...request, stream: true, stream_options: { include_usage: true } })
        .withResponse();
      ({ headers } = response);
      for await (const chunk of data) usage = chunk.usage ?? usage;
    } else {
      const { data, response } = await client.chat.completions.create({ ...request, stream: false }).withResponse();
      ({ headers } = response);
      ({ usage } = data);
    }
    return { ...provenance(headers), stream, ms: performance.now() - began, usage: usageFrom(usage) };
  } catch (error) {
    if (error instanceof APIError && error.headers instanceof Headers) headers = error.headers;
    const message = error instanceof Error ? error.message : String(error);
    return { ...provenance(headers), stream, ms: performance.now() - began, usage: undefined, error: message };
  }
}

function provenance(headers: Headers | undefined): Pick<Measurement, 'layer' | 'edge' | 'deflected'> {
  return {
    layer: headers?.get(HEADER.layer) ?? 'none',
    edge: headers?.get(HEADER.edge) ?? 'none',
    deflected: headers?.get(HEADER.deflected) === 'true',
  };
}

function usageFrom(usage: OpenAI.CompletionUsage | null | undefined): Usage | undefined {
  if (usage === null || usage === undefined) return undefined;
  const cachedInput = usage.prompt_tokens_details?.cached_tokens;
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    ...(cachedInput !== undefined && { cachedInput }),
  };
}
