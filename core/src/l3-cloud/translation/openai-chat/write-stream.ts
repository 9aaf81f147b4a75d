import { SSE_DONE, type JsonObject, type SseEvent } from '@isartor/shared';
import { UrlCitations } from '../openai/url-citations.ts';
import { thoughtSignature } from '../neutral/reasoning-seal.ts';
import type { AnswerLabel, ModelPart, StreamWriter } from '../surface.port.ts';
import { GrowingThoughts } from './growing-thoughts.ts';
import { annotationsOf, endedWhole, finishReasonOf, headOf, imageOf, signed, usageOf } from './answer-members.ts';
import { ToolCallDeltas } from './tool-call-deltas.ts';

type Finish = Extract<ModelPart, { type: 'finish' }>;

/** A streamed chat completion with one choice: its chunks add up to the plain one. */
export function writeStream(label: AnswerLabel): StreamWriter {
  return new ChatStream(label);
}

class ChatStream implements StreamWriter {
  #label: AnswerLabel;
  #hasBegun = false;
  #textLength = 0;
  #textSignature: string | undefined;
  readonly #images: JsonObject[] = [];
  /** Where the text of each open block begins. */
  readonly #blocks = new Map<string, number>();
  readonly #citations = new UrlCitations();
  readonly #thoughts = new GrowingThoughts();
  readonly #calls = new ToolCallDeltas();

  constructor(label: AnswerLabel) {
    this.#label = label;
  }

  write(part: ModelPart): readonly SseEvent[] {
    if (part.type === 'finish') return this.#finished(part);
    const deltas = this.#deltasOf(part);
    if (deltas.length === 0) return [];
    return [...this.#begun(), ...deltas.map((delta) => this.#chunk([choice(delta, null)]))];
  }

  /** What a piece adds to the message. */
  #deltasOf(part: Exclude<ModelPart, Finish>): JsonObject[] {
    switch (part.type) {
      case 'response-metadata':
        this.#label = { ...this.#label, model: part.modelId ?? this.#label.model };
        return [];
      case 'text-start':
      case 'text-delta':
      case 'text-end':
        return this.#textDeltas(part);
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#thoughts.deltasOf(part);
      case 'tool-input-start':
      case 'tool-input-delta':
      case 'tool-input-end':
      case 'tool-call':
        return this.#calls.of(part);
      case 'source':
        this.#citations.add(part);
        return [];
      case 'file':
        this.#images.push(...imageOf(part));
        return [];
      case 'tool-result':
      case 'tool-approval-request':
      case 'reasoning-file':
      case 'custom':
        // What a provider did by itself is told by its answer: the dialect has no place for it.
        return [];
      default:
        return part satisfies never;
    }
  }

  #textDeltas(part: Extract<ModelPart, { type: `text-${string}` }>): JsonObject[] {
    this.#textSignature = thoughtSignature(part.providerMetadata) ?? this.#textSignature;
    switch (part.type) {
      case 'text-start':
        this.#blocks.set(part.id, this.#textLength);
        return [];
      case 'text-delta':
        this.#textLength += part.delta.length;
        return part.delta === '' ? [] : [{ content: part.delta }];
      case 'text-end': {
        const start = this.#blocks.get(part.id) ?? this.#textLength;
        this.#blocks.delete(part.id);
        this.#citations.cite(part.citations ?? [], { start, end: this.#textLength });
        return [];
      }
      default:
        return part satisfies never;
    }
  }

  /** The first chunk tells who speaks. */
  #begun(): SseEvent[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    return [this.#chunk([choice({ role: 'assistant', content: null, refusal: null }, null)])];
  }

  #finished({ finishReason, usage }: Finish): SseEvent[] {
    const last = {
      ...this.#thoughts.details,
      ...signed(this.#textSignature),
      ...(this.#images.length > 0 && { images: this.#images }),
      ...annotationsOf(this.#citations.of({ start: 0, end: this.#textLength })),
    };
    const counts = usageOf(usage);
    const missing = endedWhole(finishReason.unified) ? this.#calls.missing : [];
    return [
      ...this.#begun(),
      ...missing.map((delta) => this.#chunk([choice(delta, null)])),
      ...(Object.keys(last).length === 0 ? [] : [this.#chunk([choice(last, null)])]),
      this.#chunk([choice({}, finishReasonOf(finishReason.unified))]),
      ...('usage' in counts ? [this.#chunk([], counts)] : []),
      { data: SSE_DONE },
    ];
  }

  #chunk(choices: readonly JsonObject[], counts: JsonObject = {}): SseEvent {
    return { data: JSON.stringify({ ...headOf(this.#label, 'chat.completion.chunk'), choices, ...counts }) };
  }
}

function choice(delta: JsonObject, finish_reason: string | null): JsonObject {
  return { index: 0, delta, logprobs: null, finish_reason };
}
