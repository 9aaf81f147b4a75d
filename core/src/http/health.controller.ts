import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ExactCacheStore } from '../l1a-exact-cache/exact-cache-store.port.ts';
import { SemanticCacheHealth } from '../l1b-semantic-cache/semantic-cache-health.ts';
import { ReplicaPool } from '../l2-small-model/replica-pool.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { sendJson } from './send-json.ts';

/** Liveness and readiness. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
    @Inject(ExactCacheStore) private readonly store: ExactCacheStore,
    @Inject(SemanticCacheHealth) private readonly semanticCache: SemanticCacheHealth,
    @Inject(ReplicaPool) private readonly smallModels: ReplicaPool | undefined,
  ) {}

  /** The process runs; no dependency is asked. */
  @Get('healthz')
  live(@Res() reply: FastifyReply): void {
    sendJson(reply, 200, { status: 'ok' });
  }

  /** A dependency that is down is told, but only draining makes the process not ready: without Redis it still answers. */
  @Get('readyz')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const status = this.lifecycle.draining ? 'draining' : 'ready';
    if (this.lifecycle.draining) void reply.header('connection', 'close');
    const [exact, semantic] = await Promise.all([this.store.health(), this.semanticCache.read()]);
    const smallModel = this.smallModels?.health();
    const checks = {
      exact_cache: exact,
      semantic_cache: semantic,
      ...(smallModel && { small_model: smallModel }),
    };
    sendJson(reply, status === 'ready' ? 200 : 503, { status, checks });
  }
}
