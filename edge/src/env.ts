import { KeyRing, gatewayKey, parseKeyList } from '@isartor/shared';
import type { KeyRecord } from '@isartor/shared';
import { SettingsReader } from './settings-reader.ts';
import { sha256Hex } from './sha256-hex.ts';
import type { OtlpSettings } from './trace/span-sender.ts';

/** Where Redis is read by REST; both parts come from Upstash (or a compatible server). */
export interface UpstashSettings {
  readonly url: string;
  readonly token: string;
  /** Values arrive base64-coded, as Upstash does it; the development server does not. */
  readonly base64: boolean;
}

/** The Worker's settings, parsed and checked once when the isolate starts. */
export interface Settings {
  /** API roots of the core, without a trailing slash, in the order in which they are tried. */
  readonly coreUrls: readonly string[];
  /** `off`: everyone is tenant `default`. */
  readonly authMode: 'on' | 'off';
  /** Keys that the Worker knows by itself; further ones are looked up in Redis. */
  readonly keys: readonly KeyRecord[];
  readonly upstash: UpstashSettings | undefined;
  /** How long one read of Redis or of the colo cache may take, in milliseconds. */
  readonly cacheTimeoutMs: number;
  /** After how long without an answer of Redis the core is asked too, in milliseconds. */
  readonly hedgeMs: number;
  /** Whether the exact cache is on at all. */
  readonly exactCache: boolean;
  /** Whether answers that the semantic cache found may be served from the exact cache. */
  readonly semanticCache: boolean;
  /** The longest life of an entry that this Worker serves, in seconds. */
  readonly cacheTtlSecs: number;
  readonly cacheNamespace: string;
  /** `user`, `safety_identifier` and `metadata` do not count in the cache key. */
  readonly shareUsers: boolean;
  /** Sampled answers (temperature above 0 or unset) are cached too. */
  readonly sampled: boolean;
  /** Proves to the core that the edge is asking. */
  readonly edgeSecret: string | undefined;
  /** Origins that browsers may call from; empty: CORS is off. */
  readonly corsOrigins: readonly string[];
  /** Where traces are sent; undefined: nowhere. */
  readonly otlp: OtlpSettings | undefined;
  /** How long a core may take to its first byte, in seconds; the edge waits a little longer, so that the core's own error arrives. */
  readonly firstByteSecs: number;
}

/** The Worker cannot start: one line per fault, each naming the setting and the remedy. */
export class SettingsError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`Isartor's Worker cannot start.\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/**
 * Parses the Worker's variables and secrets. Names that the core alone understands are ignored, so that one environment
 * may be given to both.
 *
 * @throws SettingsError naming every fault at once.
 */
export function readSettings(bindings: object): Settings {
  const read = new SettingsReader(bindings);
  const cacheMode = read.choice('ISARTOR__CACHE_MODE', ['both', 'exact', 'semantic', 'off'], 'both');
  const upstash = readUpstash(read);
  const settings: Settings = {
    coreUrls: readCoreUrls(read),
    authMode: read.choice('ISARTOR__AUTH__MODE', ['on', 'off'], 'on'),
    keys: readKeys(read),
    upstash,
    cacheTimeoutMs: read.integer('ISARTOR__REDIS_TIMEOUT_MS', { min: 1, max: 10_000, unset: 200 }),
    hedgeMs: read.integer('ISARTOR__EDGE_HEDGE_MS', { min: 0, max: 10_000, unset: 10 }),
    exactCache: cacheMode === 'both' || cacheMode === 'exact',
    semanticCache: cacheMode === 'both' || cacheMode === 'semantic',
    cacheTtlSecs: read.integer('ISARTOR__CACHE_TTL_SECS', { min: 1, max: 31_536_000, unset: 300 }),
    cacheNamespace: readNamespace(read),
    shareUsers: read.flag('ISARTOR__CACHE_SHARE_USERS', false),
    sampled: read.flag('ISARTOR__CACHE_SAMPLED', true),
    edgeSecret: read.text('ISARTOR__EDGE_SECRET'),
    corsOrigins: readCorsOrigins(read),
    otlp: readOtlp(read),
    firstByteSecs: read.integer('ISARTOR__CLOCKS__FIRST_BYTE_SECS', { min: 1, max: 3_600, unset: 110 }),
  };
  if (
    settings.authMode === 'on' &&
    settings.keys.length === 0 &&
    upstash === undefined &&
    !read.faulty('ISARTOR__AUTH__KEYS')
  ) {
    read.fault(
      'ISARTOR__GATEWAY_API_KEY',
      'is not set and no other key is configured. Set it (`wrangler secret put ISARTOR__GATEWAY_API_KEY`), or ISARTOR__AUTH__KEYS, or ISARTOR__AUTH__MODE=off to let everyone in',
    );
  }
  if (read.faults.length > 0) throw new SettingsError(read.faults);
  return Object.freeze(settings);
}

function readCoreUrls(read: SettingsReader): string[] {
  const name = 'ISARTOR__CORE_URL';
  const urls = read.list(name);
  if (urls.length === 0) {
    read.fault(
      name,
      'is not set. Set it to the URL of the core, for example https://api.isartor.example.com (several: comma-separated, tried in order)',
    );
  }
  return urls.map((text, index) => {
    const url = URL.parse(text);
    if (
      url === null ||
      !/^https?:$/.test(url.protocol) ||
      url.search !== '' ||
      url.hash !== '' ||
      url.username !== ''
    ) {
      read.fault(
        name,
        `has no usable URL at position ${index + 1}. Give http:// or https://, a host and at most a path, without credentials or a query`,
      );
    }
    return text.replace(/\/+$/, '');
  });
}

