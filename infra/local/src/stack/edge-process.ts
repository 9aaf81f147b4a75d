// The Worker as a child of the supervisor: its bindings come by the channel, its log lines go back by it.
import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeOrder, EdgeReport } from './edge-channel.ts';
import { edgeFault } from './edge-fault.ts';
import { startEdgeWorker } from './edge-worker.ts';
import { Fault } from './fault.ts';
import { stopWithParent } from './stop-with-parent.ts';

const report = (what: EdgeReport): void => {
  process.send?.(what);
};

process.once('message', (order: EdgeOrder) => {
  // Not before: until then the channel must keep the process waiting.
  stopWithParent();
  void start(order);
});

// A runtime that cannot be started (workerd missing) throws from inside wrangler.
process.on('uncaughtException', (error) => fail(edgeFault(error)));
process.on('unhandledRejection', (error) => fail(edgeFault(error)));

async function start({ configFile, listen, worker: bindings }: EdgeOrder): Promise<void> {
  try {
    const onLog = (level: string, message: string): void => report({ kind: 'log', level, message });
    const worker = await startEdgeWorker({ configFile, listen, ...bindings, onLog });
    process.once(
      'SIGTERM',
      () =>
        void worker
          .stop()
          .then(untilChildless)
          .finally(() => process.exit(0)),
    );
    report({ kind: 'ready' });
  } catch (error) {
    fail(error instanceof Fault ? error.message : edgeFault(error));
  }
}

/** Waits for workerd's processes to be gone: left to init they linger as zombies where init does not reap. */
async function untilChildless(): Promise<void> {
  for (let tries = 0; tries < 100 && process.getActiveResourcesInfo().includes('ProcessWrap'); tries++) await pause(20);
}

function fail(message: string): void {
  if (process.send === undefined) process.exit(1);
  process.send({ kind: 'fault', message } satisfies EdgeReport, () => process.exit(1));
}
