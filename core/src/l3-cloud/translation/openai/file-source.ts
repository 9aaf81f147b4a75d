import type { LanguageModelV4FilePart } from '@ai-sdk/provider';
import { z } from 'zod';

/** A file's bytes or place, and what is known of its kind: `image/png`, or `image` alone. */
export type FileSource = Pick<LanguageModelV4FilePart, 'data' | 'mediaType'>;

/** `data:image/png;base64,…`; parameters between the two (`;charset=…`) say nothing of bytes. */
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,]*)*;base64,([\w+/=-]*)$/;
/** Kinds that have two names; each on the right is the registered one. */
const REGISTERED: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['audio/mp3', 'audio/mpeg'],
]);
/** Gemini has to be told what a URL leads to; OpenAI's dialect does not say, so the name's ending has to do. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['txt', 'text/plain'],
  ['webp', 'image/webp'],
]);
/** `gs:` is where Gemini looks too. */
const PROTOCOLS: readonly string[] = ['https:', 'http:', 'gs:'];

/** In place of a file: it is OpenAI who keeps that one. */
export const FILE_ID = z
  .custom<never>(() => false, { message: 'names a file that OpenAI keeps: send the file itself.' })
  .optional();

/** A file that stands in a `data:` URL. */
export const DATA_FILE = z.string().transform((text, context): FileSource => {
  const source = inlineSource(text);
  if (source !== undefined) return source;
  context.addIssue({ code: 'custom', message: 'must be a data: URL of base64: "data:application/pdf;base64,…".' });
  return z.NEVER;
});

/** A file that stands in a `data:` URL, or where a URL leads. `kind` is what it is where the URL does not tell. */
export function urlFile(kind: 'image' | 'application'): z.ZodType<FileSource> {
  return z.string().transform((text, context): FileSource => {
    const source = inlineSource(text) ?? remoteSource(text, kind);
    if (source !== undefined) return source;
    context.addIssue({ code: 'custom', message: 'must be an https: URL, or a data: URL of base64.' });
    return z.NEVER;
  });
}

function inlineSource(text: string): FileSource | undefined {
  const [, mediaType, data] = DATA_URL.exec(text) ?? [];
  if (mediaType === undefined || data === undefined) return undefined;
  return { mediaType: REGISTERED.get(mediaType) ?? mediaType, data: { type: 'data', data } };
}

function remoteSource(text: string, kind: string): FileSource | undefined {
  const url = URL.parse(text);
  if (url === null || !PROTOCOLS.includes(url.protocol)) return undefined;
  const ending = /\.([a-z]+)$/i.exec(url.pathname)?.[1]?.toLowerCase() ?? '';
  const told = ENDINGS.get(ending) ?? kind;
  const mediaType = kind === 'image' && !told.startsWith('image/') ? kind : told;
  return { mediaType, data: { type: 'url', url, originalUrl: text } };
}
