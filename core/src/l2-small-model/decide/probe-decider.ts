import type { RequestContext } from '../../pipeline/request-context.ts';
import { askedText } from './asked-text.ts';
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
        { role: 'user', content: `${INSTRUCTION}\n\nThe request:\n${shortened(askedText(context.request.body).text)}` },
      ],
      labels: ['A', 'B'] as const,
      requestId: context.id,
    };
    const probability = await means.replica.backend.labelProbability(question, means.signal);
    return probability === undefined ? undefined : { answers: probability >= this.threshold, probability };
  }
}

function shortened(text: string): string {
  if (text.length <= HEAD_CHARACTERS + TAIL_CHARACTERS) return text;
  return `${text.slice(0, HEAD_CHARACTERS)}\n[…]\n${text.slice(-TAIL_CHARACTERS)}`;
}
