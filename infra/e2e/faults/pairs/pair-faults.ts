import { setTimeout as pause } from 'node:timers/promises';
import type { FakeAnswer, FakeStep } from '@isartor/shared/testing';
import type { Act, FaultCase, Must } from '../fault-case.ts';
import type { Form, Outcome } from '../outcome.ts';
import { begunStream, soundAnswer, type Wire } from './wires.ts';

/** A fault of any provider, whatever API it speaks. */
export interface PairFault {
  readonly title: string;
  readonly act: Act;
  readonly answer: (wire: Wire) => FaultCase['answer'];
  readonly must: Must;
  /** Where the caller's API is another one: there an answer must be understood before it can be passed on. */
  readonly mustTranslated?: Must;
  /** What differs through the edge. */
  readonly mustAtEdge?: Must;
  /** Bytes of a body that the provider sent as its whole answer although it is none. */
  readonly sentBytes?: (form: Form) => number;
}

/** More than 1 MiB a second, so that an answer is long soon; in 4 s less than what is held for a translation. */
const PIECE = 'p'.repeat(8_192);
const PIECE_EVERY_MS = 5;
const TOKEN_EVERY_MS = 20;
const NEVER = new Promise<never>(() => undefined);
const BROKEN = '{"choices":[{"index":0,';
const BROKEN_STREAM = `data: ${BROKEN}\n\n`;
/** The word for every error that has its dialect's shape: what each is called is the dialect's own affair. */
export const OWN_SHAPE = 'its own';

const both = (outcome: Outcome): Must => ({ plain: outcome, streamed: outcome });
const FAILED: Outcome = {
  status: 502,
  code: OWN_SHAPE,
  fault: 'upstream',
  ending: 'whole',
  delay: 'at once',
  calls: 2,
  cached: false,
};
const TOO_LATE: Outcome = { ...FAILED, status: 504, delay: 'after 1 s', calls: 1 };
const ERROR_EVENT: Outcome = {
  status: 200,
  code: OWN_SHAPE,
  ending: 'error event',
  delay: 'at once',
  calls: 1,
  cached: false,
};
const PASSED_ON: Outcome = { status: 200, ending: 'as sent', delay: 'at once', calls: 1, cached: false };
const LEFT: Outcome = { aborted: 'within 100 ms', calls: 1, cached: false };
/** Nothing is written that would let workerd notice. */
const LEFT_UNNOTICED: Outcome = { ...LEFT, aborted: 'after 1 s' };

