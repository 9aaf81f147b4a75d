import { OPERATION_SPECS, type Operation } from '@isartor/shared';
import type { Link } from './line-up.ts';
import type { Provider } from './provider.port.ts';

/** What can be put to a provider of another API, and its answer told in the caller's. */
const TRANSLATED: ReadonlySet<Operation> = new Set([
  'openai.chat',
  'openai.responses',
  'anthropic.messages',
  'gemini.generate',
  'native.chat',
]);

/** Whether a provider gets an operation's requests as they are. */
export function speaks({ dialect }: Provider, operation: Operation): boolean {
  return dialect === OPERATION_SPECS[operation].providerDialect;
}

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
  const native = links.filter(({ provider }) => speaks(provider, operation));
  if (native.length === links.length || !TRANSLATED.has(operation)) return native;
  if (isRouted || native.length === 0) return links;
  if (!isOpen) return native;
  const others = links.filter((link) => !native.includes(link));
  return [...native, ...others.map((link) => ({ ...link, weight: 0 }))];
}
