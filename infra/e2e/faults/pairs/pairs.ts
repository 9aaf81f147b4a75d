import { isJsonObject, type JsonObject, type ProviderDialect } from '@isartor/shared';
import { chatRequest, geminiRequest, messageRequest, responseRequest } from '@isartor/shared/testing';
import { rowsOf, type FaultCase, type Row, type Site } from '../fault-case.ts';
import type { Form } from '../outcome.ts';
import { withStream, type Surface } from '../surfaces.ts';
import { OWN_SHAPE, PAIR_FAULTS, type PairFault } from './pair-faults.ts';
import { soundAnswer, WIRES, type Wire } from './wires.ts';

/** A surface of the gateway at one of its sites, and the provider that its requests are put to. */
export interface Pair {
  readonly site: (typeof SITES)[number];
  /** Of the provider, and of the model that leads to it. */
  readonly name: string;
  readonly surface: keyof typeof ASKS;
  readonly dialect: ProviderDialect;
  readonly translated: boolean;
}

interface Asks {
  readonly path: (form: Form, model: string) => string;
  readonly request: (text: string, model: string) => JsonObject;
  readonly lastEvent: RegExp;
  readonly own: ProviderDialect;
}

/** How each surface is asked. */
const ASKS = {
  chat: {
    path: () => '/v1/chat/completions',
    request: (text, model) => chatRequest(text, { model }),
    lastEvent: /data: \[DONE\]\n\n$/,
    own: 'openai',
  },
  responses: {
    path: () => '/v1/responses',
    request: (text, model) => responseRequest(text, { model }),
    lastEvent: /"type":"response\.completed"[^\n]*\n\n$/,
    own: 'openai',
  },
  messages: {
    path: () => '/v1/messages',
    request: (text, model) => messageRequest(text, { model }),
    lastEvent: /data: \{"type":"message_stop"\}\n\n$/,
    own: 'anthropic',
  },
  gemini: {
    path: (form, model) =>
      `/v1beta/models/${model}:${form === 'plain' ? 'generateContent' : 'streamGenerateContent?alt=sse'}`,
    request: (text) => geminiRequest(text),
    lastEvent: /"finishReason":"STOP"[^\n]*\n\n$/,
    own: 'gemini',
  },
} satisfies Record<string, Asks>;

const DIALECTS: readonly ProviderDialect[] = ['openai', 'anthropic', 'gemini'];
const SURFACES = ['chat', 'responses', 'messages', 'gemini'] as const;

const SITES = ['core', 'workerd'] as const satisfies readonly Site[];

/** Every surface before every API of a provider; through the edge, which does not know of providers, before its own. */
export const PAIRS: readonly Pair[] = SITES.flatMap((site) =>
  SURFACES.flatMap((surface) =>
    DIALECTS.map((dialect) => ({
      site,
      name: `${site}-${surface}-${dialect}`,
      surface,
      dialect,
      translated: ASKS[surface].own !== dialect,
    })),
  ),
).filter(({ site, translated }) => site === 'core' || !translated);

/** Every fault that a pair must stand, in each of its forms. */
export function rowsOfPair(pair: Pair): readonly Row[] {
  return rowsOf(PAIR_FAULTS.map((fault) => caseOf(fault, pair)));
}

function caseOf(fault: PairFault, pair: Pair): FaultCase {
  const { title, act, answer, sentBytes } = fault;
  const atCore = (pair.translated ? fault.mustTranslated : undefined) ?? fault.must;
  const must = pair.site === 'core' ? atCore : { ...atCore, ...fault.mustAtEdge };
  const asSent = pair.translated || sentBytes === undefined ? {} : { sentBytes };
  const wire = wireOf(pair);
  return { title, act, answer: answer(wire), must, ...asSent, edge: 'workerd', surface: surfaceOf(pair, wire) };
}

/** A native request of the second of OpenAI's APIs is answered in it; a translated one is put to the first. */
function wireOf({ surface, dialect, translated }: Pair): Wire {
  if (!translated) return WIRES[surface];
  return { openai: WIRES.chat, anthropic: WIRES.messages, gemini: WIRES.gemini }[dialect];
}

function surfaceOf({ name, surface }: Pair, wire: Wire): Surface {
  const asks: Asks = ASKS[surface];
  return {
    path: (form) => asks.path(form, name),
    request: (text, form) =>
      surface === 'gemini' ? asks.request(text, name) : withStream(asks.request(text, name), form),
    sound: (form) => soundAnswer(wire, form),
    lastEvent: asks.lastEvent,
    codeOf: (error) => (isJsonObject(error) && typeof error['message'] === 'string' ? OWN_SHAPE : undefined),
  };
}
