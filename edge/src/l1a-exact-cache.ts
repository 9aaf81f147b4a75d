import type { StoredEntryMeta } from '@isartor/shared';
import type { Next } from 'hono';
import type { AskMemory } from './ask-memory.ts';
import { discard } from './call-core.ts';
import type { EdgeLayer, EdgeRequest } from './edge-context.ts';
import { operationOf } from './edge-context.ts';
import type { ExactAsk } from './exact-ask.ts';
import { readExactAsk } from './exact-ask.ts';
import type { ExactFinding, ExactLookupParts, FoundEntry } from './exact-lookup.ts';
import { lookInColo, lookInRedis, stillStale } from './exact-lookup.ts';
import { hitResponse, staleResponse } from './hit-response.ts';
import { byteStream } from './read-body.ts';
import { isKept, keepCopy, readWhole } from './keep-copy.ts';
import { within } from './within.ts';

/** What the core says when it, or everyone it asked, failed; the edge says the same when no core speaks. */
const CORE_FAILED = new Set([502, 503, 504]);

/** What the layer needs. */
interface ExactCacheParts extends ExactLookupParts {
  readonly asks: AskMemory;
}

/** The exact cache: answers what was answered before, and on the way back keeps a copy of what the core stored. */
export function l1aExactCache(parts: ExactCacheParts): EdgeLayer {
  return async (c, next) => {
    const operation = operationOf(c.get('route'));
    if (operation === undefined) return next();
    const ask = await readExactAsk(c, operation, parts);
    if (ask === undefined) return next();
    if (ask.mayRead) return readThrough(c, ask, next, parts);
    await next();
    await keepAnswer(c, ask, parts);
    return undefined;
  };
}

/** Asks the colo, then Redis, then the core; and the core together with Redis where Redis takes its time. */
async function readThrough(
  c: EdgeRequest,
  ask: ExactAsk,
  next: Next,
  parts: ExactCacheParts,
): Promise<Response | undefined> {
  const took = stopwatch(c, parts);
  const { hit, copy, refresh } = await lookInColo(ask, c.get('redisWait'), parts);
  took();
  if (refresh !== undefined) inBackground(c, refresh());
  const atOnce = hit === undefined ? undefined : answerOf(c, ask, hit, parts);
  if (atOnce !== undefined) return atOnce;

  const lookUp = lookInRedis(ask, copy, c.get('redisWait'), parts);
  // A copy whose rules are read anew is most likely a hit, which the core may know nothing of: Redis may have dropped it.
  const inTime = copy === undefined ? await within(parts.settings.hedgeMs, lookUp) : await lookUp;
  took();
  if (inTime === undefined) return hedge(c, ask, { lookUp, next, took }, parts);
  const answer = answerOf(c, ask, inTime, parts);
  if (answer !== undefined) return answer;
  await next();
  await afterCore(c, ask, inTime, parts);
  return undefined;
}

/** A look-up under way, and the way to the core. */
interface Race {
  readonly lookUp: Promise<ExactFinding>;
  readonly next: Next;
  /** Notes that the look-up has taken until now. */
  readonly took: () => void;
}

/**
 * Asks the core while Redis is still being read; who can answer first, does. A hit ends the core's request: the core
 * reads the same Redis first, so what it was asked is no second paid call unless that read fails while ours does not. Where the core answers first, the look-up
 * goes on behind the answer, for at most what is left of its bound, because later requests need what it learns.
 */
async function hedge(
  c: EdgeRequest,
  ask: ExactAsk,
  { lookUp, next, took }: Race,
  parts: ExactCacheParts,
): Promise<Response | undefined> {
  const answered = new AbortController();
  c.set('answered', answered.signal);
  const core = next();
  const first = await Promise.race([lookUp, core.then(() => undefined)]);
  if (first === undefined && c.res.status < 500) {
    c.set('edge', 'miss;why=late');
    inBackground(
      c,
      lookUp.then((finding) => keepFound(ask, finding, parts)),
    );
    await keepAnswer(c, ask, parts);
    return undefined;
  }
  // Where the core failed, an entry may still do better.
  const finding = first ?? (await lookUp);
  took();
  const answer = answerOf(c, ask, finding, parts);
  if (answer === undefined) {
    await core;
    await afterCore(c, ask, finding, parts);
    return undefined;
  }
  answered.abort();
  await core;
  await replaceAnswer(c, answer);
  return undefined;
}

