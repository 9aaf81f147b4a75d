import { GatewayError, HEADER, OPERATION_SPECS } from '@isartor/shared';
import type { EdgeLayer, EdgeRequest } from '../edge-context.ts';
import { operationOf } from '../edge-context.ts';
import { RequestTrace, SPAN_KIND, type SpanAttributes } from './request-trace.ts';
import { ERROR_TYPE, HTTP_METHOD, HTTP_ROUTE, HTTP_STATUS } from './semantic-names.ts';
import { SpanSender, type OtlpSettings } from './span-sender.ts';
import { parseTraceparent } from './trace-context.ts';

/** A method that nobody knows is the caller's word, and not told. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'OPTIONS'];
const OTHER = '_OTHER';

/** Begins a request's trace, or goes on with the caller's, and sends its spans behind the answer. */
export function tracing(settings: OtlpSettings, now: () => number): EdgeLayer {
  const sender = new SpanSender(settings, now);
  return async (c, next) => {
    const trace = new RequestTrace(parseTraceparent(c.req.raw.headers.get('traceparent')), settings.ratio, now);
    c.set('trace', trace);
    const end = trace.begin(SPAN_KIND.server);
    await next();
    const method = METHODS.includes(c.req.method) ? c.req.method : OTHER;
    const route = routeOf(c);
    const failed = c.res.status >= 500;
    end(route === undefined ? method : `${method} ${route}`, { [HTTP_METHOD]: method, ...ofAnswer(c, route) }, failed);
    sender.take(trace.ended, (work) => c.executionCtx.waitUntil(work));
  };
}

/** A layer in a span of its own. Like the layers, the spans lie within each other. */
export function inSpan(name: 'l0' | 'l1a' | 'core', layer: EdgeLayer): EdgeLayer {
  return async (c, next) => {
    const trace = c.get('trace');
    if (trace === undefined) return layer(c, next);
    const end = trace.begin(name === 'core' ? SPAN_KIND.client : SPAN_KIND.internal);
    try {
      const response = await layer(c, next);
      const status = name === 'core' ? (response ?? c.res).status : undefined;
      end(
        name,
        { 'isartor.verdict': verdictOf(c, name), [HTTP_STATUS]: status },
        status !== undefined && status >= 500,
      );
      return response;
    } catch (error) {
      const refused = error instanceof GatewayError && error.fault === 'caller';
      const reason = error instanceof GatewayError ? error.code : 'internal';
      end(name, { 'isartor.verdict': refused ? 'refused' : 'failed', 'isartor.reason': reason }, !refused);
      throw error;
    }
  };
}

function verdictOf(c: EdgeRequest, name: 'l0' | 'l1a' | 'core'): string {
  if (name === 'core') return 'answered';
  return name === 'l0' ? 'admitted' : (c.get('edge') ?? 'bypass');
}

function ofAnswer(c: EdgeRequest, route: string | undefined): SpanAttributes {
  const { status, headers } = c.res;
  return {
    [HTTP_ROUTE]: route,
    [HTTP_STATUS]: status,
    [ERROR_TYPE]: status >= 500 ? String(status) : undefined,
    'isartor.layer': headers.get(HEADER.layer),
    'isartor.deflected': headers.get(HEADER.deflected) === 'true',
    'isartor.edge': c.get('edge'),
    'isartor.tenant': c.get('principal')?.tenant,
  };
}

/** The operation's route as it is documented: a path is the caller's, and may hold anything. */
function routeOf(c: EdgeRequest): string | undefined {
  const operation = operationOf(c.get('route'));
  if (operation === undefined) return undefined;
  const { routes } = OPERATION_SPECS[operation];
  return routes.find((route) => route === c.get('url').pathname) ?? routes[0];
}
