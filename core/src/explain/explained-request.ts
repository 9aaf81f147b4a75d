import { GatewayError, readQuery, type Principal } from '@isartor/shared';
import { parseCharged } from '../http/parse-body.ts';
import { standaloneContext, type KeySettings, type StandaloneRequest } from '../http/standalone-context.ts';
import type { InflightLease } from '../inflight/inflight-budget.ts';
import type { ModelRoutes } from '../l3-cloud/routes/model-routes.ts';
import type { AskedRequest } from './explain-request.ts';

/** Who asks, and on whose account its memory goes. */
export interface Asker {
  readonly principal: Principal;
  readonly lease: InflightLease;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** What of the settings bears on what a request means, and on what it may have. */
export interface ExplainSettings extends KeySettings {
  readonly routes: ModelRoutes;
}

/** Understands a request exactly as one that is to be answered. Throws GatewayError naming the field, below `prefix`. */
export function understand(
  asked: AskedRequest,
  prefix: string,
  settings: ExplainSettings,
  asker: Asker,
): StandaloneRequest {
  try {
    return contextOf(asked, settings, asker);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param === undefined) throw error;
    const param = `${prefix}${error.code === 'invalid_header' ? 'headers' : 'request'}.${error.param}`;
    throw new GatewayError(error.code, `In \`${param}\`: ${error.message}`, { param });
  }
}

function contextOf(asked: AskedRequest, settings: ExplainSettings, asker: Asker): StandaloneRequest {
  const { lease, requestId, signal } = asker;
  const { operation, target, query } = asked;
  const { request } = parseCharged({ operation, target, sse: readQuery(operation, query).sse }, asked.bytes, lease);
  const principal = settings.routes.narrowed(asker.principal, request.model);
  return standaloneContext({ ...asked, request, principal, settings, id: requestId, signal });
}