/** Begins to time the look-up; each call of what comes back writes down how long it has taken so far. */
function stopwatch(c: EdgeRequest, { now }: ExactCacheParts): () => void {
  const began = now();
  const timing: [name: string, ms: number] = ['l1a', 0];
  c.get('timings').push(timing);
  return () => (timing[1] = now() - began);
}

/** Notes what came of the look-up; the answer that a hit gives. */
function answerOf(c: EdgeRequest, ask: ExactAsk, finding: ExactFinding, parts: ExactCacheParts): Response | undefined {
  c.set('edge', finding.kind);
  if (finding.kind !== 'hit') return undefined;
  try {
    const answer = hitResponse(c, ask, finding);
    if (finding.from === 'redis') inBackground(c, keepFound(ask, finding, parts));
    if (ask.name !== undefined) parts.asks.remember(ask.name, ask);
    return answer;
  } catch {
    // Damaged bytes under a sound first line: the core answers, and what it stores replaces them.
    c.set('edge', 'miss' satisfies ExactFinding['kind']);
    return undefined;
  }
}

/** On the way back: a core that failed is bridged, what it stored is kept. */
async function afterCore(c: EdgeRequest, ask: ExactAsk, finding: ExactFinding, parts: ExactCacheParts): Promise<void> {
  const stale = finding.kind === 'miss' ? finding.stale : undefined;
  if (stale !== undefined && CORE_FAILED.has(c.res.status)) await bridge(c, ask, stale, parts);
  else await keepAnswer(c, ask, parts);
}

/** Answers in place of a core that failed, or of none, where the entry found before may still be served. */
async function bridge(c: EdgeRequest, ask: ExactAsk, found: FoundEntry, parts: ExactLookupParts): Promise<void> {
  const stale = await stillStale(ask, found, c.get('redisWait'), parts);
  if (stale === undefined) return;
  let answer: Response;
  try {
    answer = staleResponse(c, ask, stale);
  } catch {
    // Damaged bytes bridge nothing.
    return;
  }
  await replaceAnswer(c, answer);
  c.set('edge', 'hit');
}

async function replaceAnswer(c: EdgeRequest, answer: Response): Promise<void> {
  await discard(c.res);
  // Hono would put the headers of the answer before onto the one that replaces it.
  c.res = undefined;
  c.res = answer;
}

/** Keeps the core's plain answer, if the core says that it stored it whole under this request's key. */
async function keepAnswer(c: EdgeRequest, ask: ExactAsk, parts: ExactLookupParts): Promise<void> {
  const meta = c.get('stored');
  const body = byteStream(c.res.body);
  if (meta === undefined || c.res.status !== 200 || body === undefined) return;
  takeNoteOf(meta, ask.tenant, parts);
  // Read otherwise by the core (other settings, another version), the request has another answer than under our digest.
  if (ask.stream || c.get('storedDigest') !== ask.digest || meta.operation !== ask.operation || !isKept(meta)) return;
  const [toClient, toKeep] = body.tee();
  c.res = new Response(toClient, c.res);
  inBackground(
    c,
    readWhole(toKeep).then((bytes) =>
      bytes === undefined ? undefined : keepCopy(ask.digest, { meta, body: bytes }, keepParts(parts)),
    ),
  );
}

/** Without Redis, the core's last word is what the edge knows of epoch and policy. */
function takeNoteOf(meta: StoredEntryMeta, tenant: string, { rules, redis, now }: ExactLookupParts): void {
  if (redis !== undefined) return rules.sawEpoch(tenant, meta.epoch);
  const record = { epoch: meta.epoch, off: [], quarantine: [] };
  rules.remember(tenant, { record, policy: meta.policy, readAt: now() });
}

/** Keeps an entry that was found in Redis at the colo. */
async function keepFound(ask: ExactAsk, finding: ExactFinding, parts: ExactCacheParts): Promise<void> {
  if (finding.kind === 'hit' && finding.from === 'redis') await keepCopy(ask.digest, finding.entry, keepParts(parts));
}

function keepParts({ colo, redis, now }: ExactLookupParts): Parameters<typeof keepCopy>[2] {
  return { colo, ruledByRedis: redis !== undefined, now };
}

/** A copy that cannot be made costs a later hit and nothing else. */
function inBackground(c: EdgeRequest, work: Promise<unknown>): void {
  c.executionCtx.waitUntil(work.catch(() => undefined));
}
