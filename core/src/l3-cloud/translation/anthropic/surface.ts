import type { Surface } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';
import { writeStream } from './write-stream.ts';

/** Anthropic's messages. */
export const ANTHROPIC_MESSAGES: Surface = {
  readRequest,
  writeAnswer,
  writeStream,
  fieldNames: {
    prompt: 'messages',
    maxOutputTokens: 'max_tokens',
    temperature: 'temperature',
    stopSequences: 'stop_sequences',
    topP: 'top_p',
    topK: 'top_k',
    responseFormat: 'output_config.format',
    tools: 'tools',
    toolChoice: 'tool_choice',
    reasoning: 'thinking',
    providerOptions: 'tool_choice.disable_parallel_tool_use',
  },
};