function readUpstash(read: SettingsReader): UpstashSettings | undefined {
  const url = read.text('UPSTASH_REDIS_REST_URL');
  const token = read.text('UPSTASH_REDIS_REST_TOKEN');
  const base64 = read.flag('ISARTOR__UPSTASH_BASE64', true);
  if (url === undefined && token === undefined) return undefined;
  if (url === undefined || token === undefined) {
    const missing = url === undefined ? 'UPSTASH_REDIS_REST_URL' : 'UPSTASH_REDIS_REST_TOKEN';
    read.fault(missing, 'is not set although its partner is. Set both to use Redis at the edge, or neither');
    return undefined;
  }
  if (!/^https?:\/\/[^\s#$./?]\S*$/.test(url)) {
    read.fault('UPSTASH_REDIS_REST_URL', 'is not an http:// or https:// URL. Copy the REST URL of the database');
  }
  return { url, token, base64 };
}

/** Spans go by HTTP: a Worker has no gRPC. So that one environment serves edge and core, the port of gRPC leads to that of HTTP. */
function readOtlp(read: SettingsReader): OtlpSettings | undefined {
  const name = 'ISARTOR__OTEL_EXPORTER_ENDPOINT';
  const ratio = read.share('ISARTOR__OTEL_SAMPLE_RATIO', 0.1);
  const headers = readHeaders(read);
  if (!read.flag('ISARTOR__ENABLE_MONITORING', false)) return undefined;
  const url = URL.parse(read.text(name) ?? 'http://localhost:4317');
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    read.fault(name, 'is not an http:// or https:// URL. Give the address of a collector that takes OTLP over HTTP');
    return undefined;
  }
  if (url.port === '4317') url.port = '4318';
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1\/(?:traces|metrics|logs)$/, '');
  return { url: `${url.origin}${path}/v1/traces`, headers, ratio };
}

function readHeaders(read: SettingsReader): Record<string, string> {
  const name = 'ISARTOR__OTEL_EXPORTER_HEADERS';
  const headers: Record<string, string> = {};
  read.list(name).forEach((item, index) => {
    const [, key, value] = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})=([\x20-\x7e]{1,4096})$/.exec(item) ?? [];
    if (key === undefined || value === undefined)
      read.fault(name, `has no header at position ${index + 1}. Write name=value, parted by commas`);
    else headers[key.toLowerCase()] = value;
  });
  return headers;
}

function readKeys(read: SettingsReader): KeyRecord[] {
  const gateway = read.text('ISARTOR__GATEWAY_API_KEY');
  const list = read.text('ISARTOR__AUTH__KEYS');
  const keys = gateway === undefined ? [] : [gatewayKey(gateway, sha256Hex)];
  if (list === undefined) return keys;
  try {
    const all = [...keys, ...parseKeyList(list)];
    // A ring refuses one key for two tenants, such as the gateway key listed again under another name.
    void new KeyRing(all);
    return all;
  } catch (error) {
    // A KeyListError says where the fault is and never what stood there.
    read.fault(
      'ISARTOR__AUTH__KEYS',
      `is not a list of keys: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
    return keys;
  }
}

function readNamespace(read: SettingsReader): string {
  const namespace = read.text('ISARTOR__CACHE_NAMESPACE') ?? 'isartor';
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(namespace)) {
    read.fault(
      'ISARTOR__CACHE_NAMESPACE',
      'may hold letters, digits, dot, underscore and hyphen, at most 64. Use the same value as the core',
    );
  }
  return namespace;
}

function readCorsOrigins(read: SettingsReader): string[] {
  const name = 'ISARTOR__CORS_ORIGINS';
  const origins = read.list(name);
  origins.forEach((origin, index) => {
    if (origin !== '*' && URL.parse(origin)?.origin !== origin) {
      read.fault(
        name,
        `has no origin at position ${index + 1}. Give scheme and host, for example https://app.example.com, or *`,
      );
    }
  });
  return origins;
}
