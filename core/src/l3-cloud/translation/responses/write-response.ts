import type { LanguageModelV4Content, LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { JsonObject, SseEvent } from '@isartor/shared';
import { tokenCounts } from '../neutral/token-counts.ts';
import type { AnswerLabel, ModelAnswer, ModelPart, StreamWriter } from '../surface.port.ts';
import { GrowingOutput, type OutputPart } from './growing-output.ts';
import type { ItemEvent } from './item-event.ts';

type Finish = Extract<ModelPart, { type: 'finish' }>;
type Ending = Pick<Finish, 'finishReason' | 'usage'>;

/** A plain response: what its stream would have added up to. */
export function writeAnswer(answer: ModelAnswer, label: AnswerLabel): JsonObject {
  const output = new GrowingOutput(label);
  for (const [position, part] of answer.content.entries()) {
    for (const piece of piecesOf(part, String(position))) output.add(piece);
  }
  const { modelId } = answer.response ?? {};
  return finished(answer, output, { ...label, model: modelId ?? label.model }).response;
}

/** A streamed response: its last event says it whole. */
export function writeStream(label: AnswerLabel): StreamWriter {
  return new ResponseStream(label);
}

class ResponseStream implements StreamWriter {
  #label: AnswerLabel;
  readonly #output: GrowingOutput;
  #hasBegun = false;
  #count = 0;

  constructor(label: AnswerLabel) {
    this.#label = label;
    this.#output = new GrowingOutput(label);
  }

  write(part: ModelPart): readonly SseEvent[] {
    switch (part.type) {
      case 'response-metadata':
        this.#label = { ...this.#label, model: part.modelId ?? this.#label.model };
        return [];
      case 'finish': {
        const { events, response } = finished(part, this.#output, this.#label);
        const end = response['status'] === 'completed' ? 'response.completed' : 'response.incomplete';
        return this.#numbered([...this.#begun(), ...events, [end, { response }]]);
      }
      default:
        return this.#numbered([...this.#begun(), ...this.#output.add(part)]);
    }
  }

  #begun(): ItemEvent[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    const response = responseOf(this.#label, { status: 'in_progress', output: [], usage: null });
    return [
      ['response.created', { response }],
      ['response.in_progress', { response }],
    ];
  }

  #numbered(events: readonly ItemEvent[]): SseEvent[] {
    return events.map(([type, members]) => {
      const data = JSON.stringify({ type, ...members, sequence_number: this.#count });
      this.#count += 1;
      return { event: type, data };
    });
  }
}

/** A part of a plain answer as a stream would say it. */
function piecesOf(part: LanguageModelV4Content, id: string): OutputPart[] {
  switch (part.type) {
    case 'text': {
      const { text, providerMetadata, citations } = part;
      return [
        { type: 'text-start', id },
        { type: 'text-delta', id, delta: text, ...(providerMetadata && { providerMetadata }) },
        { type: 'text-end', id, ...(citations && { citations }) },
      ];
    }
    case 'reasoning': {
      const { text, providerMetadata } = part;
      return [
        { type: 'reasoning-start', id, ...(providerMetadata && { providerMetadata }) },
        { type: 'reasoning-delta', id, delta: text },
        { type: 'reasoning-end', id },
      ];
    }
    default:
      return [part];
  }
}

/** The last events of the output, and the whole response. */
function finished(
  { finishReason, usage }: Ending,
  output: GrowingOutput,
  label: AnswerLabel,
): { readonly events: ItemEvent[]; readonly response: JsonObject } {
  const reason = incompleteReason(finishReason.unified);
  const status = reason === undefined ? 'completed' : 'incomplete';
  const events = output.close(status);
  const response = responseOf(label, {
    status,
    output: output.items,
    usage: usageOf(usage),
    ...(reason !== undefined && { incomplete_details: { reason } }),
  });
  return { events, response };
}

/** Why an answer is not whole. What ended for no good reason must not read as whole, and the dialect has two words for that. */
function incompleteReason(unified: LanguageModelV4FinishReason['unified']): string | undefined {
  switch (unified) {
    case 'stop':
    case 'tool-calls':
      return undefined;
    case 'length':
    case 'interrupted':
      return 'max_output_tokens';
    case 'content-filter':
    case 'error':
    case 'other':
      return 'content_filter';
    default:
      return unified satisfies never;
  }
}

/** Null where the provider does not count. */
function usageOf(usage: LanguageModelV4Usage): JsonObject | null {
  const counts = tokenCounts(usage);
  if (counts === undefined) return null;
  return {
    input_tokens: counts.input,
    input_tokens_details: { cached_tokens: counts.cachedInput },
    output_tokens: counts.output,
    output_tokens_details: { reasoning_tokens: counts.reasoning },
    total_tokens: counts.input + counts.output,
  };
}

/** A response; what it repeats of the request stands at what OpenAI says where nothing is asked. */
function responseOf({ id, model, createdSecs }: AnswerLabel, members: JsonObject): JsonObject {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: createdSecs,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    ...members,
  };
}
