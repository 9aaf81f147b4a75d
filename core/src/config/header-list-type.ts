import { z } from 'zod';

const MAX_HEADERS = 16;
const HEADER = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})=([\x20-\x7e]{1,4096})$/;

/** Headers as `name=value`, parted by commas, or a YAML mapping. Names come out in lower case. */
export function headerList() {
  return z
    .union([
      z.string().transform((list) =>
        list
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      ),
      z
        .record(z.string(), z.string())
        .transform((map) => Object.entries(map).map(([name, value]) => `${name}=${value}`)),
    ])
    .transform((items, context): Readonly<Record<string, string>> => {
      const headers: Record<string, string> = {};
      for (const [index, item] of items.entries()) {
        const [, name, value] = HEADER.exec(item) ?? [];
        if (name === undefined || value === undefined || index >= MAX_HEADERS) {
          // The value may be a secret: only its place is told.
          const message = `has no header at position ${index + 1}; write for example authorization=Bearer …, at most ${MAX_HEADERS}, parted by commas`;
          context.addIssue({ code: 'custom', message });
          return z.NEVER;
        }
        headers[name.toLowerCase()] = value.trim();
      }
      return headers;
    })
    .describe('headers as `name=value`, parted by commas, or a YAML mapping');
}
