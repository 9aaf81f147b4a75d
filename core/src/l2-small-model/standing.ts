import type { RequestContext } from '../pipeline/request-context.ts';
import { mayAnswer } from './may-answer.ts';
import type { Picked, ReplicaPool, Unavailable } from './replica-pool.ts';
import { unhonoured, type Unhonoured } from './unhonoured.ts';

/** Where longer bodies skip this layer: of their parsed form nothing is left. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** How a request stands to the small model, before anything is asked of anybody. */
export type Standing =
  /** An operation that it has no part in. */
  | { readonly kind: 'none' }
  /** The caller named a model in whose place it may not answer. */
  | { readonly kind: 'named' }
  | { readonly kind: 'passed-over'; readonly why: 'bypassed' | Unhonoured }
  | { readonly kind: 'wanted'; readonly picked: Picked | Unavailable };

/** Decides by the request and by what is known of the pool. */
export function standingOf(
  context: RequestContext,
  replaces: readonly string[],
  pool: Pick<ReplicaPool, 'pick'>,
): Standing {
  const { operation, request, directives } = context;
  if (operation !== 'openai.chat' && operation !== 'native.chat') return { kind: 'none' };
  if (!mayAnswer(context, replaces)) return { kind: 'named' };
  if (directives.bypass.has('l2')) return { kind: 'passed-over', why: 'bypassed' };
  if (request.bytes.byteLength > MAX_BODY_BYTES) return { kind: 'passed-over', why: 'long' };
  const picked = pool.pick();
  const why = faultOf(context, picked);
  return why === undefined ? { kind: 'wanted', picked } : { kind: 'passed-over', why };
}

/** What the picked server, or any where there is none, cannot honour of a request. */
export function faultOf(
  { request }: Pick<RequestContext, 'request'>,
  picked: Picked | Unavailable,
): Unhonoured | undefined {
  return typeof picked === 'string'
    ? unhonoured(request.body, undefined, new Set())
    : unhonoured(request.body, picked.model.contextTokens, picked.replica.backend.ignores);
}
