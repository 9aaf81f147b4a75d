import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { JSON_OBJECT } from '../neutral/function-tools.ts';

/** A hint of what to keep of a prompt, and for how long: it changes prices alone, and other providers keep by themselves. */
export const CACHED = { cache_control: JSON_OBJECT.nullish() } as const;

/** Citations of an earlier answer: part of what was told, not of what is asked. */
const CITED = { citations: z.array(z.unknown()).nullish() } as const;

export const TEXT = z
  .strictObject({ type: z.literal('text'), text: z.string(), ...CACHED, ...CITED })
  .transform(({ text }): LanguageModelV4TextPart => ({ type: 'text', text }));

const BASE64 = z.strictObject({ type: z.literal('base64'), media_type: z.string(), data: z.base64() });
const ADDRESS = z.strictObject({ type: z.literal('url'), url: z.httpUrl() });
const PLAIN = z.strictObject({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() });

type FileSource = z.output<typeof BASE64 | typeof ADDRESS>;

function filePart(source: FileSource, kind: string, filename?: string | null): LanguageModelV4FilePart {
  const named = typeof filename === 'string' ? { filename } : {};
  switch (source.type) {
    case 'base64':
      return { type: 'file', mediaType: source.media_type, data: { type: 'data', data: source.data }, ...named };
    case 'url':
      return { type: 'file', mediaType: kind, data: { type: 'url', url: new URL(source.url) }, ...named };
    default:
      return source satisfies never;
  }
}

/** A document, or its words where it is nothing else: not every provider takes those as a file. */
function documentPart(
  source: FileSource | z.output<typeof PLAIN>,
  title: string | null | undefined,
): LanguageModelV4TextPart | LanguageModelV4FilePart {
  if (source.type === 'text') return wordsPart(source.data, title);
  const words = wordsIn(source);
  return words === undefined ? filePart(source, 'application/pdf', title) : wordsPart(words, title);
}

function wordsPart(words: string, title: string | null | undefined): LanguageModelV4TextPart {
  return { type: 'text', text: typeof title === 'string' && title !== '' ? `${title}\n\n${words}` : words };
}

function wordsIn(source: FileSource): string | undefined {
  if (source.type === 'url' || !source.media_type.startsWith('text/')) return undefined;
  const bytes = Buffer.from(source.data, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** A file that Anthropic keeps (`file`) is unknown here. */
export const IMAGE = z
  .strictObject({ type: z.literal('image'), source: z.discriminatedUnion('type', [BASE64, ADDRESS]), ...CACHED })
  .transform(({ source }) => filePart(source, 'image'));

/** Documents of which the answer is to quote places have no counterpart. */
export const DOCUMENT = z
  .strictObject({
    type: z.literal('document'),
    source: z.discriminatedUnion('type', [BASE64, ADDRESS, PLAIN]),
    title: z.string().nullish(),
    context: z.null().optional(),
    citations: z.strictObject({ enabled: z.literal(false) }).nullish(),
    ...CACHED,
  })
  .transform(({ source, title }) => documentPart(source, title));
