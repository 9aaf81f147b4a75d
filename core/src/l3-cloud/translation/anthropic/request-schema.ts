import { z } from 'zod';
import { functionTool, JSON_OBJECT, JSON_SCHEMA, type ToolRule } from '../neutral/function-tools.ts';
import { contentOf } from '../neutral/content-of.ts';
import { CACHED, TEXT } from './content-schema.ts';
import { MESSAGE } from './message-schema.ts';

/** A tool of the caller's own; those that Anthropic runs itself have a type of their own each. */
const TOOL = z
  .strictObject({
    type: z.literal('custom').nullish(),
    name: z.string(),
    description: z.string().nullish(),
    input_schema: JSON_SCHEMA,
    strict: z.boolean().nullish(),
    /** Inputs that are told before they are known to be JSON: how they come, not what they are. */
    eager_input_streaming: z.boolean().nullish(),
    allowed_callers: z.tuple([z.literal('direct')]).nullish(),
    defer_loading: z.literal(false).nullish(),
    /** What calls look like, beside the schema that they keep to. */
    input_examples: z.array(JSON_OBJECT).nullish(),
    ...CACHED,
  })
  .transform(({ name, description, input_schema: parameters, strict }) =>
    functionTool({ name, description, parameters, strict }),
  );

const PARALLEL = { disable_parallel_tool_use: z.boolean().nullish() } as const;
const TOOL_CHOICE = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...PARALLEL }),
  z.strictObject({ type: z.literal('any'), ...PARALLEL }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), ...PARALLEL }),
  z.strictObject({ type: z.literal('none') }),
]);

/** Which tools may or must be called, in the words of all dialects. */
export function toolRule(choice: z.output<typeof TOOL_CHOICE> | undefined): ToolRule | undefined {
  if (choice === undefined) return undefined;
  switch (choice.type) {
    case 'tool':
      return { name: choice.name };
    case 'any':
      return { mode: 'required' };
    default:
      return { mode: choice.type };
  }
}

/** How thoughts are shown: other providers show them as they do. */
const DISPLAY = { display: z.enum(['summarized', 'omitted']).nullish() } as const;
const THINKING = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int(), ...DISPLAY }),
  z.strictObject({ type: z.literal('adaptive'), ...DISPLAY }),
  z.strictObject({ type: z.literal('disabled') }),
]);

const FORMAT = z.strictObject({ type: z.literal('json_schema'), schema: JSON_SCHEMA });

/** Fields that cannot change the answer of another provider, each with the reason. */
const HARMLESS = {
  /** The route has chosen the model. */
  model: z.string().optional(),
  /** How the answer is to come. */
  stream: z.boolean().optional(),
  /** By whom Anthropic counts abuse. */
  metadata: JSON_OBJECT.optional(),
  /** At which price and speed Anthropic serves. */
  service_tier: z.string().optional(),
  speed: z.string().optional(),
  ...CACHED,
  /** What Anthropic is to tell of its cache beside the answer. */
  diagnostics: JSON_OBJECT.optional(),
  /** What Anthropic leaves out of a long conversation: it is all here, and may be told whole. */
  context_management: JSON_OBJECT.optional(),
  /** No server is to be asked. */
  mcp_servers: z.tuple([]).optional(),
} as const;

/** The body of a request for a message, as far as another provider can answer it. */
export const REQUEST = z.strictObject({
  ...HARMLESS,
  messages: z.array(MESSAGE),
  system: contentOf('text', TEXT).optional(),
  max_tokens: z.int(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  stop_sequences: z.array(z.string()).optional(),
  thinking: THINKING.optional(),
  tools: z.array(TOOL).optional(),
  tool_choice: TOOL_CHOICE.optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: FORMAT.nullish(),
      /** How many tokens a whole task is to take: the model is told, and nothing holds it to that. */
      task_budget: JSON_OBJECT.nullish(),
    })
    .optional(),
  /** Its name before. */
  output_format: FORMAT.optional(),
});

export type MessageRequest = z.output<typeof REQUEST>;
