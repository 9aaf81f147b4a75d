// TCP to TARGET_PORT, each byte of the answer DELAY_MS late: a server as far away as that.
import { connect, createServer, type Socket } from 'node:net';
import { reportPort } from './report-port.ts';

const delayMs = Number(process.env['DELAY_MS']);
const target = Number(process.env['TARGET_PORT']);

function join(client: Socket): void {
  const server = connect({ host: '127.0.0.1', port: target, noDelay: true });
  const end = (): void => {
    client.destroy();
    server.destroy();
  };
  client.setNoDelay().on('error', end).on('close', end).pipe(server);
  server.on('error', end).on('close', end);
  server.on('data', (chunk: Buffer) => {
    setTimeout(() => {
      if (client.writable) client.write(chunk);
    }, delayMs);
  });
}

await reportPort(createServer(join));
