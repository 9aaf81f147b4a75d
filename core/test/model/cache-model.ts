import { ageLimitSecs, identityOf, reads, stores, type Ask, type Fate } from './asked.ts';
import type { Seen } from './seen.ts';

export const TTL_SECS = 30;
export const STALE_SECS = 60;
/** A writer's clock may run ahead of the reader's by so much. */
const CLOCK_TOLERANCE_MS = 2_000;

/** What is in force for a tenant. */
interface TenantState {
  /** Requests that began below this number did so before the last purge was acknowledged. */
  readonly purgedBelow: number;
  readonly off: ReadonlySet<string>;
  readonly quarantined: ReadonlySet<string>;
}

/** A request under way: what was in force when it began. */
export interface Asked {
  readonly id: string;
  readonly ask: Ask;
  readonly identity: string;
  readonly tenant: TenantState;
  readonly now: number;
  /** Answers asked of the provider on its behalf have this number or a higher one. */
  readonly from: number;
  /** Answers that were under way at the provider. */
  readonly underWay: ReadonlySet<number>;
  /** The stored answer that must be served, where there is one. */
  readonly due: number | undefined;
}

/** An answer of the provider. */
export interface Numbered {
  readonly number: number;
  /** The request on whose behalf the provider was asked. */
  readonly leader: Asked;
  readonly fate: Exclude<Fate, 'flaky'>;
  readonly text: string;
  /** Unix ms at which the provider had said all of it. */
  endedAt: number | undefined;
}

/** An error or a cut may arrive together with the first event: then nothing of it has gone out, and it is a failure. */
const FAILING: ReadonlySet<Fate> = new Set(['http-500', 'error-inside', 'cut', 'late-error']);
const STORABLE: ReadonlySet<Fate> = new Set(['whole', 'no-usage']);

/** A rule was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * What may be answered, in the simplest terms: every answer of the provider has a number, and the model knows of each
 * whose it is, how it ended and since when it is. It does not know how the cache works.
 */
export class CacheModel {
  /** The cache can be reached: what was stored must be found. */
  reachable = true;
  private readonly answers = new Map<number, Numbered>();
  private readonly asked = new Map<string, Asked>();
  private readonly tenants = new Map<string, TenantState>();
  private readonly lastStored = new Map<string, number>();
  private readonly entries = new Map<string, string>();
  private readonly underWay = new Set<number>();
  private latestNow = 0;

  constructor(
    private readonly run: string,
    private readonly nowMs: () => number,
  ) {}

  /** A request begins. */
  begin(ask: Ask): Asked {
    const identity = identityOf(ask);
    const now = this.nowMs();
    this.latestNow = Math.max(this.latestNow, now);
    const asked = {
      id: `${this.run}.${this.asked.size}`,
      ask,
      identity,
      tenant: this.tenantOf(ask.caller.tenant),
      now,
      from: this.answers.size,
      underWay: new Set(this.underWay),
    };
    const whole = { ...asked, due: this.dueFor(asked) };
    this.asked.set(asked.id, whole);
    return whole;
  }

  /** The provider is asked on behalf of a request. */
  called(id: string, question: string): Numbered {
    const leader = this.asked.get(id);
    if (leader === undefined) throw new Violation(`the provider was asked by ${id}, which nobody sent`);
    if (question !== this.questionOf(leader.ask)) throw new Violation(`${id} asked the provider something else`);
    const again = [...this.answers.values()].some((answer) => answer.leader.id === id);
    const number = this.answers.size;
    const answer: Numbered = {
      number,
      leader,
      fate: fateOf(leader.ask, again),
      text: `#${number} for ${leader.identity} by ${id}`,
      endedAt: undefined,
    };
    this.answers.set(number, answer);
    this.underWay.add(number);
    return answer;
  }

  /** The provider has said all of an answer; nobody left before. */
  ended(answer: Numbered): void {
    answer.endedAt = this.nowMs();
    this.underWay.delete(answer.number);
    const { ask, identity, tenant } = answer.leader;
    if (!this.reachable || !STORABLE.has(answer.fate) || !stores(ask)) return;
    // What a layer answers while it is switched off is not kept.
    if (tenant.off.has('l1a') || tenant.off.has('l3')) return;
    // One that would never be fresh does not take the place of one that is.
    if (ageLimitSecs(ask) > 0) this.lastStored.set(identity, answer.number);
  }

