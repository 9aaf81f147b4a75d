import { unstable_startWorker } from 'wrangler';
import { edgeFault } from './edge-fault.ts';
import { localUrl, type HostPort } from './host-port.ts';
import { Fault } from './fault.ts';

const READY_WITHIN_MS = 60_000;

/** How to run the Worker. */
export interface EdgeWorkerOptions {
  /** `wrangler.jsonc`. */
  readonly configFile: string;
  readonly listen: HostPort;
  /** Plain variables and secrets; handed over in memory, so that no command line and no file shows them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Called with each line that the Worker logs. */
  readonly onLog: (level: string, message: string) => void;
}

/** The Worker, running. */
export interface EdgeWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs the Worker in workerd through wrangler, from its source. Nothing is asked, sent or looked up on the network.
 * @throws Fault when it does not start
 */
export async function startEdgeWorker(options: EdgeWorkerOptions): Promise<EdgeWorker> {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {}); // it is raced below; after the start nobody waits for it
  let started = false;
  const worker = await unstable_startWorker({
    config: options.configFile,
    // A list that is not empty keeps .dev.vars and .env out: the environment alone decides.
    envFiles: ['/dev/null'],
    sendMetrics: false,
    bindings: { ...bindings('plain_text', options.variables), ...bindings('secret_text', options.secrets) },
    dev: {
      server: { hostname: options.listen.host, port: options.listen.port, secure: false },
      inspector: false,
      persist: false,
      watch: false,
      liveReload: false,
      inferOriginFromRoutes: false,
      logLevel: 'none',
      structuredLogsHandler: ({ level, message }: { readonly level: string; readonly message: string }) => {
        // Until it runs, an error is what the start fails by; it is told once.
        if (started || level !== 'error') options.onLog(level, message);
      },
    },
  }).catch((error: unknown) => {
    throw new Fault(edgeFault(error));
  });
  // `ready` speaks of the proxy in front of the Worker; what is wrong with the Worker itself comes as an event.
  worker.raw.on('error', (event: unknown) => failure.reject(new Fault(edgeFault(event))));
  try {
    await Promise.race([worker.ready.then(() => untilHealthy(localUrl(options.listen))), failure.promise]);
  } catch (error) {
    await worker.dispose();
    throw error;
  }
  started = true;
  return { url: localUrl(options.listen), stop: () => worker.dispose() };
}

function bindings<Type extends string>(
  type: Type,
  values: Readonly<Record<string, string>>,
): Record<string, { type: Type; value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type, value }]));
}

/** Requests wait at wrangler's proxy until the Worker is loaded, so that the first answer tells. */
async function untilHealthy(url: string): Promise<void> {
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(READY_WITHIN_MS) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Fault(`the Worker does not work: status ${answer.status}`);
}
