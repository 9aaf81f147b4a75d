import { GatewayError } from '@isartor/shared';

/** A model's name as one segment of a path. Throws a GatewayError for the two that no encoding keeps from being steps. */
export function pathSegment(model: string): string {
  if (model === '.' || model === '..') {
    throw new GatewayError('invalid_request', 'model is not the name of one.', { param: 'model' });
  }
  return encodeURIComponent(model);
}
