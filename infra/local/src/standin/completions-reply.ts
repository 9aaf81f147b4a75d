import { answerText } from './answer-text.ts';
import type { JsonObject } from './json.ts';
import { textChoice, usageOf, type Reply } from './reply.ts';
import { readOptions, type RequestOptions } from './request-options.ts';
import { StandinError } from './standin-error.ts';
import { tokensOf } from './tokens.ts';

/** Answers a (legacy) completions request: `n` choices for each prompt. @throws StandinError */
export function completionsReply(body: JsonObject): { reply: Reply; options: RequestOptions } {
  const prompts = readPrompts(body['prompt']);
  const options = readOptions(body);
  const choices = prompts.flatMap((prompt, index) =>
    Array.from({ length: options.choices }, (_, n) =>
      textChoice((body['echo'] === true ? prompt : '') + answerText(`${options.seed}:${index}:${n}`, prompt), options),
    ),
  );
  const promptTokens = prompts.reduce((sum, prompt) => sum + tokensOf(prompt).length, 0);
  const id = `cmpl-${options.seed.slice(0, 29)}`;
  const usage = usageOf(promptTokens, choices);
  return { reply: { id, created: options.created, model: options.model, choices, usage }, options };
}

function readPrompts(prompt: unknown): readonly string[] {
  if (prompt === undefined || prompt === null) {
    throw new StandinError(400, "Missing required parameter: 'prompt'.", { param: 'prompt' });
  }
  if (typeof prompt === 'string') return [prompt];
  if (Array.isArray(prompt) && prompt.length > 0) {
    if (prompt.every((one) => typeof one === 'string')) return prompt;
    if (prompt.every((one) => typeof one === 'number')) return [prompt.join(' ')];
    if (prompt.every((one) => Array.isArray(one))) return prompt.map((one) => one.join(' '));
  }
  throw new StandinError(400, "Invalid 'prompt': expected a string or an array.", { param: 'prompt' });
}
