import { OPERATION_SPECS, type LayerName } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';
import { HTTP_METHOD, HTTP_ROUTE, HTTP_STATUS } from '../telemetry/semantic-names.ts';
import { ISARTOR_ATTR } from '../telemetry/span-names.ts';
import type { Exchange } from './exchange.ts';
import type { Delivery } from './send-answer.ts';

/** How a request ended. */
export interface RequestEnd {
  readonly delivery: Delivery;
  /** The layer that answered or refused; undefined where none did. */
  readonly layer: LayerName | undefined;
  /** A code of docs/errors.md. */
  readonly errorCode?: string | undefined;
}

/** Ends a request's span with what became of it, and adds that of L0, which was over before the span was known to matter. */
export function endTrace(exchange: Exchange, context: RequestContext | undefined, end: RequestEnd): void {
  const { span } = exchange;
  if (!span.recording) return;
  const { delivery, layer, errorCode } = end;
  addAdmission(exchange, end);
  const route = context === undefined ? undefined : routeOf(exchange, context);
  span.set({
    [HTTP_METHOD]: context === undefined ? undefined : 'POST',
    [HTTP_ROUTE]: route,
    [HTTP_STATUS]: delivery.status,
    [ISARTOR_ATTR.layer]: layer,
    [ISARTOR_ATTR.deflected]: isDeflected(layer, delivery.status),
    [ISARTOR_ATTR.tenant]: exchange.principal?.tenant,
    [ISARTOR_ATTR.stream]: context?.request.stream,
    [ISARTOR_ATTR.outcome]: delivery.outcome,
    [ISARTOR_ATTR.reason]: errorCode,
  });
  if (delivery.status >= 500 || delivery.outcome === 'broken') span.fail(errorCode ?? String(delivery.status));
  span.end(route === undefined ? undefined : `POST ${route}`);
}

/** True only for a 2xx from a layer that asks no cloud. */
function isDeflected(layer: LayerName | undefined, status: number): boolean {
  return (layer === 'l1a' || layer === 'l1b' || layer === 'l2') && status >= 200 && status < 300;
}

function addAdmission({ span, trail, startedAt }: Exchange, { layer, errorCode }: RequestEnd): void {
  const admitted = trail.timings.find(({ layer: name }) => name === 'l0');
  if (admitted !== undefined) span.past('l0', startedAt, admitted.ms, { [ISARTOR_ATTR.verdict]: 'admitted' });
  else if (layer === 'l0') {
    const refused = { [ISARTOR_ATTR.verdict]: 'refused', [ISARTOR_ATTR.reason]: errorCode };
    span.past('l0', startedAt, performance.now() - startedAt, refused);
  }
}

/** The operation's route as it is documented: a path is the caller's, and may hold anything. */
function routeOf({ path }: Exchange, { operation }: RequestContext): string {
  const { routes } = OPERATION_SPECS[operation];
  return routes.find((route) => route === path) ?? routes[0] ?? operation;
}
