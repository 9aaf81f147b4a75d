import type { LanguageModelV4Citation, LanguageModelV4Source } from '@ai-sdk/provider';

/** A place in an answer's text that a page supports; offsets in UTF-16 units, the end not included. */
export interface UrlCitation {
  readonly url: string;
  readonly title: string;
  readonly start_index: number;
  readonly end_index: number;
}

/** A stretch of an answer's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What an answer's text is supported by. Documents have no counterpart among OpenAI's annotations of a text. */
export class UrlCitations {
  readonly #cited: UrlCitation[] = [];
  readonly #sources = new Map<string, string>();

  /** Takes what supports one block of the text, which lies at `block`. */
  cite(citations: readonly LanguageModelV4Citation[], block: Span): void {
    for (const { source, startIndex, endIndex } of citations) {
      if (source.sourceType !== 'url') continue;
      const start_index = block.start + (startIndex ?? 0);
      const end_index = endIndex === undefined ? block.end : block.start + endIndex;
      this.#cited.push({ url: source.url, title: source.title ?? '', start_index, end_index });
    }
  }

  /** Takes a source of the answer as a whole. */
  add(source: LanguageModelV4Source): void {
    if (source.sourceType === 'url') this.#sources.set(source.url, source.title ?? '');
  }

  /** All of them: what no place cites supports the whole text. */
  of(whole: Span): UrlCitation[] {
    const cited = new Set(this.#cited.map(({ url }) => url));
    const others = [...this.#sources].filter(([url]) => !cited.has(url));
    return [
      ...this.#cited,
      ...others.map(([url, title]) => ({ url, title, start_index: whole.start, end_index: whole.end })),
    ];
  }
}
