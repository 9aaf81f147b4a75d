import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { z } from 'zod';
import { mergedOptions } from '../neutral/call-settings.ts';
import { CACHED_SHAPE, functionTool } from '../neutral/function-tools.ts';
import { calledWith } from '../neutral/tool-input.ts';
import type { ModelCall } from '../surface.port.ts';

const FORMAT = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('grammar'), syntax: z.enum(['lark', 'regex']), definition: z.string() }),
]);

/** Tells the tool from a function; no provider knows the name, and none is told. */
const MARK = { isartor: { freeform: true } } as const;

/** A tool that is called with a text. Elsewhere it is a function of one text, and a grammar is a wish in words. */
export const FREEFORM_TOOL = z
  .strictObject({
    type: z.literal('custom'),
    name: z.string(),
    description: z.string().nullish(),
    format: FORMAT.nullish(),
    ...CACHED_SHAPE,
    defer_loading: z.literal(false).nullish(),
  })
  .transform(({ name, description, format, cache_control }): LanguageModelV4FunctionTool => {
    const told = [description, inWords(format)].filter((text) => typeof text === 'string');
    const tool = functionTool({
      name,
      description: told.length === 0 ? undefined : told.join('\n\n'),
      parameters: {
        type: 'object',
        properties: { input: { type: 'string', description: 'The whole input of the tool, as it is.' } },
        required: ['input'],
        additionalProperties: false,
      },
      cache_control,
    });
    return { ...tool, ...mergedOptions(tool.providerOptions, MARK) };
  });

/** The names of those among tools that are called with a text. */
export function freeformNames(tools: ModelCall['tools']): ReadonlySet<string> {
  return new Set((tools ?? []).filter(isFreeform).map(({ name }) => name));
}

/** A text as the arguments of the function that stands for the tool. */
export function freeformArguments(text: string): JsonObject {
  return { input: text };
}

/** The text in such arguments. What is none of them is a text itself, for the tool to refuse or to understand. */
export function freeformText(args: string): string {
  const { input } = calledWith(args);
  return typeof input === 'string' ? input : args;
}

function inWords(format: z.output<typeof FORMAT> | null | undefined): string | undefined {
  if (format?.type !== 'grammar') return undefined;
  const { syntax, definition } = format;
  return `The input must match this ${syntax === 'lark' ? 'Lark grammar' : 'regular expression'}:\n${definition}`;
}

function isFreeform(tool: NonNullable<ModelCall['tools']>[number]): boolean {
  return tool.type === 'function' && tool.providerOptions?.['isartor']?.['freeform'] === true;
}
