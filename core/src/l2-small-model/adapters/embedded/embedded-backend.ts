import { basename } from 'node:path';
import { GatewayError } from '@isartor/shared';
import type { UpstreamCall, UpstreamReply } from '../../../upstream/upstream.port.ts';
import type { LabelQuestion, ModelBackend, ServedModel, ServerLoad } from '../../model-backend.port.ts';
import { answerEnd, answerPiece, errorAnswer, plainAnswer, type AnswerHead } from './chat-answer.ts';
import { readChatQuestion, type ChatQuestion } from './chat-question.ts';
import { ContextOverflow, LoadedModel, type EmbeddedModelOptions } from './loaded-model.ts';
import { ByteQueue } from './byte-queue.ts';

/** Where it is said to be: within this process. */
export const EMBEDDED_URL = 'embedded://in-process';

/** What a backend in process needs beside its model. */
export interface EmbeddedBackendOptions extends EmbeddedModelOptions {
  /** The name under which the model is served; undefined: its file's. */
  readonly model: string | undefined;
  /** Told why the model cannot be loaded. */
  readonly onFault: (error: unknown) => void;
}

/** llama.cpp in this process, by node-llama-cpp: for one machine. */
export class EmbeddedBackend implements ModelBackend {
  readonly name = 'embedded';
  readonly url = EMBEDDED_URL;
  readonly asksUsage = true;
  readonly ignores: ReadonlySet<string> = new Set();
  /** The library tells none of an answer that it generates. */
  readonly logprobs = undefined;
  private readonly loading: Promise<LoadedModel | undefined>;
  private readonly closing = new AbortController();
  private model: LoadedModel | undefined;
  private isBroken = false;

  /** Begins to load at once. */
  constructor(private readonly options: EmbeddedBackendOptions) {
    this.loading = this.begin();
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const model = this.loaded();
    if (model.slots.isFull) return errorReply(429, 'rate_limit_error', 'Too many requests wait for the model.');
    const question = readChatQuestion(call.body);
    const head = { id: `chatcmpl-${call.requestId}`, model: this.servedName, created: Math.floor(Date.now() / 1_000) };
    const abandon = new AbortController();
    const signal = AbortSignal.any([call.signal, this.closing.signal, abandon.signal]);
    try {
      if (call.stream) return await streamedReply(model, question, head, signal, abandon);
      const generated = await model.generate(question, signal, () => undefined);
      return reply(200, 'application/json', [plainAnswer(head, generated)]);
    } catch (error) {
      if (error instanceof ContextOverflow) return errorReply(400, 'exceed_context_size_error', error.message);
      throw asGatewayError(error, signal);
    }
  }

  health(): Promise<'ready' | 'loading'> {
    if (this.isBroken) return Promise.reject(new GatewayError('upstream_unreachable', 'The model is not loaded.'));
    return Promise.resolve(this.model === undefined ? 'loading' : 'ready');
  }

  servedModels(): Promise<readonly ServedModel[]> {
    return Promise.resolve([{ name: this.servedName, contextTokens: this.model?.contextTokens }]);
  }

  load(): Promise<ServerLoad | undefined> {
    return Promise.resolve({ queued: this.model?.slots.waiting ?? 0, cacheUse: undefined });
  }

  async labelProbability({ messages, labels }: LabelQuestion, parent: AbortSignal): Promise<number | undefined> {
    const signal = AbortSignal.any([parent, this.closing.signal]);
    try {
      return await this.loaded().labelProbability(messages, labels, signal);
    } catch (error) {
      throw asGatewayError(error, signal);
    }
  }

  async close(): Promise<void> {
    this.closing.abort(new GatewayError('upstream_unreachable', 'The process ends.'));
    await (await this.loading)?.close();
  }

  private get servedName(): string {
    return this.options.model ?? basename(this.options.modelFile, '.gguf');
  }

  private async begin(): Promise<LoadedModel | undefined> {
    try {
      this.model = await LoadedModel.load(this.options);
    } catch (error) {
      this.isBroken = true;
      this.options.onFault(error);
    }
    return this.model;
  }

  private loaded(): LoadedModel {
    if (this.model === undefined) throw new GatewayError('upstream_unreachable', 'The model is not loaded.');
    return this.model;
  }
}

/** A reply whose first piece is there: until then a fault can still be told by its status. */
async function streamedReply(
  model: LoadedModel,
  question: ChatQuestion,
  head: AnswerHead,
  signal: AbortSignal,
  abandon: AbortController,
): Promise<UpstreamReply> {
  const queue = new ByteQueue(() => abandon.abort(new GatewayError('internal', 'The answer is not wanted any more.')));
  let isFirst = true;
  const generating = model
    .generate(question, signal, (text) => {
      queue.push(answerPiece(head, text, isFirst));
      isFirst = false;
    })
    .then(
      (generated) => queue.end(answerEnd(head, generated, question.wantsUsage)),
      (error: unknown) => queue.fail(error instanceof ContextOverflow ? error : asGatewayError(error, signal)),
    );
  await queue.begun;
  void generating;
  return reply(200, 'text/event-stream', queue, () => queue.abandon());
}

function errorReply(status: number, type: string, message: string): UpstreamReply {
  return reply(status, 'application/json', [errorAnswer(status, type, message)]);
}

function reply(
  status: number,
  contentType: string,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  abandon: () => void = () => undefined,
): UpstreamReply {
  const chunks = Symbol.asyncIterator in body ? body : asyncOf(body);
  return { status, headers: { 'content-type': contentType }, body: chunks, abandon };
}

async function* asyncOf(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

/** What went wrong, in our errors: a clock that ran out, a client that left, or a fault of the library's. */
function asGatewayError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof GatewayError) return error;
  return new GatewayError('upstream_error', 'The model in this process failed.', { cause: error });
}
