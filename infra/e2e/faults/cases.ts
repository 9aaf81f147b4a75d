import { errorAnswer } from '@isartor/shared/testing';
import {
  always,
  badJson,
  badJsonBytes,
  endlessBody,
  endlessEvent,
  errorInside,
  halfThenCut,
  halfThenSilence,
  limited,
  speaks,
} from './fault-answers.ts';
import type { FaultCase, Must } from './fault-case.ts';
import { MESSAGE_CASES } from './message-faults.ts';
import type { Outcome } from './outcome.ts';
import { CHAT } from './surfaces.ts';

const stall = always({ kind: 'stall' });

const both = (outcome: Outcome): Must => ({ plain: outcome, streamed: outcome });

const UNREACHABLE: Outcome = {
  status: 502,
  code: 'upstream_unreachable',
  fault: 'upstream',
  ending: 'whole',
  delay: 'at once',
  calls: 2,
  cached: false,
};
const NO_ANSWER: Outcome = { ...UNREACHABLE, code: 'upstream_error' };
const TOO_LATE: Outcome = { ...UNREACHABLE, status: 504, code: 'upstream_timeout', delay: 'after 1 s', calls: 1 };
const PASSED_ON: Outcome = { status: 200, ending: 'as sent', delay: 'at once', calls: 1, cached: false };
const ERROR_EVENT: Outcome = { ...PASSED_ON, code: 'stream_interrupted', ending: 'error event' };
const BROKEN_OFF: Outcome = { ...PASSED_ON, ending: 'broken off', delay: 'after 4 s' };
const HELD_BACK: Outcome = { status: 200, ending: 'as sent', heldBack: true, calls: 1, cached: false };
const GIVEN_UP: Outcome = { ...HELD_BACK, ending: 'broken off', aborted: 'after 1 s' };
const LEFT: Outcome = { aborted: 'within 100 ms', calls: 1, cached: false };
const LEFT_UNNOTICED: Outcome = { ...LEFT, aborted: 'after 1 s' };

/** The provider's faults and the client's, and the one right outcome of each. */
export const CASES: readonly FaultCase[] = [
  {
    title: 'the provider refuses the connection',
    act: 'asks while nobody listens',
    answer: stall,
    must: both({ ...UNREACHABLE, calls: 0 }),
    edge: 'stack',
  },
  {
    title: 'it resets the connection',
    act: 'asks',
    answer: always({ kind: 'refuse' }),
    must: both(UNREACHABLE),
    edge: 'stack',
  },
  { title: 'it stalls before the first byte', act: 'asks', answer: stall, must: both(TOO_LATE), edge: 'stack' },
  {
    title: 'it stalls in the middle',
    act: 'asks',
    answer: halfThenSilence,
    must: { plain: TOO_LATE, streamed: { ...ERROR_EVENT, code: 'upstream_timeout', delay: 'after 1 s' } },
    edge: 'stack',
  },
  {
    title: 'it cuts the connection in the middle',
    act: 'asks',
    answer: halfThenCut,
    must: { plain: UNREACHABLE, streamed: ERROR_EVENT },
    edge: 'stack',
  },
  {
    title: 'status 429 with `Retry-After: 7`',
    act: 'asks',
    answer: always(limited),
    must: both({
      status: 429,
      retryAfter: '7',
      fault: 'upstream',
      ending: 'whole',
      delay: 'at once',
      calls: 1,
      cached: false,
    }),
    edge: 'stack',
  },
  {
    title: 'status 500',
    act: 'asks',
    answer: always(errorAnswer(500, 'The server had an error.')),
    must: both({ status: 500, fault: 'upstream', ending: 'whole', delay: 'at once', calls: 2, cached: false }),
    edge: 'stack',
  },
  { title: 'bad JSON', act: 'asks', answer: badJson, sentBytes: badJsonBytes, must: both(PASSED_ON), edge: 'stack' },
  { title: '200 with an error inside', act: 'asks', answer: errorInside, must: both(NO_ANSWER), edge: 'stack' },
  {
    title: 'a header without end',
    act: 'asks',
    answer: always({ kind: 'endless-header' }),
    must: both(NO_ANSWER),
    edge: 'stack',
  },
  {
    title: 'a body without end',
    act: 'asks',
    answer: endlessBody,
    must: { plain: BROKEN_OFF, streamed: { ...ERROR_EVENT, code: 'upstream_timeout', delay: 'after 4 s' } },
    edge: 'stack',
  },
  {
    title: 'an event without end',
    act: 'asks',
    answer: endlessEvent,
    must: { streamed: BROKEN_OFF },
    edge: 'stack',
  },
  { title: 'the client reads slowly', act: 'reads slowly', answer: stall, must: both(HELD_BACK), edge: 'workerd' },
  { title: 'it stops reading', act: 'stops reading', answer: stall, must: both(GIVEN_UP), edge: 'workerd' },
  {
    title: 'it leaves before the first byte, by a close',
    act: 'closes before',
    answer: stall,
    must: both(LEFT),
    edge: 'workerd',
    mustAtEdge: both(LEFT_UNNOTICED),
  },
  {
    title: 'it leaves before the first byte, by a reset',
    act: 'resets before',
    answer: stall,
    must: both(LEFT),
    edge: 'workerd',
  },
  {
    title: 'it leaves in the middle, by a close',
    act: 'closes in the middle',
    answer: speaks,
    must: both(LEFT),
    edge: 'workerd',
    mustAtEdge: { plain: LEFT_UNNOTICED },
  },
  {
    title: 'it leaves in the middle, by a reset',
    act: 'resets in the middle',
    answer: speaks,
    must: both(LEFT),
    edge: 'workerd',
  },
  {
    title: 'it leaves in the middle, by a close, under `npm start`',
    act: 'closes in the middle',
    answer: speaks,
    must: { streamed: LEFT },
    edge: 'stack',
    edgeOnly: true,
  },
  {
    title: 'it leaves a stream that is silent, by a close',
    act: 'closes in the middle',
    answer: halfThenSilence,
    must: { streamed: LEFT },
    edge: 'workerd',
    mustAtEdge: { streamed: LEFT_UNNOTICED },
  },
  {
    title: 'it leaves a stream that is silent, by a reset',
    act: 'resets in the middle',
    answer: halfThenSilence,
    must: { streamed: LEFT },
    edge: 'workerd',
  },
  {
    title: '20 identical calls at once',
    act: 'asks twenty-fold',
    answer: CHAT.sound,
    must: both({ status: 200, ending: 'whole', calls: 1, cached: true }),
    edge: 'stack',
  },
  ...MESSAGE_CASES,
];
