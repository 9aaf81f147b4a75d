/** Whether a request is for the cache's administration, and by a method that it takes. */
export type AdminRouteMatch =
  { readonly kind: 'admin' } | { readonly kind: 'wrong-method'; readonly allow: readonly string[] };

/** Where the cache is administered: on the core alone, never through the edge. */
const CACHE = '/api/v1/cache';
/** What may be an entry's name; whether it is a digest is said by the operation, which names the fault. */
const ENTRY = /^[A-Za-z0-9._-]{1,100}$/;

/** Finds the administration's route of a method and a path; undefined where the path is none of its. */
export function matchAdminRoute(method: string, path: string): AdminRouteMatch | undefined {
  const allow = methodsOf(path);
  if (allow === undefined) return undefined;
  return allow.includes(method) ? { kind: 'admin' } : { kind: 'wrong-method', allow };
}

function methodsOf(path: string): readonly string[] | undefined {
  if (path === CACHE) return ['GET', 'DELETE'];
  if (!path.startsWith(`${CACHE}/`)) return undefined;
  const rest = path.slice(CACHE.length + 1);
  if (rest === 'off' || rest === 'on') return ['POST'];
  if (rest === 'report') return ['GET'];
  return ENTRY.test(rest) ? ['DELETE'] : undefined;
}
