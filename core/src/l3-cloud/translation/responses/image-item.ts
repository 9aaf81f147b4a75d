import type { LanguageModelV4File } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';

/** The item of a picture in an answer; other files, and those that lie elsewhere, have none. */
export function imageItem(
  { mediaType, data }: Pick<LanguageModelV4File, 'mediaType' | 'data'>,
  id: string,
): JsonObject[] {
  const [kind, output_format] = mediaType.split('/');
  if (kind !== 'image' || output_format === undefined || data.type !== 'data') return [];
  const result = typeof data.data === 'string' ? data.data : Buffer.from(data.data).toString('base64');
  return [{ id, type: 'image_generation_call', status: 'completed', output_format, result }];
}
