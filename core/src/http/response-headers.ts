import {
  costOf,
  encodeMetaHeader,
  formatCost,
  HEADER,
  LAYER_NAMES,
  priceOf,
  type StoredEntryMeta,
} from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
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
export function answerHeaders(exchange: Exchange, answer: Answer): Record<string, string> {
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
  const cost = costHeader(answer, model);
  if (cost !== undefined) headers[HEADER.cost] = cost;
  const forColo = exchange.fromEdge ? forColoCopy(answer) : undefined;
  if (forColo !== undefined) headers[HEADER.stored] = encodeMetaHeader(forColo);
  if (answer.body.kind === 'events' || isStream(headers)) headers['x-accel-buffering'] = 'no';
  return headers;
}

/** The metadata of a plain answer that is stored whole under this request's key and that an edge may keep. */
function forColoCopy({ stored }: Answer): StoredEntryMeta | undefined {
  return stored === undefined || stored.origin === 'l1b' || stored.operation === 'native.chat' ? undefined : stored;
}

/** US dollars spent, or saved by not asking again; nothing where the price or the usage is not known. */
function costHeader(answer: Answer, model: string | undefined): string | undefined {
  const usage = answer.usage ?? answer.stored?.usage;
  if (usage === undefined || usage === null || model === undefined || priceOf(model) === undefined) return undefined;
  const cost = formatCost(costOf(model, usage));
  return answer.layer === 'l3' ? cost : `0;saved=${cost}`;
}

/** What a client may name a model, a header may not hold: such a name is left out. */
function isHeaderText(text: string): boolean {
  return text.length <= MAX_NAME && /^[\x20-\x7e]*$/.test(text);
}

function isStream(headers: Readonly<Record<string, string>>): boolean {
  return headers['content-type']?.startsWith('text/event-stream') === true;
}
