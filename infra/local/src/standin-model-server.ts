// The stand-in model server as a process of its own: `node infra/local/src/standin-model-server.ts`.
// ISARTOR_STANDIN_PORT (8089; 0: any), ISARTOR_STANDIN_TOKENS_PER_S (50).
import { stopWithParent } from './stack/stop-with-parent.ts';
import { readStandinSettings } from './stack/standin-settings.ts';
import { Fault } from './stack/fault.ts';
import { portOf } from './stack/port-of.ts';
import { createStandin } from './standin/standin.ts';

try {
  const settings = readStandinSettings(process.env);
  const server = createStandin(settings);
  server.on('error', (error) => {
    console.error(`isartor: the stand-in cannot listen on port ${settings.port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(settings.port, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${portOf(server)}/v1`;
    if (process.send === undefined)
      console.log(`stand-in model server: ${url} (streams at ${settings.tokensPerSecond} tokens/s)`);
    else process.send({ kind: 'ready', url });
  });
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  stopWithParent();
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  console.error(`isartor: ${error.message}`);
  process.exitCode = 1;
}
