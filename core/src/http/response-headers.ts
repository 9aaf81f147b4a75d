import { encodeMetaHeader, formatCost, HEADER, LAYER_NAMES, type StoredEntryMeta } from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestCosts } from '../usage/request-costs.ts';
import type { Exchange } from './exchange.ts';

/** Longest model name that is told in a header. */
const MAX_NAME = 256;

/** The headers every response of this core carries, whoever answered. */
export function commonHeaders(exchange: Exchange): Record<string, string> {
  const { trail } = exchange;
  const headers: Record<string, string> = { [HEADER.requestId]: exchange.id };
  if (trail.cache !== undefined) headers[HEADER.cache] = trail.cache;
  if (trail.semantic !== undefined) headers[HEADER.semantic] = trail.semantic;
  if (trail.similarity !== undefined) headers[HEADER.similarity] = trail.similarity.toFixed(4);
  if (trail.route !== undefined) headers[HEADER.route] = trail.route;
  if (trail.timings.length > 0) {
    // A layer's time is known when it is left, the innermost first; told in the order in which they were asked.
    const inOrder =
      trail.timings.length < 3
        ? trail.timings
        : trail.timings.toSorted((a, b) => LAYER_NAMES.indexOf(a.layer) - LAYER_NAMES.indexOf(b.layer));
    headers['server-timing'] = inOrder.map(({ layer, ms }) => `${layer};dur=${ms.toFixed(2)}`).join(', ');
  }
  return headers;
}

/** The headers of an answer. */
export function answerHeaders(exchange: Exchange, answer: Answer, costs: RequestCosts): Record<string, string> {
  const headers = { ...answer.headers, ...commonHeaders(exchange) };
  headers[HEADER.layer] = answer.layer;
  headers[HEADER.deflected] = String(answer.layer !== 'l3' && answer.status >= 200 && answer.status < 300);
  if (answer.provider !== undefined) headers[HEADER.provider] = answer.provider;
  const model = answer.stored?.model ?? answer.model;
  if (model !== undefined && isHeaderText(model)) headers[HEADER.model] = model;
  if (answer.ageSecs !== undefined) headers['age'] = String(answer.ageSecs);
  const isHit = answer.layer === 'l1a' || answer.layer === 'l1b';
  if (exchange.trail.entry !== undefined && isHit) headers[HEADER.entry] = exchange.trail.entry;
  if (answer.upstreamFault === true) headers[HEADER.error] = 'upstream';
  const cost = costHeader(exchange, answer, costs);
  if (cost !== undefined) headers[HEADER.cost] = cost;
  const forColo = exchange.fromEdge ? forColoCopy(answer) : undefined;
  if (forColo !== undefined && exchange.trail.entry !== undefined) {
    headers[HEADER.stored] = encodeMetaHeader(forColo);
    // An edge that reads the request otherwise has a digest of its own for it, under which this answer must not be kept.
    headers[HEADER.storedDigest] = exchange.trail.entry;
  }
  if (answer.body.kind === 'events' || isStream(headers)) headers['x-accel-buffering'] = 'no';
  return headers;
}

/** The metadata of a plain answer that is stored whole under this request's key and that an edge may keep. */
function forColoCopy({ stored, standIn }: Answer): StoredEntryMeta | undefined {
  // The edge knows one policy, and not who stands in.
  if (standIn !== undefined) return undefined;
  return stored === undefined || stored.origin === 'l1b' || stored.operation === 'native.chat' ? undefined : stored;
}

/**
 * US dollars spent, or saved by not asking again; nothing where the price or the usage is not known: of a stream from a
 * model it is known at its end alone, and what was used for an earlier, refused answer is not its own.
 */
function costHeader({ trail }: Exchange, answer: Answer, costs: RequestCosts): string | undefined {
  if (answer.body.kind !== 'bytes') return undefined;
  const cost = costs.of(answer, trail);
  if (cost === undefined || !cost.isPriced) return undefined;
  const isSpent = answer.layer === 'l3' && trail.cache !== 'coalesced';
  return isSpent ? formatCost(cost.spentUsd) : `0;saved=${formatCost(cost.savedUsd)}`;
}

/** What a client may name a model, a header may not hold: such a name is left out. */
function isHeaderText(text: string): boolean {
  return text.length <= MAX_NAME && /^[\x20-\x7e]*$/.test(text);
}

function isStream(headers: Readonly<Record<string, string>>): boolean {
  return headers['content-type']?.startsWith('text/event-stream') === true;
}
