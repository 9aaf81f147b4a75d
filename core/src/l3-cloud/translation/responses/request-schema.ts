import { z } from 'zod';
import { CACHED_SHAPE, FUNCTION_SHAPE, functionTool, TOOL_MODE, type ToolRule } from '../neutral/function-tools.ts';
import { HARMLESS_FIELDS } from '../openai/harmless-fields.ts';
import { JSON_FORMAT_SHAPE, type JsonFormat } from '../openai/json-format.ts';
import { EFFORT } from '../openai/reasoning-effort.ts';
import { VERBOSITY } from '../openai/verbosity.ts';
import { FREEFORM_TOOL } from './freeform-tool.ts';
import { INPUT } from './input-schema.ts';

const FUNCTION_TOOL = z
  .strictObject({
    type: z.literal('function'),
    ...FUNCTION_SHAPE,
    ...CACHED_SHAPE,
    /** All tools are told at once. */
    defer_loading: z.literal(false).nullish(),
  })
  .transform((shape) => functionTool(shape));

const TOOL = z.discriminatedUnion('type', [FUNCTION_TOOL, FREEFORM_TOOL]);

const NAMED = z.strictObject({ type: z.enum(['function', 'custom']), name: z.string() });

const ALLOWED = z.strictObject({
  type: z.literal('allowed_tools'),
  mode: z.enum(['auto', 'required']),
  tools: z.array(NAMED),
});

const TOOL_CHOICE = z.preprocess(
  (choice) => (typeof choice === 'string' ? { type: 'mode', mode: choice } : choice),
  z
    .discriminatedUnion('type', [z.strictObject({ type: z.literal('mode'), mode: TOOL_MODE }), NAMED, ALLOWED])
    .transform((choice): ToolRule => {
      if (choice.type === 'mode') return { mode: choice.mode };
      if (choice.type !== 'allowed_tools') return { name: choice.name };
      return { mode: choice.mode, only: choice.tools.map(({ name }) => name) };
    }),
);

const TEXT_FORMAT = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({ type: z.literal('json_schema'), ...JSON_FORMAT_SHAPE }),
  ])
  .transform((format): 'text' | 'json' | JsonFormat => {
    if (format.type === 'json_schema') return format;
    return format.type === 'text' ? 'text' : 'json';
  });

const SUMMARY = z.string().nullish();

const REASONING = z.strictObject({
  effort: EFFORT.nullish(),
  /** Whether thoughts are told too; how long they are is up to their model. */
  summary: SUMMARY,
  generate_summary: SUMMARY,
  /** Which of its own earlier thoughts OpenAI's model reads again; another is told those in the input. */
  context: z.string().nullish(),
  /** As OpenAI has it where nothing is asked. */
  mode: z.literal('standard').nullish(),
});

/** Fields that cannot change another provider's answer, with the reason; with other values they could. */
const HARMLESS_HERE = {
  /** The caller waits. */
  background: z.literal(false).optional(),
  /**
   * More of what the answer holds anyway: sealed thoughts always come along, and the others belong to tools that are not
   * translated. Log probabilities are not among them.
   */
  include: z
    .array(
      z.enum([
        'reasoning.encrypted_content',
        'code_interpreter_call.outputs',
        'computer_call_output.output.image_url',
        'file_search_call.results',
        'web_search_call.action.sources',
        'web_search_call.results',
      ]),
    )
    .optional(),
  /** Counts calls of OpenAI's own tools, which are not translated. */
  max_tool_calls: z.int().optional(),
  /** What OpenAI does with an input that is too long. Nothing is cut off here, and the provider says what is too long. */
  truncation: z.enum(['auto', 'disabled']).optional(),
  /** Labels of Codex. */
  client_metadata: z.looseObject({}).optional(),
} as const;

/** The body of a response, as far as another provider can answer it. */
export const REQUEST = z.strictObject({
  ...HARMLESS_FIELDS,
  ...HARMLESS_HERE,
  instructions: z.string().optional(),
  input: INPUT.default([]),
  max_output_tokens: z.int().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  reasoning: REASONING.optional(),
  text: z
    .strictObject({
      format: TEXT_FORMAT.nullish(),
      verbosity: VERBOSITY.nullish(),
    })
    .optional(),
  tools: z.array(TOOL).optional(),
  tool_choice: TOOL_CHOICE.optional(),
  parallel_tool_calls: z.boolean().optional(),
});
