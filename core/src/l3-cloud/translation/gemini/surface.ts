import type { Surface } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';
import { writeStream } from './write-stream.ts';

/** Gemini's `generateContent`. */
export const GEMINI_GENERATE: Surface = {
  readRequest,
  writeAnswer,
  writeStream,
  fieldNames: {
    prompt: 'contents',
    maxOutputTokens: 'generationConfig.maxOutputTokens',
    temperature: 'generationConfig.temperature',
    stopSequences: 'generationConfig.stopSequences',
    topP: 'generationConfig.topP',
    topK: 'generationConfig.topK',
    presencePenalty: 'generationConfig.presencePenalty',
    frequencyPenalty: 'generationConfig.frequencyPenalty',
    responseFormat: 'generationConfig.responseMimeType',
    seed: 'generationConfig.seed',
    tools: 'tools',
    toolChoice: 'toolConfig.functionCallingConfig',
    reasoning: 'generationConfig.thinkingConfig',
  },
};
