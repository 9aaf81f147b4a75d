import fc from 'fast-check';
import { ageLimitSecs, askText, CALLERS, DIRECTIVES, FATES, identityOf, reads, stores, type Ask } from './asked.ts';
import { Violation, type Asked, type CacheModel } from './cache-model.ts';
import type { Gate } from './numbered-upstream.ts';
import type { Seen } from './seen.ts';
import type { System } from './system.ts';

/** How long a request may take to reach the provider or to be answered. */
const PATIENCE_MS = 5_000;
/** Fates of answers that have begun: only those can be held back in the middle. */
const BEGUN: ReadonlySet<string> = new Set(['whole', 'no-usage', 'length', 'unended', 'late-error', 'cut']);

type Step = fc.AsyncCommand<CacheModel, System>;

/** How many operations were done: requests, changes, clock steps, restarts. */
export const tally = { operations: 0 };

abstract class Command implements Step {
  protected abstract readonly name: string;

  check(_model: Readonly<CacheModel>): boolean {
    return true;
  }

  async run(model: CacheModel, system: System): Promise<void> {
    await this.act(model, system);
    if (system.upstream.fault !== undefined) throw system.upstream.fault;
  }

  toString(): string {
    return this.name;
  }

  protected abstract act(model: CacheModel, system: System): Promise<void>;
}

/** One request, alone. */
class Asks extends Command {
  protected readonly name: string;

  constructor(private readonly ask: Ask) {
    super();
    this.name = askText(ask);
  }

  protected async act(model: CacheModel, system: System): Promise<void> {
    const asked = begin(model, this.ask);
    await judged(model, system, asked, send(model, system, asked));
  }
}

/** Two equal requests at once: one call, unless they must not share. The leader may leave. */
class AsksTwice extends Command {
  protected readonly name: string;

  constructor(
    private readonly ask: Ask,
    private readonly leaves: boolean,
    private readonly place: Gate['place'],
  ) {
    super();
    this.name = `twice${leaves ? ', the first leaves' : ''}: ${askText(ask)}`;
  }

  protected async act(model: CacheModel, system: System): Promise<void> {
    const { ask } = this;
    const first = begin(model, ask);
    const gate = system.upstream.gate(first.id, placeFor(ask, this.place));
    const client = new AbortController();
    const answer = send(model, system, first, client.signal);
    if ((await which(gate.arrived, answer)) === 'settled') {
      gate.open();
      return judged(model, system, first, answer);
    }
    const second = begin(model, ask);
    const follower = send(model, system, second);
    if (stores(ask)) {
      await system.untilInFlight(ask.core, 2);
      await system.fence(ask.core);
    } else {
      await settled(follower, 'a request that must not share waits for another');
    }
    if (this.leaves) {
      client.abort();
      await answer;
      if (!stores(ask)) await within(gate.abandoned, 'the provider is not told that the client left');
    }
    gate.open();
    if (!this.leaves) await judged(model, system, first, answer);
    await judged(model, system, second, follower);
    const seen = await follower;
    if (stores(ask) && seen?.cache !== 'coalesced' && seen?.cache !== 'stale' && seen?.status === 200) {
      throw new Violation(`two equal requests at once made two calls: ${JSON.stringify(seen)}`);
    }
  }
}

/** A change of the world while an answer is under way. */
type Change =
  | { readonly kind: 'purge' | 'on' }
  | { readonly kind: 'off'; readonly layer: string }
  | { readonly kind: 'quarantine' }
  | { readonly kind: 'step'; readonly ms: number };

/** A request is under way, something changes, the same is asked again; the two end in either order. */
class AsksDuring extends Command {
  protected readonly name: string;

  constructor(
    private readonly ask: Ask,
    private readonly again: Ask,
    private readonly change: Change,
    private readonly firstEndsFirst: boolean,
    private readonly place: Gate['place'],
  ) {
    super();
    const order = firstEndsFirst ? 'first ends first' : 'second ends first';
    this.name = `during (${askText(ask)}): ${changeText(change)}; then (${askText(again)}), ${order}`;
  }

  protected async act(model: CacheModel, system: System): Promise<void> {
    const first = begin(model, this.ask);
    const gate = system.upstream.gate(first.id, placeFor(this.ask, this.place));
    const answer = send(model, system, first);
    if ((await which(gate.arrived, answer)) === 'settled') {
      gate.open();
      return judged(model, system, first, answer);
    }
    await applyChange(model, system, this.change, first);

    const second = begin(model, this.again);
    const secondGate = system.upstream.gate(second.id, 'start');
    const follower = send(model, system, second);
    if (this.mayJoin(system, first, second)) {
      await system.untilInFlight(this.again.core, 2);
      await system.fence(this.again.core);
      secondGate.open();
      gate.open();
    } else {
      await settledOr(secondGate.arrived, follower, 'a request joined a flight that is not its own');
      if (this.firstEndsFirst) {
        gate.open();
        await judged(model, system, first, answer);
      }
      secondGate.open();
      await judged(model, system, second, follower);
      gate.open();
    }
    await judged(model, system, first, answer);
    await judged(model, system, second, follower);
  }

