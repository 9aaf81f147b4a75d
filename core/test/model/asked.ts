import { createHash } from 'node:crypto';

/** A client: a key of a tenant, with what the key allows. */
export interface Caller {
  readonly name: string;
  readonly tenant: string;
  readonly key: string;
  /** The key's own limit on the life and the age of entries, in seconds. */
  readonly ttlSecs: number | undefined;
  readonly caches: boolean;
}

const caller = (tenant: string, name: string, ttlSecs?: number, caches = true): Caller => {
  return { name: `${tenant}/${name}`, tenant, key: `key-${tenant}-${name}`, ttlSecs, caches };
};

/** The clients of every run. */
export const CALLERS: readonly Caller[] = [
  caller('acme', 'web'),
  caller('acme', 'short', 10),
  caller('acme', 'uncached', undefined, false),
  caller('globex', 'web'),
  caller('globex', 'short', 12),
  caller('initech', 'web'),
];
export const TENANTS: readonly string[] = [...new Set(CALLERS.map(({ tenant }) => tenant))];

/** `ISARTOR__AUTH__KEYS` of the clients. */
export function keyList(): string {
  return JSON.stringify(
    CALLERS.map(({ tenant, name, key, ttlSecs, caches }) => ({
      tenant,
      name: name.replace('/', '-'),
      sha256: createHash('sha256').update(key).digest('hex'),
      cache: caches ? 'both' : 'off',
      ...(ttlSecs === undefined ? {} : { ttl: ttlSecs }),
    })),
  );
}

/**
 * What becomes of a request at the provider. `flaky`: 500, and whole when asked again. `unended`: a stream without its
 * `[DONE]`. `late-error`: an error in a stream that has begun. The others are what they are called.
 */
export const FATES = [
  'whole',
  'no-usage',
  'flaky',
  'length',
  'unended',
  'late-error',
  'http-500',
  'error-inside',
  'cut',
] as const;
export type Fate = (typeof FATES)[number];

/** What a request says about the cache. */
export const DIRECTIVES = ['none', 'no-cache', 'no-store', 'bypass'] as const;
type Directive = (typeof DIRECTIVES)[number];

/** A request that a client may make. */
export interface Ask {
  readonly caller: Caller;
  readonly question: number;
  readonly session: string | undefined;
  readonly stream: boolean;
  readonly directive: Directive;
  /** `x-isartor-cache-ttl`. */
  readonly ttlSecs: number | undefined;
  readonly fate: Fate;
  /** Which core is asked; counted modulo the cores there are. */
  readonly core: number;
}

/** Whether the cache may be read for it. */
export function reads({ caller, directive }: Ask): boolean {
  return caller.caches && directive === 'none';
}

/** Whether its answer may be stored. */
export function stores({ caller, directive }: Ask): boolean {
  return caller.caches && (directive === 'none' || directive === 'no-cache');
}

/** The smaller of what key and request allow, in seconds. */
export function ageLimitSecs({ caller, ttlSecs }: Ask): number {
  return Math.min(caller.ttlSecs ?? Number.POSITIVE_INFINITY, ttlSecs ?? Number.POSITIVE_INFINITY);
}

/** Which requests may share an answer: the same tenant, question and session, and nothing else. */
export function identityOf({ caller, question, session }: Ask): string {
  return `${caller.tenant}/q${question}/${session ?? '-'}`;
}

/** A request in one word, for the counterexample. */
export function askText(ask: Ask): string {
  const { caller: by, question, session, stream, directive, ttlSecs, fate, core } = ask;
  const parts = [
    `${by.name} q${question}`,
    session,
    stream ? 'stream' : 'plain',
    directive === 'none' ? undefined : directive,
    ttlSecs === undefined ? undefined : `ttl=${ttlSecs}`,
    fate === 'whole' ? undefined : `fate=${fate}`,
    core === 0 ? undefined : `core ${core}`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}