  /** Everyone who waited for an answer has left. */
  abandoned(answer: Numbered): void {
    this.underWay.delete(answer.number);
  }

  purged(tenant: string): void {
    this.change(tenant, { purgedBelow: this.answers.size, quarantined: new Set() });
  }

  switched(tenant: string, layer: string, off: boolean): void {
    const others = [...this.tenantOf(tenant).off].filter((one) => one !== layer);
    this.change(tenant, { off: new Set(off ? [...others, layer] : others) });
  }

  quarantined(tenant: string, identity: string): void {
    this.change(tenant, { quarantined: new Set([...this.tenantOf(tenant).quarantined, identity]) });
  }

  /** The store has lost everything, the tenants' records too. */
  lost(): void {
    this.lastStored.clear();
    for (const tenant of this.tenants.keys()) {
      this.change(tenant, { purgedBelow: this.answers.size, off: new Set(), quarantined: new Set() });
    }
  }

  /** The name of a request's entry, once one was served. */
  entryOf(identity: string): string | undefined {
    return this.entries.get(identity);
  }

  /** The text of a request's question. */
  questionOf({ question }: Ask): string {
    return `${this.run} q${question}`;
  }

  /** Throws a Violation unless this is what may be answered. */
  judge(asked: Asked, seen: Seen): void {
    const fault = this.faultOf(asked, seen);
    if (fault === undefined) return;
    throw new Violation(`${fault}\n  ${asked.id} (${asked.identity}) saw ${JSON.stringify(seen)}`);
  }

  private faultOf(asked: Asked, seen: Seen): string | undefined {
    const { due } = asked;
    if (due !== undefined && (seen.cache !== 'hit' || seen.number !== due)) return `#${due} was due from the cache`;
    if (seen.status !== 200) return this.faultOfFailure(asked, seen);
    const answer = seen.number === undefined ? undefined : this.answers.get(seen.number);
    if (answer === undefined) return 'an answer that no provider gave';
    if (answer.leader.ask.caller.tenant !== asked.ask.caller.tenant) return 'another tenant’s answer';
    if (answer.leader.identity !== asked.identity) return 'another request’s answer';
    if (seen.layer === 'l1a') return this.faultOfStored(asked, seen, answer);
    return faultOfFresh(asked, seen, answer);
  }

  private faultOfFailure(asked: Asked, seen: Seen): string | undefined {
    if (seen.status !== 500 && seen.status !== 502) return `status ${seen.status}`;
    if (seen.number !== undefined && this.answers.get(seen.number)?.leader.identity !== asked.identity) {
      return 'another’s failure';
    }
    return this.failedFor(asked) ? undefined : 'a failure although the provider did not fail';
  }

  private faultOfStored(asked: Asked, seen: Seen, answer: Numbered): string | undefined {
    const stale = seen.cache === 'stale';
    if (!stale && seen.cache !== 'hit') return `from the cache with x-isartor-cache: ${seen.cache}`;
    const why = this.mayNotServe(asked, answer, stale);
    if (why !== undefined) return `${why} was served`;
    if (stale && !this.failedFor(asked)) return 'a stale answer although the provider did not fail';
    if (seen.entry === null) return 'a stored answer without its name';
    if (this.entries.has(asked.identity) && this.entries.get(asked.identity) !== seen.entry) return 'another entry';
    this.entries.set(asked.identity, seen.entry);
    if (new Set(this.entries.values()).size < this.entries.size) return 'one entry for two requests';
    return faultOfWhole(asked, seen, answer);
  }

  /** Why a stored answer must not be served to a request, if there is a reason. */
  private mayNotServe(asked: Omit<Asked, 'due'>, answer: Numbered, stale: boolean): string | undefined {
    const { ask, tenant, now, identity } = asked;
    const { leader, fate, endedAt } = answer;
    if (!reads(ask)) return 'a stored answer to a request that must not read';
    if (!stores(leader.ask)) return 'an answer that must not be stored';
    if (!STORABLE.has(fate)) return `an answer that ended by ${fate}`;
    if (endedAt === undefined) return 'an answer that never ended';
    if (leader.from < tenant.purgedBelow) return 'a purged answer';
    if (tenant.off.has('l1a') || tenant.off.has('l3')) return 'a switched-off layer’s answer';
    if (tenant.quarantined.has(identity)) return 'a quarantined answer';
    if (endedAt > now + CLOCK_TOLERANCE_MS) return 'an answer of the future';
    if (now - endedAt >= ageLimitSecs(ask) * 1_000) return 'an answer older than key or request allow';
    const freshUntil = endedAt + Math.min(TTL_SECS, ageLimitSecs(leader.ask)) * 1_000;
    if (now >= freshUntil + (stale ? STALE_SECS * 1_000 : 0)) return 'an expired answer';
    if (fate === 'no-usage' && leader.ask.stream && !ask.stream)
      return 'a stream that a plain answer cannot be made of';
    return undefined;
  }