  private mayJoin(system: System, first: Asked, second: Asked): boolean {
    if (this.change.kind === 'purge' || second.due !== undefined) return false;
    const [one, other] = [first.ask, second.ask];
    const samePlace = one.core % system.cores.length === other.core % system.cores.length;
    if (first.identity !== second.identity) return false;
    const sameTerms = one.directive === other.directive && ageLimitSecs(one) === ageLimitSecs(other);
    return samePlace && sameTerms && one.stream === other.stream && stores(one) && stores(other);
  }
}

/** A client leaves before the answer, or in its middle, and was alone: nothing of it may be stored. */
class Leaves extends Command {
  protected readonly name: string;

  constructor(
    private readonly ask: Ask,
    private readonly place: Gate['place'],
  ) {
    super();
    this.name = `leaves (${place}): ${askText(ask)}`;
  }

  protected async act(model: CacheModel, system: System): Promise<void> {
    const asked = begin(model, this.ask);
    const place = placeFor(this.ask, this.place);
    const gate = system.upstream.gate(asked.id, place);
    const client = new AbortController();
    const response = system.call(asked, model.questionOf(this.ask), client.signal);
    response.catch(() => undefined);
    const outcome = await which(gate.arrived, response);
    if (outcome === 'arrived') {
      if (place === 'middle') await (await response).body?.getReader().read();
      client.abort();
      await within(gate.abandoned, 'the provider is not told that the client left');
    } else {
      await (await response).arrayBuffer();
    }
    gate.open();
  }
}

class Changes extends Command {
  protected readonly name: string;

  constructor(
    private readonly change: Change,
    private readonly ask: Ask,
  ) {
    super();
    this.name = `${changeText(change)} (${identityOf(ask)})`;
  }

  protected async act(model: CacheModel, system: System): Promise<void> {
    tally.operations += 1;
    await applyChange(model, system, this.change, { ask: this.ask, identity: identityOf(this.ask) });
  }
}

/** Redis is stopped, asked for in vain, and started again empty. */
class RestartsRedis extends Command {
  protected readonly name: string;

  constructor(private readonly meanwhile: readonly Ask[]) {
    super();
    this.name = `Redis restarts, meanwhile: ${meanwhile.map(askText).join('; ')}`;
  }

  protected async act(model: CacheModel, system: System): Promise<void> {
    if (!system.restartable) return;
    tally.operations += 1;
    await system.stopRedis();
    model.reachable = false;
    for (const ask of this.meanwhile) {
      const asked = begin(model, ask);
      await judged(model, system, asked, send(model, system, asked));
    }
    // Time passes while a server starts, so that its new epochs are later ones.
    system.step(1_000);
    await system.startRedis();
    model.lost();
    model.reachable = true;
  }
}

async function applyChange(
  model: CacheModel,
  system: System,
  change: Change,
  { ask, identity }: Pick<Asked, 'ask' | 'identity'>,
): Promise<void> {
  const { tenant } = ask.caller;
  switch (change.kind) {
    case 'purge':
      await system.purge(ask.core, tenant);
      return model.purged(tenant);
    case 'off':
      await system.switch(ask.core, tenant, change.layer, true);
      return model.switched(tenant, change.layer, true);
    case 'on':
      for (const layer of ['l1a', 'l3']) {
        await system.switch(ask.core, tenant, layer, false);
        model.switched(tenant, layer, false);
      }
      return;
    case 'quarantine': {
      const entry = model.entryOf(identity);
      if (entry === undefined) return;
      await system.quarantine(ask.core, tenant, entry);
      return model.quarantined(tenant, identity);
    }
    case 'step':
      return system.step(change.ms);
    default:
      change satisfies never;
  }
}

function changeText(change: Change): string {
  if (change.kind === 'off') return `${change.layer} off`;
  return change.kind === 'step' ? `clock ${change.ms} ms` : change.kind;
}

function begin(model: CacheModel, ask: Ask): Asked {
  tally.operations += 1;
  return model.begin(ask);
}

function send(model: CacheModel, system: System, asked: Asked, signal?: AbortSignal): Promise<Seen | undefined> {
  const answer = system.send(asked, model.questionOf(asked.ask), signal);
  answer.catch(() => undefined);
  return answer;
}

