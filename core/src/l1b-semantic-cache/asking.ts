import type { RequestContext } from '../pipeline/request-context.ts';
import { ineligibleText } from './eligibility.ts';
import type { Outcome } from './outcome.ts';
import type { Question } from './question.ts';
import type { Asked } from './semantic-lookup.ts';
import { semanticScope } from './semantic-scope.ts';
import type { VolatileRule } from './volatile.ts';

/** A question to look up, or why there is none. */
export type Asking = (Asked & { readonly kind: 'asked' }) | (Outcome & { readonly kind: 'ineligible' });

/**
 * What a request asks, with whom it may share the answer, or why with nobody.
 *
 * @param isVolatile the deployment's rule; the request's own word goes before it
 */
export function askedBy(context: RequestContext, question: Question, isVolatile: VolatileRule): Asking {
  if (question.kind === 'none') return { kind: 'ineligible', why: question.why };
  const { volatile: said } = context.directives;
  const why = ineligibleText(question.text, said === undefined ? isVolatile : () => said);
  if (why !== undefined) return { kind: 'ineligible', why };
  return {
    kind: 'asked',
    tenant: context.principal.tenant,
    text: question.text,
    scope: semanticScope(context, question.rest),
  };
}
