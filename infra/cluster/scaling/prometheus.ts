import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../../local/src/testing/free-port.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { onThisMachine } from '../kubelet/addresses.ts';

const START_MS = 60_000;

/**
 * Starts the real Prometheus, which scrapes the gateway's pods as the ServiceMonitor has it; gives its address. What it
 * says of them carries the labels that the operator would give.
 */
export async function startPrometheus(cluster: ControlPlane): Promise<string> {
  const port = await freePort();
  const file = join(cluster.folder, 'prometheus.yml');
  writeFileSync(file, stringify(configuration(await startDiscovery(cluster))));
  const program = cluster.start('prometheus', [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(cluster.folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  const origin = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && program.runs) {
    const ready = await fetch(`${origin}/-/ready`).catch(() => undefined);
    if (ready?.status === 200) return origin;
    await pause(200);
  }
  throw new Error(`Prometheus is not ready: ${program.said()}`);
}

interface Slices {
  readonly items: readonly {
    readonly endpoints?:
      readonly { readonly addresses: readonly string[]; readonly targetRef?: { readonly name: string } }[] | null;
    readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  }[];
}

/** The gateway's pods as its Service of metrics has them, in the form of Prometheus' discovery by HTTP. */
async function targets({ api }: ControlPlane): Promise<unknown> {
  const selector = encodeURIComponent('kubernetes.io/service-name=isartor-gateway-metrics');
  const path = `/apis/discovery.k8s.io/v1/namespaces/isartor/endpointslices?labelSelector=${selector}`;
  const { items } = await api.get<Slices>(path);
  return items.flatMap(({ endpoints, ports }) => {
    const port = ports?.find(({ name }) => name === 'metrics')?.port;
    return (endpoints ?? []).flatMap(({ addresses, targetRef }) =>
      addresses.map((address) => ({
        targets: [`${onThisMachine(address)}:${port}`],
        labels: { namespace: 'isartor', pod: targetRef?.name ?? '' },
      })),
    );
  });
}

/** Debian's Prometheus finds nothing by the API server itself: it is told here. */
async function startDiscovery(cluster: ControlPlane): Promise<Server> {
  const server = createServer((_, response) => {
    targets(cluster).then(
      (found) => response.setHeader('content-type', 'application/json').end(JSON.stringify(found)),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return server;
}

function configuration(discovery: Server): unknown {
  const address = discovery.address();
  if (address === null || typeof address === 'string') throw new Error('the discovery has no port');
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'isartor-gateway-metrics',
        http_sd_configs: [{ url: `http://127.0.0.1:${address.port}/`, refresh_interval: '1s' }],
      },
    ],
  };
}
