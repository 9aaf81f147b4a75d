import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readChangeQuery, readDigest, readSwitch, readTenant } from '../admin/admin-request.ts';
import { ShadowReports } from '../admin/shadow-reports.ts';
import { CacheAdministration } from '../admin/cache-administration.ts';
import { exchangeOf } from './exchange.ts';
import { sendJson } from './send-json.ts';

const FLAGS = ['dry_run', 'force'];

/** Purge and kill switch. Who may ask was decided at admission, by the admin key. */
@Controller('api/v1/cache')
export class AdminCacheController {
  constructor(
    @Inject(CacheAdministration) private readonly administration: CacheAdministration,
    @Inject(ShadowReports) private readonly reports: ShadowReports,
  ) {}

  /** The record in force. */
  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = exchangeOf(request);
    const { force } = readChangeQuery(query, ['tenant', ...FLAGS]);
    sendJson(reply, 200, await this.administration.show(readTenant(query.get('tenant')), force));
  }

  /** What the semantic cache would have served. */
  @Get('report')
  async report(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = exchangeOf(request);
    readChangeQuery(query, ['tenant']);
    const tenant = query.get('tenant');
    sendJson(reply, 200, await this.reports.read(tenant === null ? undefined : readTenant(tenant)));
  }

  /** Everything of one tenant. */
  @Delete()
  async purge(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query, id: requestId } = exchangeOf(request);
    const options = readChangeQuery(query, ['tenant', ...FLAGS]);
    const tenant = readTenant(query.get('tenant'));
    const order = { ...options, tenant, requestId, change: { kind: 'purge' } as const };
    sendJson(reply, 200, await this.administration.change(order));
  }

  /** One entry. A wildcard: to a parameter that is too long Fastify itself would answer, in its own words. */
  @Delete('*')
  async quarantine(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query, id: requestId, path } = exchangeOf(request);
    const options = readChangeQuery(query, ['tenant', ...FLAGS]);
    const digest = readDigest(path.slice(path.lastIndexOf('/') + 1));
    const tenant = readTenant(query.get('tenant'));
    const order = { ...options, tenant, requestId, change: { kind: 'quarantine', digest } as const };
    sendJson(reply, 200, await this.administration.change(order));
  }

  @Post('off')
  off(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.switch('switch-off', request, reply);
  }

  @Post('on')
  on(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.switch('switch-on', request, reply);
  }

  private async switch(kind: 'switch-off' | 'switch-on', request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { query, id: requestId } = exchangeOf(request);
    const options = readChangeQuery(query, FLAGS);
    const { tenant, layer } = readSwitch(request.body);
    sendJson(reply, 200, await this.administration.change({ ...options, tenant, requestId, change: { kind, layer } }));
  }
}
