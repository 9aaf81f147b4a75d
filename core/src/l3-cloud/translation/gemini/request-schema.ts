import type { JsonObject } from '@isartor/shared';
import { z } from 'zod';
import { functionTool, JSON_OBJECT, JSON_SCHEMA, type ToolRule } from '../neutral/function-tools.ts';
import { CONTENT, INSTRUCTION } from './content-schema.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { protoObject } from './proto-object.ts';

const GOOGLE_SCHEMA = JSON_SCHEMA.transform((schema): JsonObject => jsonSchemaOf(schema));

const DECLARATION = protoObject({
  name: z.string(),
  description: z.string().nullish(),
  parameters: GOOGLE_SCHEMA.nullish(),
  parametersJsonSchema: JSON_SCHEMA.nullish(),
  /** What the caller's own function gives back: it is the caller's to say. */
  response: z.looseObject({}).nullish(),
  responseJsonSchema: z.looseObject({}).nullish(),
}).transform(({ name, description, parameters, parametersJsonSchema }) =>
  functionTool({ name, description, parameters: parametersJsonSchema ?? parameters }),
);

/** Tools that Google runs itself (`googleSearch`, `codeExecution`) have no counterpart. */
const TOOL = protoObject({ functionDeclarations: z.array(DECLARATION).default([]) });

const TOOL_CONFIG = protoObject({
  functionCallingConfig: protoObject({
    mode: z.enum(['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED']).default('AUTO'),
    allowedFunctionNames: z.array(z.string()).optional(),
  }).optional(),
});

/** Which functions may or must be called, in the words of all dialects. */
export function toolRule(config: z.output<typeof TOOL_CONFIG> | undefined): ToolRule | undefined {
  const rule = config?.functionCallingConfig;
  if (rule === undefined) return undefined;
  const only = rule.allowedFunctionNames === undefined ? {} : { only: rule.allowedFunctionNames };
  if (rule.mode === 'ANY') return { mode: 'required', ...only };
  return rule.mode === 'NONE' ? { mode: 'none' } : { mode: 'auto', ...only };
}

const THINKING = protoObject({
  /** Others show their thoughts as they do. */
  includeThoughts: z.boolean().optional(),
  thinkingBudget: z.int().optional(),
  thinkingLevel: z
    .string()
    .transform((level) => level.toLowerCase())
    .pipe(z.enum(['thinking_level_unspecified', 'minimal', 'low', 'medium', 'high']))
    .optional(),
});

const GENERATION = protoObject({
  /** One answer. */
  candidateCount: z.literal(1).optional(),
  stopSequences: z.array(z.string()).optional(),
  maxOutputTokens: z.int().optional(),
  temperature: z.number().optional(),
  topP: z.number().optional(),
  topK: z.number().optional(),
  seed: z.int().optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  responseMimeType: z.enum(['text/plain', 'application/json']).optional(),
  responseSchema: GOOGLE_SCHEMA.optional(),
  responseJsonSchema: JSON_SCHEMA.optional(),
  _responseJsonSchema: JSON_SCHEMA.optional(),
  responseModalities: z.tuple([z.string().toUpperCase().pipe(z.literal('TEXT'))]).optional(),
  responseLogprobs: z.literal(false).optional(),
  /** For how many tokens Gemini looks at a picture: a matter of its price. */
  mediaResolution: z.string().optional(),
  thinkingConfig: THINKING.optional(),
});

/** The body of a request to generate content, as far as another provider can answer it. */
export const REQUEST = protoObject({
  contents: z.array(CONTENT),
  systemInstruction: INSTRUCTION.optional(),
  tools: z.array(TOOL).optional(),
  toolConfig: TOOL_CONFIG.optional(),
  generationConfig: GENERATION.optional(),
  /** How strictly Gemini's own filters work: each provider has its own. */
  safetySettings: z.array(JSON_OBJECT).optional(),
  /** What Google writes on its bill. */
  labels: JSON_OBJECT.optional(),
});

export type GenerateRequest = z.output<typeof REQUEST>;
