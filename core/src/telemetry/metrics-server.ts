import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { PrometheusMetrics } from './prometheus-metrics.ts';

/** Where the metrics are told. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * `GET /metrics` on a port of its own, so that no way leads from the API to it. A server of ours rather than the
 * exporter's: that one takes no IPv6 address, and keeps silent about what went wrong.
 */
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server;

  constructor(
    metrics: PrometheusMetrics,
    private readonly address: MetricsAddress,
  ) {
    this.server = createServer((request, response) => void respond(metrics, request, response));
  }

  /** Throws where the port cannot be had: a process that looks healthy and tells nothing would not be noticed. */
  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.address;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code ?? error.message})`;
        const remedy = 'set ISARTOR__METRICS_PORT to a free one, or to 0 for no metrics';
        reject(new Error(`the port of the metrics, ${port} on ${host}, ${reason}: ${remedy}.`, { cause: error }));
      });
      this.server.listen({ host, port }, resolve);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

async function respond(metrics: PrometheusMetrics, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end();
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  } catch {
    // A scrape that fails is counted by Prometheus itself.
    response.writeHead(500).end();
  }
}
