import type { PreparedCall } from '../upstream/prepare-call.ts';
import type { Upstream } from '../upstream/upstream.port.ts';
import { passOver, type Journey } from './journey.ts';
import type { Link } from './line-up.ts';
import { NotTranslatableError } from './translation/not-translatable-error.ts';

/** What a request weighs while it is translated, as measured: its texts three times, and objects about its values. */
const TRANSLATED_BYTES_PER_BYTE = 3;
const TRANSLATED_BYTES_PER_VALUE = 128;

/** Holds the memory that a translation takes; undefined where there is no room for it. */
export function roomToTranslate(link: Link, prepared: PreparedCall, journey: Journey): (() => void) | undefined {
  const { context } = journey;
  const { body } = prepared.call;
  const weight = TRANSLATED_BYTES_PER_BYTE * body.byteLength + TRANSLATED_BYTES_PER_VALUE * context.request.scan.values;
  try {
    return context.hold(weight);
  } catch (error) {
    return passOver(link, prepared, journey, error, 'no room to translate');
  }
}

/** The provider as one that speaks the caller's API; undefined where the request would lose something. */
export async function translated(
  link: Link,
  measured: Upstream,
  prepared: PreparedCall,
  journey: Journey,
): Promise<Upstream | undefined> {
  try {
    // Loaded when it is first needed: most gateways never translate.
    const { translate } = await import('./translation/translate.ts');
    return await translate(link.provider, measured, prepared.call);
  } catch (error) {
    if (!(error instanceof NotTranslatableError)) throw error;
    return passOver(link, prepared, journey, error, 'not translatable');
  }
}
