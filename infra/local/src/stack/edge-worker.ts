import { unstable_startWorker } from 'wrangler';
import { isRecord } from './is-record.ts';
import { localUrl, type HostPort } from './host-port.ts';
import { Fault } from './fault.ts';
import { reason } from './environment.ts';

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
  let lastError = '';
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
        if (level === 'error') lastError = message;
        options.onLog(level, message);
      },
    },
  }).catch((error: unknown) => {
    throw new Fault(`the Worker cannot be built: ${innermost(error)}`);
  });
  // `ready` speaks of the proxy in front of the Worker; what is wrong with the Worker itself comes as an event.
  worker.raw.on('error', (event: unknown) => failure.reject(new Fault(describe(event, lastError))));
  try {
    await Promise.race([worker.ready.then(() => untilHealthy(localUrl(options.listen))), failure.promise]);
  } catch (error) {
    await worker.dispose();
    throw error;
  }
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
  const text = await answer.text();
  if (!answer.ok) throw new Fault(`the Worker does not work: ${firstLine(text) || `status ${answer.status}`}`);
}

function describe(event: unknown, lastError: string): string {
  // workerd's own message names the Worker's source file in front of the error that its code threw.
  const thrown = /Uncaught (?:\w*Error: )?(.*)/.exec(lastError)?.[1];
  if (thrown !== undefined) return `the Worker did not start: ${thrown}`;
  const cause = isRecord(event) && 'cause' in event ? event['cause'] : event;
  return `the Worker did not start: ${innermost(cause)}`;
}

/** The first line of the cause of the cause …, which is what can be mended. */
function innermost(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return firstLine(isRecord(inner) && typeof inner['message'] === 'string' ? inner['message'] : reason(inner));
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
