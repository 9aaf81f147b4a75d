import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@isartor/shared';
import type { RequestContext } from '../../pipeline/request-context.ts';
import type { Decider, Decision, DecisionMeans } from './decider.port.ts';

const INSTRUCTION =
  'You sort requests for a team of two assistants. A is quick and knows common facts, simple wording, short texts and ' +
  'plain questions. B is slow and needed for mathematics, code, long reasoning, rare knowledge and anything where a ' +
  'mistake would matter. Reply with the letter of the assistant who should answer: A or B.';
/** Of a longer text the beginning and the end decide. */
const HEAD_CHARACTERS = 1_500;
const TAIL_CHARACTERS = 500;

/** Asks the small model itself for one letter, and takes the letter's log probability for the decision's. */
export class ProbeDecider implements Decider {
  readonly isFree = false;

  /** @param threshold least probability with which the small model answers */
  constructor(private readonly threshold: number) {}

  async decide(context: RequestContext, means: DecisionMeans | undefined): Promise<Decision | undefined> {
    if (means === undefined) return undefined;
    const question = {
      model: means.model,
      messages: [
        { role: 'user', content: `${INSTRUCTION}\n\nThe request:\n${shortened(asked(context.request.body))}` },
      ],
      labels: ['A', 'B'] as const,
      requestId: context.id,
    };
    const probability = await means.replica.backend.labelProbability(question, means.signal);
    return probability === undefined ? undefined : { answers: probability >= this.threshold, probability };
  }
}

/** What the user asked last. */
function asked(body: JsonObject): string {
  const { prompt, messages } = body;
  if (typeof prompt === 'string') return prompt;
  const last = isJsonArray(messages)
    ? messages.findLast((item) => isJsonObject(item) && item['role'] === 'user')
    : null;
  return isJsonObject(last) ? textOf(last['content']) : '';
}

function textOf(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content;
  const parts = isJsonArray(content) ? content : [];
  return parts.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}

function shortened(text: string): string {
  if (text.length <= HEAD_CHARACTERS + TAIL_CHARACTERS) return text;
  return `${text.slice(0, HEAD_CHARACTERS)}\n[…]\n${text.slice(-TAIL_CHARACTERS)}`;
}
