// Loaded with --import into the core under soak: tells by the channel what the process holds, garbage collected before.
import { isRecord } from '../local/src/stack/is-record.ts';
import type { CoreFigures } from './core-figures.ts';

process.on('message', (message: unknown) => {
  if (!isRecord(message) || message['ask'] !== 'figures') return;
  globalThis.gc?.();
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (name: string): number => resources.filter((one) => one === name).length;
  const figures: CoreFigures = {
    kind: 'figures',
    heapBytes: heapUsed + external,
    residentBytes: rss,
    reservedBytes: heapTotal,
    sockets: count('TCPSocketWrap'),
    timers: count('Timeout'),
  };
  process.send?.(figures);
});
// The channel alone must not keep the process running.
process.channel?.unref();
