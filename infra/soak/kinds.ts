/** What a client saw of one request. */
export interface Saw {
  /** 0: no response. */
  readonly status: number;
  readonly layer: string;
  /** The first word of `x-isartor-cache`. */
  readonly cache: string;
  /** The content of the answer, pieces put together. */
  readonly text: string;
  readonly done: boolean;
  readonly errorEvent: boolean;
  /** What became of the connection where it broke. */
  readonly broke: string | undefined;
}

/** A kind of request, and what must become of it. */
export interface Kind {
  readonly name: string;
  /** Share of the load, against the others' weights. */
  readonly weight: number;
  /** What the provider does; the second word of the request's id. */
  readonly fate: string;
  readonly stream: boolean;
  /** One of a few questions that everyone asks; else a question of its own. */
  readonly shared?: boolean;
  /** When the client leaves. */
  readonly leaves?: 'before' | 'middle';
  /** A client that takes its time over each piece. */
  readonly slow?: boolean;
  /** What it came to, for the table; undefined: an error that was not injected. */
  readonly outcome: (saw: Saw, expected: string) => string | undefined;
}

const whole = (saw: Saw, expected: string, stream: boolean): string | undefined => {
  if (saw.status !== 200 || saw.text !== expected || saw.errorEvent || saw.done !== stream) return undefined;
  if (saw.broke !== undefined) return undefined;
  if (saw.layer === 'l1a') return 'answered from the cache';
  return saw.cache === 'coalesced' ? 'answered together with others' : 'answered by the provider';
};
const plain = (saw: Saw, expected: string) => whole(saw, expected, false);
const streamed = (saw: Saw, expected: string) => whole(saw, expected, true);
const failsWith =
  (what: string, ...statuses: readonly number[]) =>
  (saw: Saw) =>
    statuses.includes(saw.status) && saw.broke === undefined ? `injected: ${what}` : undefined;
/** A client that leaves may be served before it does. */
const left = (saw: Saw) => (saw.broke !== undefined || saw.status === 200 ? 'left' : undefined);

/** The mix. */
const KINDS: readonly Kind[] = [
  { name: 'plain, shared', weight: 40, fate: 'whole', stream: false, shared: true, outcome: plain },
  { name: 'stream, shared', weight: 25, fate: 'whole', stream: true, shared: true, outcome: streamed },
  { name: 'plain, own', weight: 15, fate: 'whole', stream: false, outcome: plain },
  { name: 'stream, own', weight: 10, fate: 'whole', stream: true, outcome: streamed },
  { name: 'plain, slow provider', weight: 2, fate: 'slow', stream: false, outcome: plain },
  { name: 'stream, paced', weight: 2, fate: 'paced', stream: true, outcome: streamed },
  { name: 'stream, slow reader', weight: 1, fate: 'many', stream: true, slow: true, outcome: streamed },
  { name: 'plain, long', weight: 1, fate: 'long', stream: false, outcome: plain },
  { name: 'plain, ended by length', weight: 2, fate: 'length', stream: false, outcome: plain },
  { name: 'plain, client leaves before', weight: 3, fate: 'slow', stream: false, leaves: 'before', outcome: left },
  { name: 'stream, client leaves before', weight: 3, fate: 'slow', stream: true, leaves: 'before', outcome: left },
  { name: 'stream, client leaves in it', weight: 4, fate: 'paced', stream: true, leaves: 'middle', outcome: left },
  { name: 'plain, 500', weight: 2, fate: 'http500', stream: false, outcome: failsWith('500', 500) },
  { name: 'stream, 429', weight: 1, fate: 'http429', stream: true, outcome: failsWith('429', 429) },
  {
    name: 'plain, error in a 200',
    weight: 1,
    fate: 'inside',
    stream: false,
    outcome: failsWith('error in a 200', 502),
  },
  {
    name: 'stream, error in a 200',
    weight: 1,
    fate: 'inside',
    stream: true,
    outcome: failsWith('error in a 200', 502),
  },
  { name: 'plain, refused', weight: 1, fate: 'refuse', stream: false, outcome: failsWith('refused', 502) },
  { name: 'plain, cut', weight: 1, fate: 'cut', stream: false, outcome: failsWith('cut', 502) },
  {
    name: 'stream, cut',
    weight: 1,
    fate: 'cut',
    stream: true,
    // On a busy machine event and cut may come together: then nothing has gone out yet.
    outcome: (saw) =>
      (saw.status === 200 && saw.errorEvent && !saw.done) || saw.status === 502 ? 'injected: cut' : undefined,
  },
  {
    name: 'plain, fails once',
    weight: 1,
    fate: 'flaky',
    stream: false,
    // While the provider's breaker is open it is not asked again.
    outcome: (saw, expected) => plain(saw, expected) ?? (saw.status === 500 ? 'injected: 500' : undefined),
  },
];

const TOTAL = KINDS.reduce((sum, { weight }) => sum + weight, 0);

/** A kind by its share; `draw` is from 0 up to 1. */
export function kindFor(draw: number): Kind {
  let left = draw * TOTAL;
  const kind = KINDS.find(({ weight }) => (left -= weight) < 0) ?? KINDS[0];
  if (kind === undefined) throw new Error('there are no kinds');
  return kind;
}
