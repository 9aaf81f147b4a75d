import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { JsonObject, SseEvent } from '@isartor/shared';
import { joinedMetadata } from '../neutral/joined-metadata.ts';
import type { AnswerLabel, ModelPart, StreamWriter } from '../surface.port.ts';
import { answerOf, callPart, filePart, finishReasonOf, textPart, usageOf } from './answer-members.ts';

/** A streamed answer with one candidate: its chunks add up to the plain one. */
export function writeStream(label: AnswerLabel): StreamWriter {
  return new AnswerStream(label);
}

class AnswerStream implements StreamWriter {
  #label: AnswerLabel;
  /** What signs the block that is being told; its end brings it. */
  readonly #metadata = new Map<string, SharedV4ProviderMetadata | undefined>();

  constructor(label: AnswerLabel) {
    this.#label = label;
  }

  write(part: ModelPart): readonly SseEvent[] {
    switch (part.type) {
      case 'response-metadata':
        this.#label = { ...this.#label, model: part.modelId ?? this.#label.model };
        return [];
      case 'text-start':
      case 'reasoning-start':
        this.#metadata.set(part.id, part.providerMetadata);
        return [];
      case 'text-delta':
      case 'reasoning-delta':
        this.#sign(part.id, part.providerMetadata);
        return part.delta === '' ? [] : [this.#chunk([textPart(part.delta, part.type === 'reasoning-delta')])];
      case 'text-end':
      case 'reasoning-end':
        return this.#ended(part);
      case 'tool-call':
        return part.providerExecuted === true ? [] : [this.#chunk([callPart(part)])];
      case 'file':
        return [this.#chunk([filePart(part)])];
      case 'finish':
        return [this.#chunk([], { finishReason: finishReasonOf(part.finishReason.unified) }, usageOf(part.usage))];
      default:
        // A call is told whole; what a provider did by itself is told by its answer.
        return [];
    }
  }

  #sign(id: string, metadata: SharedV4ProviderMetadata | undefined): void {
    this.#metadata.set(id, joinedMetadata(this.#metadata.get(id), metadata));
  }

  #ended(part: Extract<ModelPart, { type: 'text-end' | 'reasoning-end' }>): SseEvent[] {
    this.#sign(part.id, part.providerMetadata);
    const signature = textPart('', part.type === 'reasoning-end', this.#metadata.get(part.id));
    this.#metadata.delete(part.id);
    return signature['thoughtSignature'] === undefined ? [] : [this.#chunk([signature])];
  }

  #chunk(parts: readonly JsonObject[], others: JsonObject = {}, counts: JsonObject = {}): SseEvent {
    return { data: JSON.stringify({ ...answerOf(this.#label, parts, others), ...counts }) };
  }
}
