import type { JsonObject } from '@isartor/shared';
import { chatBody } from '@isartor/shared/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { chatContext } from '../../test/support/chat-context.ts';
import { ManualTime } from '../../test/support/manual-time.ts';
import { scriptedBackend, type BackendScript } from '../../test/support/scripted-backend.ts';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { AgreementCheck } from './agreement/agreement-check.ts';
import type { Decider } from './decide/decider.port.ts';
import { FixedDecider } from './decide/fixed-decider.ts';
import { ProbeDecider } from './decide/probe-decider.ts';
import { RouteTable } from './decide/route-table.ts';
import { Demand } from './demand.ts';
import { KillSwitch } from './kill-switch.ts';
import type { Replica } from './replica.ts';
import { ReplicaPool } from './replica-pool.ts';
import { SmallModelLayer } from './small-model.layer.ts';

const SHARE_MS = 1_000;
const NEVER = Number.POSITIVE_INFINITY;
const GOOD = JSON.stringify(chatBody('The capital of Austria is Vienna.'));
const REFUSAL = JSON.stringify(chatBody("I'm sorry, but I can't help with that."));
const piece = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const LONG = piece('The capital of Austria is Vienna, which lies on the Danube, a long river.');

let pool: ReplicaPool;
let time: ManualTime;
let layer: SmallModelLayer;
let replicas: Set<Replica>;
let demand: Demand;

afterEach(() => pool.close());

async function start(
  scripts: readonly BackendScript[],
  shareMs = SHARE_MS,
  wakeWaitMs = 0,
  streamMs = 60_000,
  { decider = new ProbeDecider(0.5), agreementShare = 0 }: { decider?: Decider; agreementShare?: number } = {},
): Promise<void> {
  time = new ManualTime();
  replicas = new Set();
  const known = new Map(scripts.map((script, at) => [`http://server-${at}`, script]));
  pool = new ReplicaPool({
    addresses: async () => [...known.keys()].map((url) => ({ url })),
    connect: ({ url }) => scriptedBackend(url, known.get(url) ?? {}, time),
    model: 'small',
    breaker: { failures: 3, openMs: 10_000 },
    maxOutstanding: 8,
    maxQueued: 8,
    time,
    random: () => 0,
    onBreakerChange: () => undefined,
    onGone: () => undefined,
    onChange: (replica) => void replicas.add(replica),
  });
  pool.start();
  await expect.poll(() => replicas.size).toBe(scripts.length);
  const killSwitch = new KillSwitch({ read: async () => ({ record: undefined }) });
  demand = new Demand(() => time.nowMs());
  const nothing = (): void => undefined;
  const agreement = { pool, killSwitch, time, withinMs: shareMs, leastConfidence: undefined };
  layer = new SmallModelLayer(
    {
      replaces: [],
      shareMs,
      streamMs,
      leastConfidence: undefined,
      wakeWaitMs,
      recordShare: 0,
      agreementShare,
    },
    {
      pool,
      routes: new RouteTable([], decider),
      agreement: new AgreementCheck({ ...agreement, onCompared: nothing, onConfidence: nothing }),
      killSwitch,
      demand,
      time,
      random: () => 0,
      onRoute: nothing,
    },
  );
}

const CLOUD: Answer = { status: 200, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array() }, layer: 'l3' };

interface Went {
  readonly answer: Answer;
  /** When the cloud was asked, on the test's clock. */
  readonly onAfterMs: number | undefined;
  /** When it is told that a model was first asked. */
  readonly modelAskedAtMs: number | undefined;
}

/** Sends a request, and lets time pass until it is answered. */
async function send(context: RequestContext): Promise<Went> {
  let onAfterMs: number | undefined;
  let modelAskedAtMs: number | undefined;
  let isOver = false;
  const answering = layer
    .handle(context, async (later) => {
      onAfterMs = time.nowMs();
      ({ modelAskedAtMs } = later ?? {});
      return CLOUD;
    })
    .finally(() => (isOver = true));
  answering.catch(() => undefined);
  for (let turns = 0; !isOver && turns < 2_000; turns += 1) {
    await new Promise(setImmediate);
    if (!isOver) time.advance(10);
  }
  expect(isOver).toBe(true);
  return { answer: await answering, onAfterMs, modelAskedAtMs };
}

