import type { Operation } from '@isartor/shared';
import type { Link } from './line-up.ts';
import { servesOperation } from './provider.port.ts';
import { TRANSLATION_TARGETS } from './translation/targets.ts';

/** What can be put to a provider of another API, and its answer told in the caller's. */
const TRANSLATED: ReadonlySet<Operation> = new Set([
  'openai.chat',
  'openai.responses',
  'anthropic.messages',
  'gemini.generate',
  'native.chat',
]);

/** What decides who may be asked. */
export interface Choice {
  /** A route names who is asked, and in which order. */
  readonly isRouted: boolean;
  /** The request leaves the model to us. */
  readonly isOpen: boolean;
}

/**
 * Who can be asked for an operation, in order. A route's own order stands. Else those who speak the caller's API come
 * first, for nothing of a request is translated; the others follow where the model is ours to choose, for a name means
 * nothing to them, and take all where nobody speaks that API.
 */
export function withinReach(
  links: readonly Link[],
  operation: Operation,
  { isRouted, isOpen }: Choice,
): readonly Link[] {
  const native = links.filter(({ provider }) => servesOperation(provider, operation));
  if (native.length === links.length || !TRANSLATED.has(operation)) return native;
  const others = links.filter(
    (link) => !native.includes(link) && servesOperation(link.provider, TRANSLATION_TARGETS[link.provider.dialect]),
  );
  if (isRouted) return links.filter((link) => native.includes(link) || others.includes(link));
  if (native.length === 0) return others;
  return isOpen ? [...native, ...others.map((link) => ({ ...link, weight: 0 }))] : native;
}
