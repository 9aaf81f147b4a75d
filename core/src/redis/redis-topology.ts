/** An address of several servers that stand in for each other. */
export interface RedisTopology {
  readonly form: 'sentinel' | 'cluster';
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The name under which the sentinels know the master. */
  readonly master: string | undefined;
}

const ADDRESS = /^redis(s?)\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^@/]+)(?:\/(.+))?$/;
const DEFAULT_PORTS = { sentinel: 26379, cluster: 6379 } as const;

/** Takes an address of the settings apart; undefined: of one server. Throws a TypeError for what the settings would have refused. */
export function topologyOf(url: string): RedisTopology | undefined {
  if (!/^rediss?\+/.test(url)) return undefined;
  const [, secure, named, credentials, hosts, master] = ADDRESS.exec(url) ?? [];
  if (hosts === undefined) throw new TypeError('not a Redis address');
  const form = named === 'cluster' ? named : 'sentinel';
  const [username, password] = credentialsIn(credentials ?? '');
  return {
    form,
    hosts: hosts.split(',').map((text) => hostIn(text, DEFAULT_PORTS[form])),
    tls: secure === 's',
    username,
    password,
    master: form === 'sentinel' && master !== undefined ? decodeURIComponent(master) : undefined,
  };
}

function credentialsIn(text: string): [username: string | undefined, password: string | undefined] {
  const [username = '', ...password] = text.split(':').map(decodeURIComponent);
  return [username || undefined, password.join(':') || undefined];
}

/** `host`, `host:port` or `[::1]:port`. */
function hostIn(text: string, defaultPort: number): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new TypeError('not a Redis address');
  return { host, port: port === undefined ? defaultPort : Number(port) };
}
