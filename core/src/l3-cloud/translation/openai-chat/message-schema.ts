import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';
import { z } from 'zod';
import { CACHE_SHAPE, cacheOptions } from '../neutral/cache-control.ts';
import { contentOf } from '../neutral/content-of.ts';
import { DATA_FILE, FILE_ID, urlFile } from '../openai/file-source.ts';
import { withoutNulls } from '../openai/without-nulls.ts';
import { REASONING_DETAILS } from './reasoning-details.ts';

const TEXT = z
  .strictObject({ type: z.literal('text'), text: z.string(), ...CACHE_SHAPE })
  .transform((part): LanguageModelV4TextPart => ({ type: 'text', text: part.text, ...cacheOptions(part) }));

const IMAGE = z
  .strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({
      url: urlFile('image'),
      // Other providers look as closely as they can, always: `low` asks for a lower price.
      detail: z.string().optional(),
    }),
    ...CACHE_SHAPE,
  })
  .transform((part): LanguageModelV4FilePart => ({ type: 'file', ...part.image_url.url, ...cacheOptions(part) }));

const AUDIO_TYPES = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

const AUDIO = z
  .strictObject({
    type: z.literal('input_audio'),
    input_audio: z.strictObject({ data: z.base64(), format: z.enum(['wav', 'mp3']) }),
    ...CACHE_SHAPE,
  })
  .transform(({ input_audio: { data, format }, ...part }): LanguageModelV4FilePart => ({
    type: 'file',
    mediaType: AUDIO_TYPES[format],
    data: { type: 'data', data },
    ...cacheOptions(part),
  }));

const FILE = z
  .strictObject({
    type: z.literal('file'),
    file: z.strictObject({ file_id: FILE_ID, file_data: DATA_FILE, filename: z.string().optional() }),
    ...CACHE_SHAPE,
  })
  .transform(({ file: { file_data, filename }, ...part }): LanguageModelV4FilePart => ({
    type: 'file',
    ...file_data,
    ...(typeof filename === 'string' && { filename }),
    ...cacheOptions(part),
  }));

/** A refusal is what the assistant said; other dialects say it as text. */
const REFUSAL = z
  .strictObject({ type: z.literal('refusal'), refusal: z.string() })
  .transform((part): LanguageModelV4TextPart => ({ type: 'text', text: part.refusal }));

const GOOGLE_CONTENT = z.strictObject({
  google: z.strictObject({ thought_signature: z.string().optional() }).optional(),
});

const TOOL_CALL = z.strictObject({
  id: z.string(),
  // Some clients leave out the only kind that there was for long.
  type: z.literal('function').default('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string(), parsed_arguments: z.unknown().optional() }),
  /** As Google's own endpoint of this dialect has it. */
  extra_content: GOOGLE_CONTENT.optional(),
  /** A stream numbers its calls, and some clients keep the number. */
  index: z.int().optional(),
});

/** Who speaks, where several do. */
const NAME = z.string().optional();

const SYSTEM_MESSAGE = z.strictObject({
  role: z.enum(['system', 'developer']),
  name: NAME,
  content: contentOf('text', TEXT),
});

const USER_MESSAGE = z.strictObject({
  role: z.literal('user'),
  name: NAME,
  content: contentOf('text', z.discriminatedUnion('type', [TEXT, IMAGE, AUDIO, FILE])),
});

const ASSISTANT_MESSAGE = z.strictObject({
  role: z.literal('assistant'),
  name: NAME,
  content: contentOf('text', z.discriminatedUnion('type', [TEXT, REFUSAL])).optional(),
  refusal: z.string().optional(),
  /** What supported an earlier text: part of what was told, not of what is asked. */
  annotations: z.array(z.unknown()).optional(),
  /** What the official client adds when it has read the text, and below the arguments, as JSON. */
  parsed: z.unknown().optional(),
  tool_calls: z.array(TOOL_CALL).optional(),
  /** Thoughts, as DeepSeek names them, and as others do. */
  reasoning_content: z.string().optional(),
  reasoning: z.string().optional(),
  reasoning_details: REASONING_DETAILS.optional(),
  extra_content: GOOGLE_CONTENT.optional(),
  images: z
    .array(z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: DATA_FILE }) }))
    .optional(),
});

const TOOL_MESSAGE = z.strictObject({
  role: z.literal('tool'),
  tool_call_id: z.string(),
  /** Said twice: the call that is answered names its tool. */
  name: z.string().optional(),
  content: contentOf('text', TEXT),
});

const MESSAGE = z.discriminatedUnion('role', [SYSTEM_MESSAGE, USER_MESSAGE, ASSISTANT_MESSAGE, TOOL_MESSAGE]);

/** A conversation; its parts are read as neutral ones. */
export const MESSAGES = z.preprocess(withoutNulls, z.array(MESSAGE));

export type Message = z.output<typeof MESSAGE>;
export type AssistantMessage = z.output<typeof ASSISTANT_MESSAGE>;
export type ToolMessage = z.output<typeof TOOL_MESSAGE>;
export type ToolCall = z.output<typeof TOOL_CALL>;
