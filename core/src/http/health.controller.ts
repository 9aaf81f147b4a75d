import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { Dependencies } from './dependencies.ts';
import { sendJson } from './send-json.ts';

/** Liveness and readiness. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
    @Inject(Dependencies) private readonly dependencies: Dependencies,
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
    const checks = await this.dependencies.read();
    sendJson(reply, status === 'ready' ? 200 : 503, { status, checks });
  }
}