  private dueFor(asked: Omit<Asked, 'due'>): number | undefined {
    const number = this.lastStored.get(asked.identity);
    const answer = number === undefined ? undefined : this.answers.get(number);
    if (!this.reachable || answer === undefined || this.mayNotServe(asked, answer, false) !== undefined)
      return undefined;
    // A store may have dropped what had expired before the clock went back.
    const life = Math.min(TTL_SECS, ageLimitSecs(answer.leader.ask)) + STALE_SECS;
    return this.latestNow < (answer.endedAt ?? 0) + life * 1_000 ? answer.number : undefined;
  }

  /** Whether the last word of the provider to a request, or to who led its flight, was a failure. */
  private failedFor({ from, underWay, identity }: Asked): boolean {
    const heard = [...this.answers.values()].filter(({ number, leader }) => {
      return leader.identity === identity && (number >= from || underWay.has(number));
    });
    const last = new Map(heard.map((answer) => [answer.leader.id, answer.fate]));
    return [...last.values()].some((fate) => FAILING.has(fate));
  }

  private tenantOf(tenant: string): TenantState {
    return this.tenants.get(tenant) ?? { purgedBelow: 0, off: new Set(), quarantined: new Set() };
  }

  private change(tenant: string, change: Partial<TenantState>): void {
    this.tenants.set(tenant, { ...this.tenantOf(tenant), ...change });
  }
}

/** What becomes of a call; a plain answer has no middle and no mark at its end. */
function fateOf({ fate, stream }: Ask, again: boolean): Numbered['fate'] {
  if (fate === 'flaky') return again ? 'whole' : 'http-500';
  return !stream && (fate === 'unended' || fate === 'late-error') ? 'whole' : fate;
}

/** What is wrong with an answer that comes from the provider itself. */
function faultOfFresh(asked: Asked, seen: Seen, answer: Numbered): string | undefined {
  if (seen.layer !== 'l3') return `layer ${seen.layer}`;
  const { leader, number } = answer;
  if (seen.cache === 'coalesced') {
    if (leader.from < asked.tenant.purgedBelow) return 'a flight that had begun before the purge';
    if (number < asked.from && !asked.underWay.has(number)) return 'a flight that had ended';
    if (leader.ask.stream !== asked.ask.stream) return 'a flight of another framing';
    if (leader.ask.directive !== asked.ask.directive) return 'a flight of another directive';
    if (ageLimitSecs(leader.ask) !== ageLimitSecs(asked.ask)) return 'a flight with another age limit';
  } else if (leader.id !== asked.id) {
    return 'an answer that the provider gave to somebody else';
  }
  return faultOfWhole(asked, seen, answer);
}

/** What is wrong with how the answer ended. */
function faultOfWhole(asked: Asked, seen: Seen, { text, fate }: Numbered): string | undefined {
  const { stream } = asked.ask;
  if (seen.streamed !== stream) return `a ${seen.streamed ? 'stream' : 'plain answer'} that was not asked for`;
  if (fate === 'http-500' || fate === 'error-inside') return 'an error as a 200';
  if (fate === 'cut' || fate === 'late-error') {
    if (!stream) return 'a truncated answer as a 200';
    return seen.failed && !seen.done ? undefined : 'a broken stream that does not say so';
  }
  if (seen.failed) return 'an error event that the provider did not cause';
  if (seen.text !== text) return 'a text that is not whole';
  if (fate === 'length' && seen.finish !== 'length') return 'another finish reason';
  if (stream && seen.done !== (fate !== 'unended'))
    return seen.done ? 'a [DONE] of nobody' : 'a stream without its [DONE]';
  return undefined;
}
