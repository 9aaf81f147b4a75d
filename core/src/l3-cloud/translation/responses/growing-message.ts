import type { LanguageModelV4Source } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { UrlCitations } from '../openai/url-citations.ts';
import type { ModelPart } from '../surface.port.ts';
import { added, done, type GrowingItem, type ItemEvent, type ItemStatus } from './item-event.ts';

type TextEnd = Extract<ModelPart, { type: 'text-end' }>;

interface OpenText {
  text: string;
  readonly citations: UrlCitations;
}

/** A message of an output: one part for each block of text. */
export class GrowingMessage implements GrowingItem {
  readonly index: number;
  readonly #id: string;
  readonly #content: JsonObject[] = [];
  #open: OpenText | undefined;
  #status: ItemStatus = 'completed';

  constructor(id: string, index: number) {
    this.#id = id;
    this.index = index;
  }

  begin(): ItemEvent {
    return added(this.index, { ...this.#head('in_progress'), content: [] });
  }

  /** Opens a part; the one before is whole then. */
  beginText(): ItemEvent[] {
    const before = this.#closeText();
    this.#open = { text: '', citations: new UrlCitations() };
    return [...before, ['response.content_part.added', { ...this.#place(), part: textPart('', []) }]];
  }

  addText(delta: string): ItemEvent[] {
    if (this.#open === undefined || delta === '') return [];
    this.#open.text += delta;
    return [['response.output_text.delta', { ...this.#place(), delta, logprobs: [] }]];
  }

  /** Takes what supports the part. It is told when the part is whole: sources may follow. */
  cite({ citations }: Pick<TextEnd, 'citations'>): void {
    this.#open?.citations.cite(citations ?? [], { start: 0, end: this.#open.text.length });
  }

  addSource(source: LanguageModelV4Source): void {
    this.#open?.citations.add(source);
  }

  close(status: ItemStatus): ItemEvent[] {
    this.#status = status;
    return [...this.#closeText(), done(this.index, this.whole)];
  }

  get whole(): JsonObject {
    return { ...this.#head(this.#status), content: this.#content };
  }

  #closeText(): ItemEvent[] {
    if (this.#open === undefined) return [];
    const { text, citations } = this.#open;
    const place = this.#place();
    const annotations = citations
      .of({ start: 0, end: text.length })
      .map((citation): JsonObject => ({ type: 'url_citation', ...citation }));
    const part = textPart(text, annotations);
    this.#content.push(part);
    this.#open = undefined;
    return [
      ...annotations.map((annotation, annotation_index): ItemEvent => [
        'response.output_text.annotation.added',
        { ...place, annotation_index, annotation },
      ]),
      ['response.output_text.done', { ...place, text, logprobs: [] }],
      ['response.content_part.done', { ...place, part }],
    ];
  }

  #head(status: string): JsonObject {
    return { id: this.#id, type: 'message', role: 'assistant', status };
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.index, content_index: this.#content.length };
  }
}

function textPart(text: string, annotations: readonly JsonObject[]): JsonObject {
  return { type: 'output_text', text, annotations, logprobs: [] };
}
