import type { LanguageModelV4FunctionTool, LanguageModelV4ToolChoice, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { z } from 'zod';
import { CACHE_CONTROL, cacheOptions } from './cache-control.ts';
import { untranslatable } from '../neutral/read-body.ts';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of any members, read by nobody here. */
export const JSON_OBJECT = z.custom<JsonObject>(isObject, { message: 'must be an object.' });
/** A JSON Schema, likewise. */
export const JSON_SCHEMA = z.custom<JsonObject>(isObject, { message: 'must be a JSON Schema: an object.' });

/** What both dialects say of a function. */
export const FUNCTION_SHAPE = {
  name: z.string(),
  description: z.string().nullish(),
  parameters: JSON_SCHEMA.nullish(),
  strict: z.boolean().nullish(),
} as const;

/** An extension that clients of Anthropic's models use: up to here the prompt is kept. */
export const CACHED_SHAPE = { cache_control: CACHE_CONTROL.nullish() } as const;

/** A function as both dialects say it. */
export type FunctionShape = z.output<z.ZodObject<typeof FUNCTION_SHAPE & typeof CACHED_SHAPE>>;

/** The neutral form of a function; one without parameters takes an empty object. */
export function functionTool({
  name,
  description,
  parameters,
  strict,
  cache_control,
}: FunctionShape): LanguageModelV4FunctionTool {
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' && { description }),
    inputSchema: parameters ?? { type: 'object', properties: {} },
    ...(typeof strict === 'boolean' && { strict }),
    ...cacheOptions({ cache_control }),
  };
}

/** Which tools may or must be called: any, these alone, or one. */
export type ToolRule =
  { readonly mode: 'auto' | 'none' | 'required'; readonly only?: readonly string[] } | { readonly name: string };

/** The words for a rule without names. */
export const TOOL_MODE = z.enum(['auto', 'none', 'required']);

/** The part of a call that is about tools. */
export interface ToolSettings {
  tools?: LanguageModelV4FunctionTool[];
  toolChoice?: LanguageModelV4ToolChoice;
  providerOptions?: SharedV4ProviderOptions;
}

/**
 * Tools and the choice among them. `allowed_tools` leaves out the others, which is what it asks for. Throws for a choice
 * that no tool fits, naming `tool_choice`.
 */
export function toolSettings(
  tools: readonly LanguageModelV4FunctionTool[] | undefined,
  rule: ToolRule | undefined,
  parallel: boolean | undefined,
): ToolSettings {
  const offered = tools ?? [];
  for (const name of namesIn(rule)) {
    if (!offered.some((tool) => tool.name === name)) throw untranslatable('tool_choice', 'names a tool not in tools.');
  }
  if (offered.length === 0) {
    if (rule !== undefined && 'mode' in rule && rule.mode === 'required') {
      throw untranslatable('tool_choice', 'requires a call, but there are no tools.');
    }
    return {};
  }
  const only = rule !== undefined && 'mode' in rule ? rule.only : undefined;
  return {
    tools: only === undefined ? [...offered] : offered.filter(({ name }) => only.includes(name)),
    ...(rule !== undefined && {
      toolChoice: 'name' in rule ? { type: 'tool', toolName: rule.name } : { type: rule.mode },
    }),
    ...(parallel === false && { providerOptions: ONE_CALL_AT_A_TIME }),
  };
}

/** The neutral form has no word for it; these providers have. Gemini has none: who asks Gemini has to refuse it. */
const ONE_CALL_AT_A_TIME: SharedV4ProviderOptions = {
  anthropic: { disableParallelToolUse: true },
  openai: { parallelToolCalls: false },
  openaiCompatible: { parallel_tool_calls: false },
};

function namesIn(rule: ToolRule | undefined): readonly string[] {
  if (rule === undefined) return [];
  return 'name' in rule ? [rule.name] : (rule.only ?? []);
}
