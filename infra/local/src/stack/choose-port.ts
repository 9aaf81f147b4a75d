import { connect, createServer } from 'node:net';
import { Fault } from './fault.ts';
import { formatHostPort, type HostPort } from './host-port.ts';

const MOST_TRIES = 100;

/** Can a server listen there? Also no when something answers there already under another address of the machine. */
async function isFree(at: HostPort): Promise<boolean> {
  return (await canListen(at)) && !(await someoneAnswers(at));
}

/**
 * The place to listen: a configured one as it is, a default one or the next free port after it.
 * @param taken ports promised to other parts of the stack
 * @throws Fault when a configured port is taken, or no port is free
 */
export async function choosePort(
  wanted: HostPort,
  options: { readonly configuredBy: string | undefined; readonly taken?: ReadonlySet<number> },
): Promise<HostPort> {
  if (options.configuredBy !== undefined) {
    if (!options.taken?.has(wanted.port) && (await isFree(wanted))) return wanted;
    throw new Fault(
      `${options.configuredBy}: port ${wanted.port} on ${wanted.host} is taken; end what listens there, or name another`,
    );
  }
  for (let port = wanted.port; port < Math.min(wanted.port + MOST_TRIES, 65_536); port++) {
    if (!options.taken?.has(port) && (await isFree({ host: wanted.host, port }))) return { host: wanted.host, port };
  }
  throw new Fault(`no free port from ${formatHostPort(wanted)} on`);
}

function canListen({ host, port }: HostPort): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(new Fault(`cannot listen on ${formatHostPort({ host, port })}: ${error.message}`));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** macOS lets 127.0.0.1 be taken beside a server on every address; a connection tells. */
function someoneAnswers({ host, port }: HostPort): Promise<boolean> {
  return new Promise((resolve) => {
    const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
    const socket = connect({ host: reached, port, timeout: 1000 });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
