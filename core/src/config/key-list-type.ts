import { KeyListError, parseKeyList, type KeyRecord } from '@isartor/shared';
import { z } from 'zod';

/** The list of API keys: JSON text, or the same as a YAML list. What a record may hold is decided in `shared`. */
export function keyList() {
  return z
    .union([z.string(), z.array(z.record(z.string(), z.unknown()))])
    .transform((list, context): readonly KeyRecord[] => {
      try {
        return parseKeyList(typeof list === 'string' ? list : JSON.stringify(list));
      } catch (error) {
        if (!(error instanceof KeyListError)) throw error;
        context.addIssue({ code: 'custom', message: `cannot be used: ${error.message}` });
        return z.NEVER;
      }
    })
    .describe('a JSON list of {"tenant","name","sha256","not_after"?,"cache"?,"ttl"?,"layers"?}, or the same in YAML');
}