const auto = (overrides: JsonObject = {}, signal?: AbortSignal): RequestContext =>
  chatContext({ model: 'isartor/auto', ...overrides }, signal);

function outstanding(): readonly number[] {
  return [...replicas].map((replica) => replica.outstanding);
}

describe('its share of the time, however it is spent', () => {
  test.each<[string, readonly BackendScript[], boolean, string]>([
    ['a decision that is not made', [{ decideMs: NEVER }], false, 'undecided'],
    ['a decision that is late, then silence', [{ decideMs: 900, headersMs: NEVER }], false, 'slow'],
    ['headers that do not come', [{ headersMs: NEVER }], false, 'slow'],
    ['a body that stops', [{ headersMs: 400, body: ['{"choices":', NEVER] }], false, 'slow'],
    [
      'a body that trickles',
      [{ body: Array.from({ length: 90 }, (_, at) => (at % 2 === 0 ? ' ' : 90)) }],
      false,
      'slow',
    ],
    ['a stream without a text', [{ body: [piece(''), 600, piece(''), NEVER] }], true, 'slow'],
    ['a stream whose first text is late', [{ headersMs: 900, body: [piece('Well'), NEVER] }], true, 'slow'],
    [
      'one server that fails late and one that is silent',
      [
        { headersMs: 700, status: 500 },
        { headersMs: 700, body: [NEVER] },
      ],
      false,
      'slow',
    ],
  ])('%s: not a moment more', async (_, scripts, stream, why) => {
    await start(scripts);
    const context = auto({ stream });
    const { answer, onAfterMs, modelAskedAtMs } = await send(context);
    expect([answer.layer, context.trail.route]).toEqual([
      'l3',
      why === 'undecided' ? 'l3;why=undecided' : `l3;p=0.90;why=${why}`,
    ]);
    expect(onAfterMs).toBe(SHARE_MS);
    // The cloud has what is left of the request's time, and not all of it.
    expect(modelAskedAtMs).toBe(0);
    expect(outstanding()).toEqual(scripts.map(() => 0));
    expect(time.pending).toBe(0);
  });

  test('a pool that wakes: the wait is part of it', async () => {
    const script: BackendScript = { state: 'loading', decideMs: 300, headersMs: NEVER };
    await start([script], SHARE_MS, 600);
    let onAfterMs: number | undefined;
    const context = auto();
    const answering = layer.handle(context, async () => {
      onAfterMs = time.nowMs();
      return CLOUD;
    });
    await new Promise(setImmediate);
    time.advance(400);
    script.state = 'ready';
    await expect.poll(outstanding).toEqual([1]);
    time.advance(300);
    await new Promise(setImmediate);
    time.advance(299);
    await new Promise(setImmediate);
    expect(onAfterMs).toBeUndefined();
    time.advance(1);
    await answering;
    expect([onAfterMs, context.trail.route]).toEqual([SHARE_MS, 'l3;p=0.90;why=slow']);
  });

  test('a longer share is not all the decision’s', async () => {
    await start([{ decideMs: NEVER }], 60_000);
    expect((await send(auto())).onAfterMs).toBe(2_000);
  });

  test('what is in time takes what it takes', async () => {
    await start([{ decideMs: 300, headersMs: 300, body: [GOOD] }]);
    const { answer, onAfterMs } = await send(auto());
    expect([answer.layer, onAfterMs, time.nowMs()]).toEqual(['l2', undefined, 600]);
    expect(time.pending).toBe(0);
  });
});

