import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { sealOf } from '../neutral/reasoning-seal.ts';
import { added, done, type GrowingItem, type ItemEvent } from './item-event.ts';
import { sealedText } from './seal-text.ts';

/** Thoughts of an output: their text is its summary, what their provider needs to see again its sealed content. */
export class GrowingThoughts implements GrowingItem {
  readonly index: number;
  readonly #id: string;
  #text = '';
  #metadata: SharedV4ProviderMetadata = {};

  constructor(id: string, index: number) {
    this.#id = id;
    this.index = index;
  }

  begin(): ItemEvent {
    return added(this.index, { id: this.#id, type: 'reasoning', summary: [] });
  }

  take(metadata: SharedV4ProviderMetadata | undefined): void {
    this.#metadata = { ...this.#metadata, ...metadata };
  }

  addText(delta: string): ItemEvent[] {
    if (delta === '') return [];
    const isFirst = this.#text === '';
    this.#text += delta;
    const piece: ItemEvent = ['response.reasoning_summary_text.delta', { ...this.#place(), delta }];
    return isFirst
      ? [['response.reasoning_summary_part.added', { ...this.#place(), part: summary('') }], piece]
      : [piece];
  }

  close(): ItemEvent[] {
    const end = done(this.index, this.whole);
    if (this.#text === '') return [end];
    return [
      ['response.reasoning_summary_text.done', { ...this.#place(), text: this.#text }],
      ['response.reasoning_summary_part.done', { ...this.#place(), part: summary(this.#text) }],
      end,
    ];
  }

  get whole(): JsonObject {
    const seal = sealOf(this.#metadata);
    return {
      id: this.#id,
      type: 'reasoning',
      summary: this.#text === '' ? [] : [summary(this.#text)],
      ...(seal !== undefined && { encrypted_content: sealedText({ on: 'thoughts', seal }) }),
    };
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.index, summary_index: 0 };
  }
}

function summary(text: string): JsonObject {
  return { type: 'summary_text', text };
}