async function judged(
  model: CacheModel,
  system: System,
  asked: Asked,
  answer: Promise<Seen | undefined>,
): Promise<void> {
  const seen = await settled(answer, 'a request is not answered');
  if (seen === undefined) throw new Violation(`${asked.id} was left by nobody and has no answer`);
  model.judge(asked, seen);
  // What one core has written the other must find.
  if (system.restartable) await system.fence(asked.ask.core);
}

function placeFor(ask: Ask, place: Gate['place']): Gate['place'] {
  return ask.stream && BEGUN.has(ask.fate) ? place : 'start';
}

function which(arrived: Promise<unknown>, answer: Promise<unknown>): Promise<'arrived' | 'settled'> {
  return settledOr(arrived, answer, 'a request neither reaches the provider nor is answered');
}

function settledOr(
  arrived: Promise<unknown>,
  answer: Promise<unknown>,
  otherwise: string,
): Promise<'arrived' | 'settled'> {
  const first = Promise.race([arrived.then(() => 'arrived' as const), answer.then(() => 'settled' as const)]);
  return within(first, otherwise);
}

function settled<Value>(answer: Promise<Value>, otherwise: string): Promise<Value> {
  return within(answer, otherwise);
}

async function within<Value>(work: Promise<Value>, otherwise: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Violation(otherwise)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

const asks: fc.Arbitrary<Ask> = fc.record({
  caller: fc.constantFrom(...CALLERS),
  question: fc.nat({ max: 1 }),
  session: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('s1') }),
  stream: fc.boolean(),
  directive: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...DIRECTIVES) },
  ),
  ttlSecs: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constantFrom(0, 5, 20, 1_000) },
  ),
  fate: fc.oneof(
    { weight: 6, arbitrary: fc.constant('whole' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...FATES) },
  ),
  core: fc.nat({ max: 1 }),
});

/** Mostly forward; backward only where no store has a clock of its own that would contradict. */
function steps(backward: boolean): fc.Arbitrary<Change> {
  const forward = [1, 900, 4_999, 9_000, 12_000, 31_000, 95_000];
  const ms = fc.constantFrom(...forward, ...(backward ? [-1_500, -10_000] : []));
  return ms.map((one) => ({ kind: 'step', ms: one }));
}

function changes(backward: boolean): fc.Arbitrary<Change> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<Change>({ kind: 'purge' }) },
    { weight: 1, arbitrary: fc.constantFrom('l1a', 'l3', 'l2').map((layer): Change => ({ kind: 'off', layer })) },
    { weight: 2, arbitrary: fc.constant<Change>({ kind: 'on' }) },
    { weight: 1, arbitrary: fc.constant<Change>({ kind: 'quarantine' }) },
    { weight: 4, arbitrary: steps(backward) },
  );
}

const places = fc.constantFrom('start' as const, 'middle' as const);

/** Another way to ask the same. */
function again(ask: Ask): fc.Arbitrary<Ask> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<Ask>({ ...ask, fate: 'whole' }) },
    { weight: 1, arbitrary: asks.map((other): Ask => ({ ...other, question: ask.question, session: ask.session })) },
  );
}

/** Sequences of operations. */
export function operations(store: 'memory' | 'redis', most: number) {
  const backward = store === 'memory';
  const all: fc.Arbitrary<Step>[] = [
    asks.map((ask) => new Asks(ask)),
    asks.filter(reads).map((ask) => new Asks({ ...ask, fate: 'whole', ttlSecs: undefined })),
    asks.map((ask) => new Asks(ask)),
    fc.tuple(asks, fc.boolean(), places).map((of) => new AsksTwice(...of)),
    fc
      .tuple(asks, changes(backward), fc.boolean(), places)
      .chain(([ask, change, order, place]) =>
        again(ask).map((other) => new AsksDuring(ask, other, change, order, place)),
      ),
    fc.tuple(asks, places).map((of) => new Leaves(...of)),
    fc.tuple(changes(backward), asks).map((of) => new Changes(...of)),
    ...(store === 'redis' ? [restarts] : []),
  ];
  return fc.commands(all, { maxCommands: most, size: 'max' });
}

/** One draw in eight is that of a restart; most of them are left out, for they take long. */
const restarts: fc.Arbitrary<Step> = fc
  .tuple(fc.nat({ max: 11 }), fc.array(asks, { maxLength: 2 }), changes(false), asks)
  .map(([draw, meanwhile, change, ask]) => (draw === 0 ? new RestartsRedis(meanwhile) : new Changes(change, ask)));
