import type { KubernetesObject } from './kubernetes-object.ts';
import { at, listAt } from './pods.ts';

/** Where a host's requests go: what they match, and the name of the Service, or the status that is answered at once. */
interface Route {
  readonly matches: (path: string) => boolean;
  /** The longest wins, for an Ingress and an HTTPRoute; Istio's go by their order. */
  readonly length: number;
  readonly to: string;
}

/** Where the manifests send a request for this path from outside: a Service's name, a status, or undefined for nowhere. */
export function routeOf(objects: readonly KubernetesObject[], path: string): string | undefined {
  const ordered = objects.flatMap(istioRoutes);
  const byLength = objects.flatMap((object) => [...ingressRoutes(object), ...gatewayRoutes(object)]);
  const routes = [...ordered, ...byLength.toSorted((a, b) => b.length - a.length)];
  return routes.find(({ matches }) => matches(path))?.to;
}

function ingressRoutes(object: KubernetesObject): readonly Route[] {
  if (object.kind !== 'Ingress') return [];
  return listAt(object, 'spec', 'rules').flatMap((rule) =>
    listAt(rule, 'http', 'paths').map((path) => {
      if (at(path, 'pathType') !== 'Prefix') throw new Error('not understood: a path that is no Prefix');
      return byElements(String(at(path, 'path')), String(at(path, 'backend', 'service', 'name')));
    }),
  );
}

function gatewayRoutes(object: KubernetesObject): readonly Route[] {
  if (object.kind !== 'HTTPRoute') return [];
  return listAt(object, 'spec', 'rules').flatMap((rule) => {
    const to = listAt(rule, 'backendRefs').map((backend) => String(at(backend, 'name')));
    return listAt(rule, 'matches').map((match) => {
      if (at(match, 'path', 'type') !== 'PathPrefix') throw new Error('not understood: a match that is no PathPrefix');
      return byElements(String(at(match, 'path', 'value')), to.join());
    });
  });
}

/** `/a/b` for both kinds is `/a/b` and what lies below it, and not `/a/bc`. */
function byElements(prefix: string, to: string): Route {
  const bare = prefix.replace(/\/$/, '');
  return { matches: (path) => path === bare || path.startsWith(`${bare}/`), length: bare.length, to };
}

function istioRoutes(object: KubernetesObject): readonly Route[] {
  if (object.kind !== 'VirtualService') return [];
  return listAt(object, 'spec', 'http').flatMap((route) => {
    const status = at(route, 'directResponse', 'status');
    const hosts = listAt(route, 'route').map((one) => String(at(one, 'destination', 'host')));
    const to = typeof status === 'number' ? String(status) : hosts.join();
    return listAt(route, 'match').map((match) => {
      const [exact, prefix] = [at(match, 'uri', 'exact'), at(match, 'uri', 'prefix')];
      const matches = (path: string): boolean =>
        path === exact || (typeof prefix === 'string' && path.startsWith(prefix));
      return { matches, length: 0, to };
    });
  });
}
