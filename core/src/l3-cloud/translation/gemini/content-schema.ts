import { z } from 'zod';
import { JSON_OBJECT } from '../neutral/function-tools.ts';
import { protoObject } from './proto-object.ts';

const INLINE_DATA = protoObject({ mimeType: z.string(), data: z.base64(), displayName: z.string().nullish() });
const FILE_DATA = protoObject({ mimeType: z.string().nullish(), fileUri: z.url(), displayName: z.string().nullish() });

const FUNCTION_CALL = protoObject({ id: z.string().nullish(), name: z.string(), args: JSON_OBJECT.nullish() });

const FUNCTION_RESPONSE = protoObject({
  id: z.string().nullish(),
  name: z.string(),
  response: JSON_OBJECT.nullish(),
  parts: z.array(protoObject({ inlineData: INLINE_DATA })).nullish(),
});

const PART = protoObject({
  text: z.string().nullish(),
  thought: z.boolean().nullish(),
  thoughtSignature: z.string().nullish(),
  inlineData: INLINE_DATA.nullish(),
  fileData: FILE_DATA.nullish(),
  functionCall: FUNCTION_CALL.nullish(),
  functionResponse: FUNCTION_RESPONSE.nullish(),
  /** As for all of them: a matter of Gemini's price. */
  mediaResolution: JSON_OBJECT.nullish(),
});

/** One side's turn. What Gemini did by itself in an earlier one (`executableCode`) is not among its parts. */
export const CONTENT = protoObject({
  role: z.enum(['user', 'model', 'function']).default('user'),
  parts: z.array(PART).default([]),
});

/** What the model is told before all turns. */
export const INSTRUCTION = protoObject({
  role: z.string().nullish(),
  parts: z.array(protoObject({ text: z.string() })).default([]),
});

export type Content = z.output<typeof CONTENT>;
export type Part = z.output<typeof PART>;
export type FunctionResponse = z.output<typeof FUNCTION_RESPONSE>;