describe('what a server has outstanding is nothing again', () => {
  test.each<[string, BackendScript, boolean, 'l2' | 'l3']>([
    ['after an answer', { body: [GOOD] }, false, 'l2'],
    ['after a decision against it', { probability: 0.1 }, false, 'l3'],
    ['after what the gate refused', { body: [REFUSAL] }, false, 'l3'],
    ['after a stream that the gate refused', { body: [piece("I'm sorry, but I can't."), NEVER] }, true, 'l3'],
    ['after a refusal of its own', { status: 400, body: ['{}'] }, false, 'l3'],
    ['after a failure of its own', { status: 500, body: ['{}'] }, false, 'l3'],
    ['after a connection that was not made', { status: undefined }, false, 'l3'],
    ['after a body that broke off', { body: ['{"choices"'], breaks: true }, false, 'l3'],
    ['after a stream that broke off before it was passed on', { body: [piece('Well')], breaks: true }, true, 'l3'],
    ['after what is no JSON', { body: ['<html>'] }, false, 'l3'],
    ['after a stall', { headersMs: NEVER }, false, 'l3'],
    ['after a body over a megabyte', { body: [' '.repeat(1_100_000), NEVER] }, false, 'l3'],
  ])('%s', async (_, script, stream, by) => {
    await start([script]);
    expect((await send(auto({ stream }))).answer.layer).toBe(by);
    expect(outstanding()).toEqual([0]);
  });

  test('after a client that left, while it was decided and while it was answered', async () => {
    for (const script of [{ decideMs: NEVER }, { headersMs: NEVER }, { body: ['{"', NEVER] }] as const) {
      await start([script]);
      const client = new AbortController();
      const left = new Error('left');
      const sent = layer.handle(auto({}, client.signal), async () => CLOUD);
      await expect.poll(outstanding).toEqual([1]);
      client.abort(left);
      await expect(sent).rejects.toBe(left);
      expect(outstanding()).toEqual([0]);
      await pool.close();
    }
  });

  test.each<[string, BackendScript, (stream: AsyncIterable<unknown>) => Promise<unknown>]>([
    ['was read to its end', { body: [LONG, piece('', 'stop')] }, readAll],
    ['broke off', { body: [LONG, 5, LONG], breaks: true }, (stream) => readAll(stream).catch(() => undefined)],
    ['was left in the middle', { body: [LONG, LONG, NEVER] }, readOne],
    ['was left before it was begun', { body: [LONG, NEVER] }, (stream) => leave(stream)],
  ])('after a stream that %s, and not before', async (_, script, read) => {
    await start([script]);
    const { answer } = await send(auto({ stream: true }));
    expect(answer.layer).toBe('l2');
    expect(outstanding()).toEqual([1]);
    const passing = setInterval(() => time.advance(10), 1);
    if (answer.body.kind === 'events') await read(answer.body.events);
    clearInterval(passing);
    expect(outstanding()).toEqual([0]);
    expect(time.pending).toBe(0);
  });
});

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

async function readOne(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) break;
}

async function leave(stream: AsyncIterable<unknown>): Promise<void> {
  await stream[Symbol.asyncIterator]().return?.();
}

