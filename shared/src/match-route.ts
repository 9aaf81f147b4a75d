import { geminiTarget, type PathTarget } from './dialects/gemini/path-target.ts';
import { OPERATION_SPECS, OPERATIONS, type Dialect, type Operation } from './operation.ts';

/** Where a request leads. `id` of a model is decoded once and may contain `/`. */
export type RouteMatch =
  | { readonly kind: 'operation'; readonly operation: Operation; readonly target?: PathTarget }
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'feedback' }
  | { readonly kind: 'explain' }
  | { readonly kind: 'usage' }
  /** From the edge alone. */
  | { readonly kind: 'hits' }
  | { readonly kind: 'health' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly kind: 'unknown' };

const MODELS = '/v1/models';
const FEEDBACK = '/api/v1/feedback';
const EXPLAIN = '/api/v1/explain';
const USAGE = '/api/v1/usage';
/** Where the edge tells a core of the hits that it has answered by itself. */
export const HITS_PATH = '/api/v1/usage/hits';
const POST = ['POST'] as const;
const GET = ['GET', 'HEAD'] as const;

const operationOfPath: ReadonlyMap<string, Operation> = new Map(
  OPERATIONS.flatMap((name) => OPERATION_SPECS[name].routes.map((route): [string, Operation] => [route, name])),
);

/** Finds the route of a method and a path (without its query). HEAD counts as GET. Paths match exactly. */
export function matchRoute(method: string, pathname: string): RouteMatch {
  const operation = operationOfPath.get(pathname);
  if (operation !== undefined) return allowing(POST, method, { kind: 'operation', operation });
  if (pathname === FEEDBACK) return allowing(POST, method, { kind: 'feedback' });
  if (pathname === EXPLAIN) return allowing(POST, method, { kind: 'explain' });
  if (pathname === HITS_PATH) return allowing(POST, method, { kind: 'hits' });
  const target = geminiTarget(pathname);
  if (target !== undefined) return allowing(POST, method, { kind: 'operation', operation: 'gemini.generate', target });
  const match = getRoute(pathname);
  return match === undefined ? { kind: 'unknown' } : allowing(GET, method, match);
}

/** The dialect in which a path's errors are told, known routes and unknown ones alike. */
export function dialectOfPath(pathname: string): Dialect {
  if (isUnder('/api', pathname)) return 'native';
  if (isUnder('/v1beta', pathname) || geminiTarget(pathname) !== undefined) return 'gemini';
  if (isUnder('/v1/messages', pathname)) return 'anthropic';
  return isUnder('/v1/responses', pathname) ? 'responses' : 'openai';
}

function isUnder(folder: string, pathname: string): boolean {
  return pathname === folder || pathname.startsWith(`${folder}/`);
}

function getRoute(pathname: string): RouteMatch | undefined {
  if (pathname === '/healthz') return { kind: 'health' };
  if (pathname === '/readyz') return { kind: 'ready' };
  if (pathname === MODELS) return { kind: 'models' };
  if (pathname === USAGE) return { kind: 'usage' };
  if (!pathname.startsWith(`${MODELS}/`)) return undefined;
  const id = decodeOnce(pathname.slice(MODELS.length + 1));
  return id === undefined || id === '' ? undefined : { kind: 'model', id };
}

function allowing(allow: readonly string[], method: string, match: RouteMatch): RouteMatch {
  return allow.includes(method) ? match : { kind: 'wrong-method', allow };
}

function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
