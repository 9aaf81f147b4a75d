import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { encodeSseEvent, GatewayError } from '@isartor/shared';
import type { UpstreamReply } from '../../upstream/upstream.port.ts';
import { streamFault } from './library-fault.ts';
import type { StreamWriter } from './surface.port.ts';

/** How long a provider may still send after its answer's end before its connection is given up, in ms. */
const READ_AWAY_MS = 1_000;

/**
 * A model's stream as the bytes of another dialect's server-sent events, each piece as soon as it is in. Not a generator:
 * one that is left before its first step would not end the model's stream.
 */
export class TranslatedStream implements AsyncIterableIterator<Uint8Array, void, undefined> {
  private readonly encoder = new TextEncoder();
  private readonly reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
  private begun = false;
  private finished = false;
  private ended = false;

  constructor(
    parts: ReadableStream<LanguageModelV4StreamPart>,
    private readonly writer: StreamWriter,
    private readonly reply: Required<Pick<UpstreamReply, 'answered' | 'abandon'>>,
  ) {
    this.reader = parts.getReader();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Throws a GatewayError when the model's stream breaks, or ends before its answer does. */
  async next(): Promise<IteratorResult<Uint8Array, void>> {
    try {
      return await this.step();
    } catch (error) {
      // Nobody returns an iterator that has thrown, and the provider would go on.
      void this.return();
      throw error;
    }
  }

  private async step(): Promise<IteratorResult<Uint8Array, void>> {
    while (!this.finished) {
      const text = this.textOf(await this.read());
      if (text === '') continue;
      this.begun = true;
      return { done: false, value: this.encoder.encode(text) };
    }
    return this.end();
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.finished) return this.end();
    this.reply.abandon();
    await this.reader.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  }

  /** What a provider still sends is not waited for. */
  private end(): IteratorResult<Uint8Array, void> {
    if (!this.ended) {
      this.ended = true;
      this.reply.answered();
      void this.readAway();
    }
    return { done: true, value: undefined };
  }

  /** Most providers end at once, and a connection that has been read to its end serves again. */
  private async readAway(): Promise<void> {
    const giveUp = setTimeout(() => this.reply.abandon(), READ_AWAY_MS);
    try {
      while (!(await this.reader.read()).done);
    } catch {
      // The answer is out: how its connection ends is nobody's concern.
    } finally {
      clearTimeout(giveUp);
    }
  }

  private async read(): Promise<LanguageModelV4StreamPart> {
    const next = await this.reader.read().catch((error: unknown) => {
      throw streamFault(error, this.begun);
    });
    if (next.done) throw notWhole();
    return next.value;
  }

  private textOf(part: LanguageModelV4StreamPart): string {
    switch (part.type) {
      case 'error':
        throw streamFault(part.error, this.begun);
      case 'stream-start':
      case 'raw':
      case 'ping':
        return '';
      case 'finish':
        // The library closes a stream that has merely stopped as if it had ended.
        if (hasStopped(part.finishReason)) throw notWhole();
        this.finished = true;
        return this.written(part);
      default:
        return this.written(part);
    }
  }

  private written(part: Parameters<StreamWriter['write']>[0]): string {
    return this.writer.write(part).map(encodeSseEvent).join('');
  }
}

/** A reason that no provider has given; an answer of OpenAI's responses that ends as it should has none to give. */
function hasStopped({ raw, unified }: LanguageModelV4FinishReason): boolean {
  return raw === undefined && (unified === 'interrupted' || unified === 'other');
}

function notWhole(): GatewayError {
  return new GatewayError('stream_interrupted', 'The provider ended its stream before its answer was whole.');
}
