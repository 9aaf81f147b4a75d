// `npm run start:edge`: the Worker alone, in workerd, configured by the environment as its deployment is.
import { join } from 'node:path';
import { choosePort } from './stack/choose-port.ts';
import { edgeFault } from './stack/edge-fault.ts';
import { startEdgeWorker } from './stack/edge-worker.ts';
import { Fault } from './stack/fault.ts';
import { parseHostPort } from './stack/host-port.ts';
import { ROOT, STATE_DIR } from './stack/paths.ts';
import { stopSignal } from './stack/stop-signal.ts';
import { workerEnvironment } from './stack/worker-environment.ts';
import { wranglerEnvironment } from './stack/wrangler-environment.ts';

const PORT_NAME = 'ISARTOR_EDGE_PORT';

async function main(): Promise<void> {
  const configured = process.env[PORT_NAME];
  const wanted = configured ? parseHostPort(PORT_NAME, configured, '127.0.0.1') : { host: '127.0.0.1', port: 8787 };
  const listen = await choosePort(wanted, { configuredBy: configured ? PORT_NAME : undefined });
  const bindings = workerEnvironment(process.env);
  Object.assign(process.env, wranglerEnvironment(STATE_DIR));
  const stopped = stopSignal(() => process.exit(1));
  const worker = await startEdgeWorker({
    configFile: join(ROOT, 'edge', 'wrangler.jsonc'),
    listen,
    ...bindings,
    // The Worker's own lines, as they are: one JSON record a request.
    onLog: (level, message) => (level === 'error' ? console.error(message) : console.log(message)),
  });
  console.log(`isartor: the edge listens on ${worker.url}`);
  await stopped;
  await worker.stop();
}

const fail = (error: unknown): void => {
  const message = error instanceof Fault ? error.message : edgeFault(error);
  for (const line of message.split('\n')) console.error(`isartor: ${line}`);
  process.exit(1);
};
// A runtime that cannot be started (workerd missing) throws from inside wrangler.
process.on('uncaughtException', fail);
main().then(() => process.exit(0), fail);
