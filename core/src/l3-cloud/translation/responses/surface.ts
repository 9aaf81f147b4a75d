import type { Surface } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer, writeStream } from './write-response.ts';

/** OpenAI's responses, those that stand alone: nothing is kept from one to the next. */
export const RESPONSES: Surface = {
  readRequest,
  writeAnswer,
  writeStream,
  fieldNames: {
    prompt: 'input',
    maxOutputTokens: 'max_output_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    responseFormat: 'text.format',
    tools: 'tools',
    toolChoice: 'tool_choice',
    reasoning: 'reasoning.effort',
    // The one setting that goes by options alone.
    providerOptions: 'parallel_tool_calls',
  },
};
