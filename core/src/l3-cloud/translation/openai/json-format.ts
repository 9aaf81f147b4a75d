import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import { z } from 'zod';
import type { ModelCall } from '../surface.port.ts';
import { JSON_SCHEMA } from '../neutral/function-tools.ts';

/** What both dialects say of a schema that the answer has to fit. */
export const JSON_FORMAT_SHAPE = {
  name: z.string(),
  description: z.string().nullish(),
  schema: JSON_SCHEMA.nullish(),
  strict: z.boolean().nullish(),
} as const;

/** A text that is to be JSON of some schema. */
export type JsonFormat = z.output<z.ZodObject<typeof JSON_FORMAT_SHAPE>>;

/** The part of a call that is about the answer's form. */
export interface FormatSettings {
  responseFormat?: NonNullable<ModelCall['responseFormat']>;
  providerOptions?: SharedV4ProviderOptions;
}

/** The format in neutral form. `text` is what every model gives. */
export function formatSettings(format: 'text' | 'json' | JsonFormat | undefined): FormatSettings {
  if (format === undefined || format === 'text') return {};
  if (format === 'json') return { responseFormat: { type: 'json' } };
  const { name, description, schema, strict } = format;
  return {
    responseFormat: {
      type: 'json',
      name,
      ...(typeof description === 'string' && { description }),
      ...(schema !== undefined && schema !== null && { schema }),
    },
    // The AI SDK takes a schema for strict where it is told nothing, OpenAI for a wish. Others know the strict kind only.
    ...(strict !== true && { providerOptions: LOOSE }),
  };
}

/** A schema is a wish, and need not have what OpenAI demands of strict ones. */
export const LOOSE: SharedV4ProviderOptions = {
  openai: { strictJsonSchema: false },
  openaiCompatible: { strictJsonSchema: false },
};
