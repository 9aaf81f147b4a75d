import { GatewayError, HEADER } from '@isartor/shared';
import type { EdgeLayer, EdgeRequest, EdgeRuntime } from './edge-context.ts';
import { operationOf } from './edge-context.ts';

/** Where a Worker's log goes: what it writes to the console. */
export function writeLine(line: string): void {
  console.log(line);
}

/** Writes one versioned JSON line a request, when its answer's headers are known; no prompt, answer or key in it. */
export function requestLog(runtime: EdgeRuntime): EdgeLayer {
  return async (c, next) => {
    const began = runtime.now();
    await next();
    const refusal = refusalRecord(c);
    if (refusal !== undefined) runtime.log(JSON.stringify(refusal));
    runtime.log(JSON.stringify(requestRecord(c, runtime.now() - began)));
  };
}

/** A path may be anything that a client sends; so much of it tells which route was meant. */
const PATH_SHOWN = 128;

/** Of a caller who is not let in: no key, a wrong one, one that may not do this, or too often. */
const REFUSED: readonly number[] = [401, 403, 429];

/** The line of the audit log for who was refused here; the core tells whom it refused itself. */
function refusalRecord(c: EdgeRequest): object | undefined {
  const { error } = c;
  if (!(error instanceof GatewayError) || !REFUSED.includes(error.status)) return undefined;
  return {
    v: 1,
    kind: 'isartor.refusal',
    audit: true,
    requestId: c.get('requestId'),
    traceId: c.get('trace')?.traceId,
    path: c.get('url').pathname.slice(0, PATH_SHOWN),
    tenant: c.get('principal')?.tenant,
    key: c.get('principal')?.keyName,
    status: error.status,
    code: error.code,
  };
}

function requestRecord(c: EdgeRequest, ms: number): object {
  const { headers, status } = c.res;
  const served = c.get('served');
  return {
    v: 1,
    kind: 'isartor.request',
    requestId: c.get('requestId'),
    traceId: c.get('trace')?.traceId,
    path: c.get('url').pathname.slice(0, PATH_SHOWN),
    operation: operationOf(c.get('route')) ?? null,
    status,
    layer: headers.get(HEADER.layer),
    edge: c.get('edge') ?? null,
    cache: headers.get(HEADER.cache),
    ms: Math.max(0, Math.round(ms)),
    model: headers.get(HEADER.model),
    provider: headers.get(HEADER.provider),
    usage: served?.usage ?? c.get('stored')?.usage ?? null,
    savedUsd: served?.savedUsd ?? savedByCore(headers.get(HEADER.cost)),
  };
}

/** What a hit of the core saved, from its `x-isartor-cost: 0;saved=0.000123`. */
function savedByCore(cost: string | null): number {
  const saved = Number(/;\s*saved=([0-9.]+)/.exec(cost ?? '')?.[1] ?? 0);
  return Number.isFinite(saved) ? saved : 0;
}
