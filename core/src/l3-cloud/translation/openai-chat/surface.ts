import type { Surface } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';
import { writeStream } from './write-stream.ts';

/** OpenAI's chat completions. */
export const OPENAI_CHAT: Surface = {
  readRequest,
  writeAnswer,
  writeStream,
  fieldNames: {
    prompt: 'messages',
    maxOutputTokens: 'max_completion_tokens',
    temperature: 'temperature',
    stopSequences: 'stop',
    topP: 'top_p',
    topK: 'top_k',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    responseFormat: 'response_format',
    seed: 'seed',
    tools: 'tools',
    toolChoice: 'tool_choice',
    reasoning: 'reasoning_effort',
    // The one setting that goes by options alone.
    providerOptions: 'parallel_tool_calls',
  },
};