describe('many at once', () => {
  /** Sends so many in one turn; the routes of those that have gone on to the cloud are told as they go. */
  function sendAtOnce(count: number): {
    readonly goneOn: readonly (string | undefined)[];
    readonly all: Promise<unknown>;
  } {
    const goneOn: (string | undefined)[] = [];
    const all = Array.from({ length: count }, () => {
      const context = auto();
      return layer.handle(context, async () => {
        goneOn.push(context.trail.route);
        return CLOUD;
      });
    });
    return { goneOn, all: Promise.all(all) };
  }

  test.each<[string, 'ready' | 'loading']>([
    ['that is there', 'ready'],
    ['that wakes', 'loading'],
  ])('a server %s gets as many as it may have, and not one more', async (_, state) => {
    const script: BackendScript = { state, headersMs: NEVER };
    await start([script], SHARE_MS, 600);
    const { goneOn, all } = sendAtOnce(20);
    script.state = 'ready';
    await expect.poll(() => goneOn.length).toBe(12);
    expect([outstanding(), new Set(goneOn)]).toEqual([[8], new Set(['l3;why=busy'])]);
    time.advance(SHARE_MS);
    await all;
    expect(outstanding()).toEqual([0]);
  });

  test('one alone tries a server whose breaker is open', async () => {
    const script: BackendScript = { status: 500 };
    await start([script]);
    for (let i = 0; i < 3; i += 1) await send(auto());
    time.advance(10_000);
    script.headersMs = NEVER;
    const { goneOn, all } = sendAtOnce(5);
    await expect.poll(() => goneOn.length).toBe(4);
    expect([outstanding(), new Set(goneOn)]).toEqual([[1], new Set(['l3;why=open'])]);
    time.advance(SHARE_MS);
    await all;
  });

  test('a place that is taken for no answer is given back', async () => {
    await start([{ probability: 0.1 }, { status: 500 }]);
    for (let i = 0; i < 20; i += 1) await send(auto());
    expect(outstanding()).toEqual([0, 0]);
  });
});

describe('the breaker', () => {
  const state = (): readonly string[] => [...replicas].map(({ breaker }) => breaker.state);

  test('is opened by three answers that fail, however well the server decides', async () => {
    await start([{ status: 500 }]);
    for (let i = 0; i < 3; i += 1) await send(auto());
    expect(state()).toEqual(['open']);
  });

  test('is opened by three streams that break after they were passed on', async () => {
    await start([{ body: [LONG, LONG], breaks: true }]);
    for (let i = 0; i < 3; i += 1) {
      expect(state()).toEqual(['closed']);
      const { answer } = await send(auto({ stream: true }));
      if (answer.body.kind !== 'events') throw new Error('no stream');
      await expect(readAll(answer.body.events)).rejects.toThrow('broke its stream off');
    }
    expect(state()).toEqual(['open']);
  });

  test('learns nothing from a server that has enough to do', async () => {
    await start([{ status: 429 }]);
    for (let i = 0; i < 4; i += 1) await send(auto());
    expect(state()).toEqual(['closed']);
  });
});

test('a stream counts as wanted until it has ended', async () => {
  await start([{ body: [LONG, NEVER] }], SHARE_MS, 0, 600_000);
  const { answer } = await send(auto({ stream: true }));
  if (answer.body.kind !== 'events') throw new Error('no stream');
  time.advance(120_000);
  expect(demand.pending).toBe(1);
  const events = answer.body.events[Symbol.asyncIterator]();
  await events.next();
  await events.return?.();
  time.advance(120_000);
  expect(demand.pending).toBe(0);
});

test.each([
  [true, 1, 'l3;why=loading', 600],
  [false, 0, 'l3;p=0.00', 0],
])(
  'of those about which is decided without a model (answers: %s) %i are wanted',
  async (answers, wanted, route, ms) => {
    await start([{ state: 'loading' }], SHARE_MS, 600, 60_000, { decider: new FixedDecider(answers) });
    const context = auto();
    const { onAfterMs } = await send(context);
    expect([demand.wanted, demand.pending, context.trail.route, onAfterMs]).toEqual([wanted, wanted, route, ms]);
  },
);

test('a request that is compared is copied when the cloud has answered it, and not before', async () => {
  await start([{ body: [GOOD] }], SHARE_MS, 0, 60_000, { agreementShare: 1 });
  const context = chatContext({ model: 'gpt-4o' });
  const steps: string[] = [];
  const { messages } = context.request.body;
  Object.defineProperty(messages, 'toJSON', {
    value: () => {
      steps.push('copied');
      return [];
    },
  });
  const bytes = new TextEncoder().encode(GOOD);
  await layer.handle(context, async () => {
    steps.push('asked');
    return { ...CLOUD, body: { kind: 'bytes', bytes } };
  });
  steps.push('answered');
  await expect.poll(() => steps.length).toBe(3);
  expect(steps).toEqual(['asked', 'answered', 'copied']);
});
