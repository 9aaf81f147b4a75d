import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';
import { z } from 'zod';
import { CACHE_SHAPE, cacheOptions } from '../neutral/cache-control.ts';
import { contentOf } from '../neutral/content-of.ts';
import { DATA_FILE, FILE_ID, urlFile } from '../openai/file-source.ts';
import { withoutNulls } from '../openai/without-nulls.ts';
import { sealedIn } from './seal-text.ts';

/** Names that OpenAI gave, and how far it had come: they say nothing of what was said. */
const ITEM_SHAPE = {
  id: z.string().optional(),
  status: z.enum(['in_progress', 'completed', 'incomplete']).optional(),
} as const;

const TEXT = z
  .strictObject({ type: z.literal('input_text'), text: z.string(), ...CACHE_SHAPE })
  .transform((part): LanguageModelV4TextPart => ({ type: 'text', text: part.text, ...cacheOptions(part) }));

const IMAGE = z
  .strictObject({
    type: z.literal('input_image'),
    file_id: FILE_ID,
    image_url: urlFile('image'),
    // Other providers look as closely as they can, always: `low` asks for a lower price.
    detail: z.string().optional(),
    ...CACHE_SHAPE,
  })
  .transform((part): LanguageModelV4FilePart => ({ type: 'file', ...part.image_url, ...cacheOptions(part) }));

const FILE = z
  .strictObject({
    type: z.literal('input_file'),
    file_id: FILE_ID,
    file_data: DATA_FILE.optional(),
    file_url: urlFile('application').optional(),
    filename: z.string().optional(),
    ...CACHE_SHAPE,
  })
  .transform(({ file_data, file_url, filename, ...part }, context): LanguageModelV4FilePart => {
    const source = file_data ?? file_url;
    if (source === undefined) {
      context.addIssue({ code: 'custom', message: 'is missing.', path: ['file_data'] });
      return z.NEVER;
    }
    return { type: 'file', ...source, ...(typeof filename === 'string' && { filename }), ...cacheOptions(part) };
  });

const SAID = z
  .strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    /** What supported it, and how likely it was: part of what was told, not of what is asked. */
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).optional(),
    /** What the official client adds when it has read the text as JSON. */
    parsed: z.unknown().optional(),
  })
  .transform(({ text }): LanguageModelV4TextPart => ({ type: 'text', text }));

/** A refusal is what the assistant said; other dialects say it as text. */
const REFUSAL = z
  .strictObject({ type: z.literal('refusal'), refusal: z.string() })
  .transform(({ refusal }): LanguageModelV4TextPart => ({ type: 'text', text: refusal }));

const MESSAGE = { type: z.literal('message'), ...ITEM_SHAPE } as const;

const SYSTEM_MESSAGE = z.strictObject({
  ...MESSAGE,
  role: z.enum(['system', 'developer']),
  content: contentOf('input_text', z.discriminatedUnion('type', [TEXT])),
});

const USER_MESSAGE = z.strictObject({
  ...MESSAGE,
  role: z.literal('user'),
  content: contentOf('input_text', z.discriminatedUnion('type', [TEXT, IMAGE, FILE])),
});

const ASSISTANT_MESSAGE = z.strictObject({
  ...MESSAGE,
  role: z.literal('assistant'),
  content: contentOf('input_text', z.discriminatedUnion('type', [TEXT, SAID, REFUSAL])),
  /** A mark that OpenAI's models put on their own messages. */
  phase: z.enum(['commentary', 'final_answer']).optional(),
});

const FUNCTION_CALL = z.strictObject({
  type: z.literal('function_call'),
  ...ITEM_SHAPE,
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
  /** What the official client adds. */
  parsed_arguments: z.unknown().optional(),
});

const FUNCTION_CALL_OUTPUT = z.strictObject({
  type: z.literal('function_call_output'),
  ...ITEM_SHAPE,
  call_id: z.string(),
  output: contentOf('input_text', z.discriminatedUnion('type', [TEXT, IMAGE, FILE])),
});

const CUSTOM_TOOL_CALL = z.strictObject({
  type: z.literal('custom_tool_call'),
  ...ITEM_SHAPE,
  call_id: z.string(),
  name: z.string(),
  input: z.string(),
});

const CUSTOM_TOOL_CALL_OUTPUT = z.strictObject({
  ...FUNCTION_CALL_OUTPUT.shape,
  type: z.literal('custom_tool_call_output'),
});

/** Undefined: what another provider sealed, or a later form of ours. Nobody whom a translation asks can read it. */
const SEALED_TEXT = z.string().transform(sealedIn);

const REASONING = z.strictObject({
  type: z.literal('reasoning'),
  ...ITEM_SHAPE,
  summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
  content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })).optional(),
  encrypted_content: SEALED_TEXT.optional(),
});

const IMAGE_CALL = z.strictObject({
  type: z.literal('image_generation_call'),
  ...ITEM_SHAPE,
  result: z.base64(),
  output_format: z.enum(['png', 'jpeg', 'webp', 'gif']).optional(),
});

/** In place of an item: it is OpenAI who keeps that one. */
const ITEM_REFERENCE = z
  .strictObject({ type: z.literal('item_reference'), id: z.string() })
  .transform((_reference, context): never => {
    const message =
      'names an item that OpenAI keeps: send the item itself. Clients do where they are told not to store: `store: false`, ' +
      'in the AI SDK `providerOptions: { openai: { store: false } }`.';
    context.addIssue({ code: 'custom', message, path: ['id'] });
    return z.NEVER;
  });

const ITEM = z.discriminatedUnion('type', [
  z.discriminatedUnion('role', [SYSTEM_MESSAGE, USER_MESSAGE, ASSISTANT_MESSAGE]),
  FUNCTION_CALL,
  FUNCTION_CALL_OUTPUT,
  CUSTOM_TOOL_CALL,
  CUSTOM_TOOL_CALL_OUTPUT,
  REASONING,
  IMAGE_CALL,
  ITEM_REFERENCE,
]);

/** An item without a type is a message. */
const TYPED_ITEM = z.preprocess(
  (item) => (typeof item === 'object' && item !== null && !('type' in item) ? { type: 'message', ...item } : item),
  ITEM,
);

/** What a response answers; a plain text is the user's. */
export const INPUT = z.preprocess(
  (input) => (typeof input === 'string' ? [{ role: 'user', content: input }] : withoutNulls(input)),
  z.array(TYPED_ITEM),
);

export type InputItem = z.output<typeof INPUT>[number];
