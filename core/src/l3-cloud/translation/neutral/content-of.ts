import { z } from 'zod';

/** Content of parts, or a plain text instead: that is read as one part of the named type. */
export function contentOf<T extends z.ZodType>(textType: string, part: T): z.ZodPreprocess<z.ZodArray<T>> {
  return z.preprocess(
    (content) => (typeof content === 'string' ? [{ type: textType, text: content }] : content),
    z.array(part, { error: 'must be a string or an array of parts.' }),
  );
}
