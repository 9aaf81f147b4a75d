import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError } from './config/config-error.ts';
import type { Config } from './config/config.ts';
import { loadConfigFromProcess } from './config/load-config.ts';
import { createApp } from './create-app.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { auditStart } from './telemetry/audit.ts';
import { createLog, type Logger } from './telemetry/log.ts';

/** Exit status of a start that the settings forbid (sysexits' EX_CONFIG). */
const EXIT_CONFIG = 78;

async function main(): Promise<void> {
  const { config, warnings, inForce } = loadConfigFromProcess();
  const log = createLog(config.logLevel);
  for (const warning of warnings) log.warn(warning);
  auditStart(log, inForce, config.auth.keys);
  const app = await createApp(config, log);
  await app.listen(config.port, config.host);
  log.info(
    { url: await app.getUrl(), cache: config.cache.backend, providers: config.providers.map(({ name }) => name) },
    'the core is listening',
  );
  endOnSignal(app, config, log);
}

function endOnSignal(app: NestFastifyApplication, config: Config, log: Logger): void {
  const end = async (signal: string): Promise<void> => {
    const graceMs = config.shutdownGraceMs;
    log.info({ signal, graceMs }, 'draining');
    const complete = await app.get(Lifecycle).drain(app.getHttpServer(), graceMs);
    if (!complete) log.warn('the grace period ended before all requests did');
    await app.close();
    log.info('ended');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(signal));
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
  process.stderr.write(`The core could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