/** Faults of every provider on every surface, and the one right outcome of each. */
export const PAIR_FAULTS: readonly PairFault[] = [
  {
    title: 'the provider refuses the connection',
    act: 'asks while nobody listens',
    answer: () => () => ({ kind: 'stall' }),
    must: both({ ...FAILED, calls: 0 }),
  },
  { title: 'it resets the connection', act: 'asks', answer: () => () => ({ kind: 'refuse' }), must: both(FAILED) },
  {
    title: 'it stalls before the first byte',
    act: 'asks',
    answer: () => () => ({ kind: 'stall' }),
    must: both(TOO_LATE),
  },
  {
    title: 'it stalls in the middle',
    act: 'asks',
    answer: (wire) => (form, middle) => half(wire, form, middle, { wait: NEVER }),
    must: { plain: TOO_LATE, streamed: { ...ERROR_EVENT, delay: 'after 1 s' } },
  },
  {
    title: 'it cuts the connection in the middle',
    act: 'asks',
    answer: (wire) => (form, middle) => ({ ...half(wire, form, middle), end: 'cut' }),
    must: { plain: FAILED, streamed: ERROR_EVENT },
  },
  {
    title: 'status 429 with `Retry-After: 7`',
    act: 'asks',
    answer: (wire) => () => ({
      kind: 'json',
      status: 429,
      headers: { 'retry-after': '7' },
      body: wire.error(429, 'Slow down.'),
    }),
    must: both({ ...FAILED, status: 429, retryAfter: '7', calls: 1 }),
  },
  {
    title: 'status 500',
    act: 'asks',
    answer: (wire) => () => ({ kind: 'json', status: 500, body: wire.error(500, 'The server had an error.') }),
    must: both({ ...FAILED, status: 500 }),
  },
  {
    title: 'bad JSON',
    act: 'asks',
    answer: () => (form) =>
      form === 'plain' ? { kind: 'text', body: BROKEN } : { kind: 'stream', steps: [{ raw: BROKEN_STREAM }] },
    sentBytes: (form) => (form === 'plain' ? BROKEN : BROKEN_STREAM).length,
    must: both(PASSED_ON),
    mustTranslated: both(FAILED),
  },
  {
    title: '200 with an error inside',
    act: 'asks',
    answer: (wire) => (form) =>
      form === 'plain'
        ? { kind: 'json', body: wire.error(500, 'The server had an error.') }
        : { kind: 'stream', steps: wire.errorSteps },
    must: both(FAILED),
  },
  {
    title: 'a stream that stops as if it had ended',
    act: 'asks',
    answer: (wire) => (form, middle) => half(wire, form, middle),
    // What is passed on is passed on as it is.
    must: {},
    mustTranslated: { streamed: ERROR_EVENT },
  },
  {
    title: 'a header without end',
    act: 'asks',
    answer: () => () => ({ kind: 'endless-header' }),
    must: both(FAILED),
  },
  {
    title: 'a body without end',
    act: 'asks',
    answer: endlessBody,
    must: {
      plain: { ...PASSED_ON, ending: 'broken off', delay: 'after 4 s' },
      streamed: { ...ERROR_EVENT, delay: 'after 4 s' },
    },
    // What is translated is held whole.
    mustTranslated: { plain: { ...TOO_LATE, delay: 'after 4 s' }, streamed: { ...ERROR_EVENT, delay: 'after 4 s' } },
  },
  {
    title: 'the client leaves before the first byte',
    act: 'closes before',
    answer: () => () => ({ kind: 'stall' }),
    must: both(LEFT),
    mustAtEdge: both(LEFT_UNNOTICED),
  },
  {
    title: 'it leaves in the middle',
    act: 'closes in the middle',
    answer: speaks,
    must: both(LEFT),
    mustAtEdge: { plain: LEFT_UNNOTICED },
  },
  {
    title: '20 identical calls at once',
    act: 'asks twenty-fold',
    answer: (wire) => (form) => soundAnswer(wire, form),
    must: both({ status: 200, ending: 'whole', calls: 1, cached: true }),
  },
];

type FakeStream = Extract<FakeAnswer, { kind: 'stream' }>;

/** Half an answer, and then whatever else. */
function half(wire: Wire, form: Form, middle: () => void, ...then: FakeStep[]): FakeStream {
  const whole = JSON.stringify(wire.body('half of this arrives'));
  async function* steps(): AsyncGenerator<FakeStep> {
    if (form === 'plain') yield { raw: whole.slice(0, whole.length / 2) };
    else yield* begunStream(wire, 'half').begun;
    middle();
    yield* then;
  }
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(whole)) };
  return { kind: 'stream', steps: steps(), ...(form === 'plain' && { headers }) };
}

/** Tokens as a model speaks them, without end; a plain answer's second half lets wait for itself. */
function speaks(wire: Wire): FaultCase['answer'] {
  return (form, middle) => {
    if (form === 'plain') return half(wire, form, middle, { wait: NEVER });
    const { begun, token } = begunStream(wire, 'word');
    return { kind: 'stream', steps: forever(begun, token, TOKEN_EVERY_MS, middle) };
  };
}

/** A body that never ends: one JSON text, or event after event. */
function endlessBody(wire: Wire): FaultCase['answer'] {
  return (form) => {
    if (form === 'plain') {
      const headers = { 'content-type': 'application/json' };
      return { kind: 'stream', headers, steps: forever([{ raw: '{"choices":["' }], { raw: PIECE }, PIECE_EVERY_MS) };
    }
    const { begun, token } = begunStream(wire, PIECE);
    return { kind: 'stream', steps: forever(begun, token, PIECE_EVERY_MS) };
  };
}

async function* forever(
  begun: readonly FakeStep[],
  step: FakeStep,
  everyMs: number,
  middle: () => void = () => undefined,
): AsyncGenerator<FakeStep> {
  yield* begun;
  for (;;) {
    yield step;
    middle();
    await pause(everyMs);
  }
}
