import type { RequestContext } from '../pipeline/request-context.ts';
import { AUTO_MODEL } from '../upstream/prepare-call.ts';

/** Whether the small model may stand in for what the caller asked for: nothing, Isartor's choice, or a replaced model. */
export function mayAnswer({ request }: Pick<RequestContext, 'request'>, replaces: readonly string[]): boolean {
  const { model } = request;
  return model === undefined || model === AUTO_MODEL || replaces.includes(model);
}
