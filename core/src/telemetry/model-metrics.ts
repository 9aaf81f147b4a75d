import { ERROR_CODES, PRICES } from '@isartor/shared';
import { BoundedNames } from './closed-labels.ts';
import { genAiOperation } from './gen-ai.ts';
import type { HistogramTally } from './histogram-tally.ts';
import type { Instruments } from './instruments.ts';
import type { MeasuredModelCall, Saving, Spending } from './metrics.port.ts';
import {
  ERROR_TYPE,
  GEN_AI_DURATION,
  GEN_AI_INPUT,
  GEN_AI_MODEL,
  GEN_AI_OPERATION,
  GEN_AI_OUTPUT,
  GEN_AI_PROVIDER,
  GEN_AI_TOKENS,
  GEN_AI_TOKEN_TYPE,
} from './semantic-names.ts';
import { JoinedKeys } from './joined-keys.ts';
import type { Tally } from './tally.ts';

/** Upper bounds as the semantic conventions advise. https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);
const OTHER = 'other';

/** What models took, and what was not asked of them. */
export class ModelMetrics {
  private readonly durations: HistogramTally;
  private readonly tokens: HistogramTally;
  private readonly tokensSaved: Tally;
  private readonly keys = new JoinedKeys();
  private readonly usdSaved: Tally;
  private readonly usdSpent: Tally;
  private readonly providers = new BoundedNames();
  private readonly names: ReadonlySet<string>;

  /** @param known configured names, which have series of their own, as those of the price list do */
  constructor(instruments: Instruments, known: readonly string[]) {
    const untilEnd = 'Calls to models, until the end of the answer.';
    this.durations = instruments.histogram(GEN_AI_DURATION, untilEnd, SECONDS, 's');
    this.tokens = instruments.histogram(GEN_AI_TOKENS, 'Tokens of a call to a model.', TOKENS, '{token}');
    this.tokensSaved = instruments.counter('isartor_tokens_saved_total', 'Tokens that no paid model was asked for.');
    this.usdSaved = instruments.counter(
      'isartor_cost_saved_usd_total',
      'US dollars that were not spent, by the price list.',
    );
    this.usdSpent = instruments.counter(
      'isartor_cost_spent_usd_total',
      'US dollars that providers were paid, by the price list.',
    );
    this.names = new Set([...known, ...Object.keys(PRICES)]);
  }

  call({ provider, operation, model, seconds, usage, error }: MeasuredModelCall): void {
    const labels = {
      [GEN_AI_OPERATION]: genAiOperation(operation),
      [GEN_AI_PROVIDER]: this.providers.label(provider),
      [GEN_AI_MODEL]: this.modelLabel(model),
    };
    const key = Object.values(labels).join(' ');
    const type = error === undefined ? undefined : errorLabel(error);
    const withError = () => (type === undefined ? labels : { ...labels, [ERROR_TYPE]: type });
    this.durations.record(`${key} ${type ?? ''}`, withError, seconds);
    if (usage === null) return;
    const counts = { [GEN_AI_INPUT]: usage.input, [GEN_AI_OUTPUT]: usage.output };
    for (const [kind, count] of Object.entries(counts)) {
      this.tokens.record(`${key} ${kind}`, () => ({ ...labels, [GEN_AI_TOKEN_TYPE]: kind }), count);
    }
  }

  saved({ layer, usd, usage }: Saving): void {
    this.tokensSaved.add(this.keys.of(layer, 'input'), () => ({ layer, type: 'input' }), usage.input);
    this.tokensSaved.add(this.keys.of(layer, 'output'), () => ({ layer, type: 'output' }), usage.output);
    this.usdSaved.add(layer, () => ({ layer }), usd);
  }

  spent({ layer, usd, ...call }: Spending): void {
    const provider = this.providers.label(call.provider);
    const model = this.modelLabel(call.model);
    this.usdSpent.add(`${layer} ${provider} ${model}`, () => ({ layer, provider, model }), usd);
  }

  /** What a caller names freely has no series of its own. */
  private modelLabel(model: string): string {
    return this.names.has(model) ? model : OTHER;
  }
}

/** A code of ours, or a status by its class: each has a whole histogram of its own. */
function errorLabel(error: string): string {
  if (Object.hasOwn(ERROR_CODES, error) || error === 'aborted' || error === '429') return error;
  return /^[45]\d\d$/.test(error) ? `${error[0]}xx` : OTHER;
}
