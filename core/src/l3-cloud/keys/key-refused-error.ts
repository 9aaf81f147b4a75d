import { GatewayError } from '@isartor/shared';

/** A provider refused one of several keys: another one may do. */
export class KeyRefusedError extends GatewayError {
  constructor(provider: string, status: number) {
    const message = `The provider ${provider} refused the gateway's own credentials (${status}). This is for the operator to mend.`;
    super('upstream_refused_us', message);
  }
}
