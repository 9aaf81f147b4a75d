import 'reflect-metadata';
import type { Server } from 'node:http';
import cors from '@fastify/cors';
import { EXPOSED_HEADERS, GatewayError } from '@isartor/shared';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from './config/config.ts';
import { Admission } from './http/admission.ts';
import { ErrorFilter } from './http/error.filter.ts';
import { exchangeOf } from './http/exchange.ts';
import { originForm } from './http/origin-form.ts';
import { refuseMalformed } from './http/refuse-malformed.ts';
import { RequestLog } from './http/request-log.ts';
import { sendError } from './http/send-answer.ts';
import { IsartorModule } from './isartor.module.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import type { Logger } from './telemetry/log.ts';
import { nestLogger } from './telemetry/nest-logger.ts';

/** How often Node looks for connections that exceed their clocks. */
const CONNECTION_CHECK_MS = 1_000;

/** Builds the whole application, ready to listen; used by `main.ts` and by every end-to-end test alike. */
export async function createApp(config: Config, log: Logger): Promise<NestFastifyApplication> {
  const { limits } = config;
  const adapter = new FastifyAdapter({
    bodyLimit: limits.bodyBytes,
    // The body has a clock of its own (read-body.ts), and an answer may take as long as its provider's clocks allow.
    requestTimeout: 0,
    clientErrorHandler: refuseMalformed,
    rewriteUrl: originForm,
    // Only a path that cannot be decoded gets here.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      app.get(Admission).open(request);
      refuse(
        app.get(RequestLog),
        reply,
        new GatewayError('not_found', 'There is no such route: its path cannot be read.'),
      );
    },
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headerMs,
      // Two keys in two headers are two keys: Node alone would drop the second.
      joinDuplicateHeaders: true,
      connectionsCheckingInterval: CONNECTION_CHECK_MS,
    },
    routerOptions: { ignoreTrailingSlash: false },
  });
  const app = await NestFactory.create<NestFastifyApplication>(IsartorModule.forRoot(config, log), adapter, {
    bodyParser: false,
    logger: nestLogger(log),
    abortOnError: false,
  });
  const server: Server = adapter.getHttpServer();
  app.get(Lifecycle).watch(server);
  inviteOnlyTheAdmitted(server);
  app.useGlobalFilters(app.get(ErrorFilter));
  await admitRequests(adapter.getInstance(), config, app.get(Admission), app.get(RequestLog));
  return app;
}

async function admitRequests(
  fastify: FastifyInstance,
  config: Config,
  admission: Admission,
  requestLog: RequestLog,
): Promise<void> {
  fastify.addHook('onRequest', (request, _reply, done) => {
    admission.open(request);
    done();
  });
  if (config.corsOrigins.length > 0) {
    // Before admission: a refusal must be readable in the browser, and a preflight carries no key.
    await fastify.register(cors, {
      origin: config.corsOrigins.includes('*') ? '*' : [...config.corsOrigins],
      methods: ['GET', 'POST'],
      exposedHeaders: [...EXPOSED_HEADERS],
      strictPreflight: false,
      maxAge: 600,
    });
  }
  fastify.addHook('onRequest', (request, reply, done) => {
    try {
      admission.admit(request, reply);
    } catch (error) {
      refuse(requestLog, reply, error);
      return;
    }
    done();
  });
  fastify.removeAllContentTypeParsers();
  // By its name the usual type is found at once; for any other Fastify takes the header apart first.
  for (const type of ['application/json', '*']) {
    fastify.addContentTypeParser(type, (request: FastifyRequest) => admission.read(request));
  }
}

function refuse(requestLog: RequestLog, reply: FastifyReply, error: unknown): void {
  const delivery = sendError(reply, error);
  requestLog.failed(exchangeOf(reply), undefined, delivery, error);
}

/**
 * A client that waits for `100 Continue` is refused or invited like any other: by its head. Expectations that we do not
 * know are none of ours.
 */
function inviteOnlyTheAdmitted(server: Server): void {
  for (const event of ['checkContinue', 'checkExpectation'] as const) {
    server.on(event, (request, response) => server.emit('request', request, response));
  }
}
