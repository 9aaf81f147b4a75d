import { GatewayError } from '@isartor/shared';

/** A request of which something would be lost on the way to a provider that speaks another API. */
export class NotTranslatableError extends GatewayError {
  /** `param`: the field at fault, in the words of the caller's dialect. */
  constructor(message: string, param: string | undefined) {
    super('invalid_request', message, { param });
  }
}
