import { z } from 'zod';
import { CACHED_SHAPE, FUNCTION_SHAPE, functionTool, TOOL_MODE, type ToolRule } from '../neutral/function-tools.ts';
import { HARMLESS_FIELDS } from '../openai/harmless-fields.ts';
import { JSON_FORMAT_SHAPE, type JsonFormat } from '../openai/json-format.ts';
import { EFFORT } from '../openai/reasoning-effort.ts';
import { VERBOSITY } from '../openai/verbosity.ts';
import { MESSAGES } from './message-schema.ts';

const TOOL = z
  .strictObject({ type: z.literal('function'), function: z.strictObject(FUNCTION_SHAPE), ...CACHED_SHAPE })
  .transform(({ function: shape, cache_control }) => functionTool({ ...shape, cache_control }));

const NAMED = z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) });

const ALLOWED = z.strictObject({
  type: z.literal('allowed_tools'),
  allowed_tools: z.strictObject({ mode: z.enum(['auto', 'required']), tools: z.array(NAMED) }),
});

const TOOL_CHOICE = z.preprocess(
  (choice) => (typeof choice === 'string' ? { type: 'mode', mode: choice } : choice),
  z
    .discriminatedUnion('type', [z.strictObject({ type: z.literal('mode'), mode: TOOL_MODE }), NAMED, ALLOWED])
    .transform((choice): ToolRule => {
      if (choice.type === 'mode') return { mode: choice.mode };
      if (choice.type === 'function') return { name: choice.function.name };
      const { mode, tools } = choice.allowed_tools;
      return { mode, only: tools.map((tool) => tool.function.name) };
    }),
);

const RESPONSE_FORMAT = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({ type: z.literal('json_schema'), json_schema: z.strictObject(JSON_FORMAT_SHAPE) }),
  ])
  .transform((format): 'text' | 'json' | JsonFormat => {
    if (format.type === 'json_schema') return format.json_schema;
    return format.type === 'text' ? 'text' : 'json';
  });

/** Fields that cannot change another provider's answer, with the reason; with other values they could. */
const HARMLESS_HERE = {
  /** One answer. */
  n: z.literal(1).optional(),
  logprobs: z.literal(false).optional(),
  modalities: z.tuple([z.literal('text')]).optional(),
  /** Weighs no token. */
  logit_bias: z.strictObject({}).optional(),
  /** What the answer may be like, so that OpenAI says it sooner. */
  prediction: z.looseObject({}).optional(),
} as const;

/** The body of a chat completion, as far as another provider can answer it. */
export const REQUEST = z.strictObject({
  ...HARMLESS_FIELDS,
  ...HARMLESS_HERE,
  messages: MESSAGES,
  max_tokens: z.int().optional(),
  max_completion_tokens: z.int().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  /** Not OpenAI's, but of many who have its dialect. */
  top_k: z.int().optional(),
  presence_penalty: z.number().optional(),
  frequency_penalty: z.number().optional(),
  stop: z.preprocess((stop) => (typeof stop === 'string' ? [stop] : stop), z.array(z.string())).optional(),
  seed: z.int().optional(),
  reasoning_effort: EFFORT.optional(),
  verbosity: VERBOSITY.optional(),
  response_format: RESPONSE_FORMAT.optional(),
  tools: z.array(TOOL).optional(),
  tool_choice: TOOL_CHOICE.optional(),
  parallel_tool_calls: z.boolean().optional(),
});

export type ChatRequest = z.output<typeof REQUEST>;
