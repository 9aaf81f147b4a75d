import { isIPv6 } from 'node:net';
import { z } from 'zod';

// What an issue of code `custom` says completes "`NAME`: <value> …", remedy included; it never repeats the value.

/** Where a server listens. Port 0 lets the system choose. */
export interface HostPort {
  /** A name or an address; IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
}

/** `0.0.0.0:8080`, `[::]:8080`. */
export function hostPort() {
  return z
    .string()
    .trim()
    .transform((text, context): HostPort => {
      const [, ipv6, name, digits] = /^(?:\[([^\]]*)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
      const host = ipv6 ?? name;
      const port = Number(digits);
      if (host === undefined || !(port <= 65_535) || (ipv6 !== undefined && !isIPv6(ipv6))) {
        context.addIssue({
          code: 'custom',
          message: 'is not an address and a port; write for example 0.0.0.0:8080, or [::]:8080 for IPv6',
        });
        return z.NEVER;
      }
      return { host, port };
    })
    .describe('an address and a port, such as 0.0.0.0:8080, or [::]:8080 for IPv6');
}

/** The base of an OpenAI-compatible API with its version; a `/chat/completions` at its end is cut. */
export function apiBaseUrl() {
  return httpAddress('https://api.openai.com/v1', /\/chat\/completions$/);
}

/** The root of a model server; a `/v1` (with or without an operation) at its end is cut. */
export function serverRootUrl() {
  return httpAddress('http://isartor-inference:8081', /\/v1(\/(chat\/completions|completions|embeddings))?$/);
}

/** Roots of model servers, parted by commas or as a YAML list. */
export function serverRootUrls() {
  const root = serverRootUrl();
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given, context): readonly string[] => {
      const urls: string[] = [];
      for (const text of typeof given === 'string' ? given.split(',') : given) {
        const url = root.safeParse(text);
        if (url.success) urls.push(url.data);
        else context.addIssue({ code: 'custom', message: url.error.issues[0]?.message ?? '' });
      }
      return [...new Set(urls)];
    })
    .describe('http or https addresses parted by commas, such as http://isartor-inference:8081');
}

/** An OTLP endpoint; the path of one kind of data at its end is cut. */
export function endpointUrl() {
  return httpAddress('http://localhost:4317', /\/v1\/(traces|metrics|logs)$/);
}

function httpAddress(example: string, cut: RegExp) {
  return z
    .string()
    .trim()
    .transform((text, context) => {
      const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
      const fault =
        url === null
          ? `is not an http or https address; write for example ${example}`
          : url.username !== '' || url.password !== ''
            ? 'holds credentials; leave them out, keys have settings of their own'
            : /[?#]/.test(text)
              ? `has a query or a fragment; write the address alone, for example ${example}`
              : undefined;
      if (url === null || fault !== undefined) {
        context.addIssue({ code: 'custom', message: fault ?? '' });
        return z.NEVER;
      }
      return url.origin + withoutSlash(withoutSlash(url.pathname).replace(cut, ''));
    })
    .describe(`an http or https address, such as ${example}`);
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

/** A Redis address taken apart. */
export interface RedisAddress {
  readonly form: 'single' | 'sentinel' | 'cluster';
  /** Without the database; credentials, where there are any, are in it. */
  readonly url: string;
  /** The database named in the address. */
  readonly db: number | undefined;
}

const REDIS_EXAMPLE = 'redis://redis.isartor:6379, or rediss://… for TLS';

/** `redis://`, `rediss://`, with an optional database; `redis+sentinel://` and `redis+cluster://` with several hosts. */
export function redisAddress() {
  return z
    .string()
    .trim()
    .transform((text, context): RedisAddress => {
      const address = severalHosts(text) ?? oneHost(text);
      if (typeof address !== 'string') return address;
      context.addIssue({ code: 'custom', message: address });
      return z.NEVER;
    })
    .describe(`a Redis address, such as ${REDIS_EXAMPLE}`);
}

function oneHost(text: string): RedisAddress | string {
  const url = /^rediss?:\/\/[^\s\\]+$/.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname === '') {
    return `is not a Redis address; write for example ${REDIS_EXAMPLE} (special characters of a password percent-encoded)`;
  }
  if (/[?#]/.test(text)) return `has a query or a fragment; write the address alone, for example ${REDIS_EXAMPLE}`;
  const [, db] = /^\/?(\d{0,5})$/.exec(url.pathname) ?? [];
  if (db === undefined)
    return 'has a path that is not a database number; write for example redis://redis.isartor:6379/0';
  const credentials = text.slice(text.indexOf('//') + 2, text.lastIndexOf('@') + 1);
  return {
    form: 'single',
    url: `${url.protocol}//${credentials}${url.host}`,
    db: db === '' ? undefined : Number(db),
  };
}

function severalHosts(text: string): RedisAddress | string | undefined {
  const [, form] = /^rediss?\+(sentinel|cluster):/.exec(text) ?? [];
  if (form !== undefined && /%(?![0-9a-f]{2})/i.test(text)) return 'has a % that is not written %25';
  if (form === 'cluster') {
    return /^rediss?\+cluster:\/\/([^@/\s]*@)?[^@/\s,]+(,[^@/\s,]+)*$/.test(text)
      ? { form, url: text, db: undefined }
      : 'is not a Cluster address; write for example redis+cluster://node-0:6379,node-1:6379';
  }
  if (form === 'sentinel') {
    const parts = /^(rediss?\+sentinel:\/\/(?:[^@/\s]*@)?[^@/\s,]+(?:,[^@/\s,]+)*\/[^/\s?#]+)(?:\/(\d{1,5}))?$/.exec(
      text,
    );
    const [, url, db] = parts ?? [];
    return url === undefined
      ? 'is not a Sentinel address; write for example redis+sentinel://sentinel-0:26379,sentinel-1:26379/mymaster'
      : { form, url, db: db === undefined ? undefined : Number(db) };
  }
  return undefined;
}
