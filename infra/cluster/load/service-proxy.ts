import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesApi } from '../control-plane/api.ts';
import { onThisMachine } from '../kubelet/addresses.ts';
import { complain } from '../support/complain.ts';

const AGAIN_MS = 200;

interface EndpointSlice {
  readonly metadata: { readonly name: string };
  readonly ports?: readonly { readonly port?: number }[] | null;
  readonly endpoints?:
    readonly { readonly addresses: readonly string[]; readonly conditions?: { readonly ready?: boolean } }[] | null;
}

interface Service {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly port: number }[] };
}

/**
 * A Service of one port as kube-proxy makes it: a connection to its cluster address goes to one of the addresses that its
 * EndpointSlices call ready, in turn, and stays there.
 */
export class ServiceProxy {
  readonly #api: KubernetesApi;
  readonly #path: string;
  readonly #slicesPath: string;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  readonly #slices = new Map<string, readonly Address[]>();
  #watching: Promise<void> = Promise.resolve();
  #next = 0;

  constructor(api: KubernetesApi, namespace: string, name: string) {
    this.#api = api;
    this.#path = `/api/v1/namespaces/${namespace}/services/${name}`;
    this.#slicesPath =
      `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices` +
      `?labelSelector=${encodeURIComponent(`kubernetes.io/service-name=${name}`)}`;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#forward(socket));
  }

  /** Listens where pods find the Service; gives its address. */
  async start(): Promise<string> {
    const { spec } = await this.#api.get<Service>(this.#path);
    const [port] = spec.ports;
    if (port === undefined) throw new Error(`${this.#path} has no port`);
    const host = onThisMachine(spec.clusterIP);
    this.#server.listen(port.port, host);
    await once(this.#server, 'listening');
    this.#watching = this.#watch();
    return `http://${host}:${port.port}`;
  }

  /** The addresses that are ready now. */
  get ready(): readonly Address[] {
    return [...this.#slices.values()].flat();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#server.close();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for await (const { type, object } of this.#api.watch<EndpointSlice>(this.#slicesPath, signal)) {
          if (type === 'DELETED') this.#slices.delete(object.metadata.name);
          else if (type !== 'ERROR') this.#slices.set(object.metadata.name, readyAddresses(object));
        }
      } catch (error) {
        if (!signal.aborted) complain(`the watch of ${this.#slicesPath}`, error);
      }
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #forward(client: Socket): void {
    const all = this.ready;
    const target = all[this.#next++ % Math.max(1, all.length)];
    if (target === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
    client.pipe(server).pipe(client);
    // A process that is killed resets its connections, and so its clients must see it.
    client.on('error', () => server.destroy());
    server.on('error', () => client.resetAndDestroy());
  }
}

/** Where a process of this machine listens. */
interface Address {
  readonly host: string;
  readonly port: number;
}

function readyAddresses({ ports, endpoints }: EndpointSlice): readonly Address[] {
  const port = ports?.[0]?.port;
  if (port === undefined) return [];
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready === true)
    .flatMap(({ addresses }) => addresses.map((address) => ({ host: onThisMachine(address), port })));
}
