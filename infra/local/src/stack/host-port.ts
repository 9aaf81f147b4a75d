import { Fault } from './fault.ts';

/** Where a server listens. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `8080`, `127.0.0.1:8080` or `[::1]:8080`.
 * @param name the setting's name, for the message
 * @throws Fault
 */
export function parseHostPort(name: string, text: string, defaultHost: string): HostPort {
  const match = /^(?:(?<host>\[[0-9a-fA-F:]+\]|[^\s:]+):)?(?<port>\d{1,5})$/.exec(text.trim());
  const port = Number(match?.groups?.['port']);
  if (match === null || port < 1 || port > 65_535) {
    throw new Fault(`${name}=${text} is no port; write 8080 or 127.0.0.1:8080`);
  }
  return { host: match.groups?.['host']?.replace(/^\[|\]$/g, '') ?? defaultHost, port };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The URL by which this machine reaches a server; one that listens on every address is reached by loopback. */
export function localUrl({ host, port }: HostPort): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${formatHostPort({ host: reached, port })}`;
}

/** Is this a name or address of the machine itself? */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || /^127(?:\.\d{1,3}){3}$/.test(bare) || bare === '::ffff:127.0.0.1';
}
