import { setTimeout as pause } from 'node:timers/promises';
import {
  messageBody,
  messageError,
  messageStream,
  namedSteps,
  type FakeAnswer,
  type FakeStep,
} from '@isartor/shared/testing';
import { always } from './fault-answers.ts';
import type { FaultCase, Must } from './fault-case.ts';
import type { Form, Outcome } from './outcome.ts';
import { MESSAGES } from './surfaces.ts';

const OVERLOADED = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
const ERROR = { event: 'error', data: JSON.stringify(OVERLOADED) };
/** How long the provider has spoken when it fails. */
const SPOKEN_MS = 200;

/** Half a message, and then whatever else. */
function half(form: Form, ...then: FakeStep[]): Extract<FakeAnswer, { kind: 'stream' }> {
  const whole = JSON.stringify(messageBody('half of this arrives'));
  if (form === 'streamed') {
    return { kind: 'stream', steps: [...messageStream(messageBody('half')).steps.slice(0, 3), ...then] };
  }
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(whole)) };
  return { kind: 'stream', headers, steps: [{ raw: whole.slice(0, whole.length / 2) }, ...then] };
}

function errorInside(form: Form): FakeAnswer {
  return form === 'plain' ? { kind: 'json', body: OVERLOADED } : { kind: 'stream', steps: namedSteps([ERROR]) };
}

const both = (outcome: Outcome): Must => ({ plain: outcome, streamed: outcome });

const FAILED: Outcome = {
  status: 502,
  code: 'api_error',
  fault: 'upstream',
  ending: 'whole',
  delay: 'at once',
  calls: 2,
  cached: false,
};
const TOO_LATE: Outcome = { ...FAILED, status: 504, code: 'timeout_error', delay: 'after 1 s', calls: 1 };
const ERROR_EVENT: Outcome = {
  status: 200,
  code: 'api_error',
  ending: 'error event',
  delay: 'at once',
  calls: 1,
  cached: false,
};

/** The same faults of a provider of Anthropic's API, told in that API's own words. */
export const MESSAGE_CASES: readonly FaultCase[] = (
  [
    {
      title: '`/v1/messages`: the provider stalls before the first byte',
      act: 'asks',
      answer: always({ kind: 'stall' }),
      must: both(TOO_LATE),
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: it stalls in the middle',
      act: 'asks',
      answer: (form) => half(form, { wait: new Promise(() => undefined) }),
      must: { plain: TOO_LATE, streamed: { ...ERROR_EVENT, code: 'timeout_error', delay: 'after 1 s' } },
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: it cuts the connection in the middle',
      act: 'asks',
      answer: (form) => ({ ...half(form), end: 'cut' }),
      must: { plain: FAILED, streamed: ERROR_EVENT },
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: status 429 with `Retry-After: 7`',
      act: 'asks',
      answer: always(messageError(429, 'rate_limit_error', 'Slow down.', { 'retry-after': '7' })),
      must: both({ ...FAILED, status: 429, code: 'rate_limit_error', retryAfter: '7', calls: 1 }),
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: status 529',
      act: 'asks',
      answer: always(messageError(529, 'overloaded_error', 'Overloaded')),
      must: both({ ...FAILED, status: 529, code: 'overloaded_error' }),
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: 200 with an error inside',
      act: 'asks',
      answer: errorInside,
      must: both(FAILED),
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: an `error` event in the middle',
      act: 'asks',
      // Later than the first event, which alone decides whether a stream has begun.
      answer: () => half('streamed', { wait: pause(SPOKEN_MS) }, ...namedSteps([ERROR])),
      must: { streamed: { ...ERROR_EVENT, code: 'overloaded_error' } },
      edge: 'stack',
    },
    {
      title: '`/v1/messages`: 20 identical calls at once',
      act: 'asks twenty-fold',
      answer: MESSAGES.sound,
      must: both({ status: 200, ending: 'whole', calls: 1, cached: true }),
      edge: 'stack',
    },
  ] satisfies FaultCase[]
).map((fault) => ({ ...fault, surface: MESSAGES }));
