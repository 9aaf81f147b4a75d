import type { StoredEntryMeta } from '@isartor/shared';
import type { AskMemory } from './ask-memory.ts';
import { discard } from './call-core.ts';
import type { EdgeLayer, EdgeRequest } from './edge-context.ts';
import { operationOf } from './edge-context.ts';
import type { ExactAsk } from './exact-ask.ts';
import { readExactAsk } from './exact-ask.ts';
import type { ExactFinding, ExactLookupParts, FoundEntry } from './exact-lookup.ts';
import { lookUpExact, stillStale } from './exact-lookup.ts';
import { hitResponse, staleResponse } from './hit-response.ts';
import { byteStream } from './read-body.ts';
import { isKept, keepCopy, readWhole } from './keep-copy.ts';

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

    const found = ask.mayRead ? await lookUp(c, ask, parts) : {};
    if (found.answer !== undefined) return found.answer;
    await next();
    if (found.stale !== undefined && CORE_FAILED.has(c.res.status)) await bridge(c, ask, found.stale, parts);
    else await keepAnswer(c, ask, parts);
    return undefined;
  };
}

/** What the look-up gives: an answer, or an entry to fall back on. */
interface Found {
  readonly answer?: Response;
  readonly stale?: FoundEntry | undefined;
}

async function lookUp(c: EdgeRequest, ask: ExactAsk, parts: ExactCacheParts): Promise<Found> {
  const began = parts.now();
  const finding = await lookUpExact(ask, c.get('redisWait'), parts);
  c.get('timings').push(['l1a', parts.now() - began]);
  c.set('edge', finding.kind);
  if (finding.kind === 'error') return {};
  if (finding.kind === 'miss') return { stale: finding.stale };
  try {
    const answer = hitResponse(c, ask, finding);
    if (finding.from === 'redis') inBackground(c, keepCopy(ask.digest, finding.entry, keepParts(parts)));
    if (ask.name !== undefined) parts.asks.remember(ask.name, ask);
    return { answer };
  } catch {
    // Damaged bytes under a sound first line: the core answers, and what it stores replaces them.
    c.set('edge', 'miss' satisfies ExactFinding['kind']);
    return {};
  }
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
  await discard(c.res);
  // Hono would put the failed answer's headers onto the one that replaces it.
  c.res = undefined;
  c.res = answer;
  c.set('edge', 'hit');
}

/** Keeps the core's plain answer, if the core says that it stored it whole under this request's key. */
async function keepAnswer(c: EdgeRequest, ask: ExactAsk, parts: ExactLookupParts): Promise<void> {
  const meta = c.get('stored');
  const body = byteStream(c.res.body);
  if (meta === undefined || c.res.status !== 200 || body === undefined) return;
  takeNoteOf(meta, ask.tenant, parts);
  if (ask.stream || meta.operation !== ask.operation || !isKept(meta)) return;
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

function keepParts({ colo, redis, now }: ExactLookupParts): Parameters<typeof keepCopy>[2] {
  return { colo, ruledByRedis: redis !== undefined, now };
}

/** A copy that cannot be made costs a later hit and nothing else. */
function inBackground(c: EdgeRequest, work: Promise<void>): void {
  c.executionCtx.waitUntil(work.catch(() => undefined));
}
