import type { JsonObject } from '@isartor/shared';
import type { Generated } from './chat-answer.ts';
import { historyOf, type ChatQuestion } from './chat-question.ts';
import {
  importLlamaLibrary,
  type ChatItem,
  type LlamaChat,
  type LlamaModel,
  type LlamaSequence,
} from './llama-library.ts';
import { prefill } from './prefill.ts';
import { Slots } from './slots.ts';

/** What is loaded, and how. */
export interface EmbeddedModelOptions {
  /** URL of the library's module. */
  readonly libraryUrl: string;
  /** A GGUF file. */
  readonly modelFile: string;
  readonly gpu: boolean;
  /** Undefined: the library's own choice. */
  readonly threads: number | undefined;
  /** Of one conversation, prompt and answer together; never more than the model was trained with. */
  readonly contextTokens: number;
  /** Conversations at a time. */
  readonly parallel: number;
}

interface Slot {
  readonly chat: LlamaChat;
  readonly sequence: LlamaSequence;
}

/** Requests that wait for a slot; one more is refused. */
const LONGEST_LINE = 32;

/** A prompt that leaves no room for an answer. */
export class ContextOverflow extends Error {
  constructor(
    readonly promptTokens: number,
    readonly contextTokens: number,
  ) {
    super(`request (${promptTokens} tokens) exceeds the available context size (${contextTokens} tokens)`);
  }
}

/** llama.cpp with its weights in memory. It computes on threads of its own. */
export class LoadedModel {
  private constructor(
    private readonly model: LlamaModel,
    /** Tokens of one conversation. */
    readonly contextTokens: number,
    readonly slots: Slots<Slot>,
    private readonly dispose: () => Promise<void>,
  ) {}

  static async load(options: EmbeddedModelOptions): Promise<LoadedModel> {
    const { gpu, modelFile, threads, parallel } = options;
    const library = await importLlamaLibrary(options.libraryUrl);
    const llama = await library.getLlama({
      gpu: gpu ? 'auto' : false,
      build: 'never',
      logLevel: 'error',
      progressLogs: false,
      skipDownload: true,
    });
    const model = await llama.loadModel({ modelPath: modelFile });
    const context = await model.createContext({
      contextSize: Math.min(options.contextTokens, model.trainContextSize),
      sequences: parallel,
      ...(threads === undefined ? {} : { threads }),
    });
    const slots = Array.from({ length: parallel }, () => {
      const sequence = context.getSequence();
      return { sequence, chat: new library.LlamaChat({ contextSequence: sequence }) };
    });
    return new LoadedModel(model, context.contextSize, new Slots(slots, LONGEST_LINE), () => llama.dispose());
  }

  /** Answers, and tells the text as it comes. Throws ContextOverflow, or the signal's reason. */
  async generate(question: ChatQuestion, signal: AbortSignal, onText: (text: string) => void): Promise<Generated> {
    const { history, frequencyPenalty, presencePenalty } = question;
    return this.withSlot(signal, async ({ chat, sequence }) => {
      const prompt = this.tokensOf(chat, history);
      const promptTokens = prompt.length;
      // The library would forget the beginning of the conversation without a word.
      const room = this.contextTokens - promptTokens - 1;
      if (room < 1) throw new ContextOverflow(promptTokens, this.contextTokens);
      // The last one is left to the library, which needs one to begin with.
      await prefill(sequence, prompt.slice(0, -1), signal);
      let completionTokens = 0;
      const { response, metadata } = await chat.generateResponse(history, {
        maxTokens: Math.max(1, Math.min(room, question.maxTokens ?? room)),
        temperature: question.temperature,
        topP: question.topP,
        ...(question.seed === undefined ? {} : { seed: question.seed }),
        repeatPenalty:
          frequencyPenalty === 0 && presencePenalty === 0 ? false : { penalty: 1, frequencyPenalty, presencePenalty },
        customStopTriggers: question.stop,
        signal,
        stopOnAbortSignal: true,
        onTextChunk: onText,
        onToken: (tokens) => void (completionTokens += tokens.length),
      });
      signal.throwIfAborted();
      const finish = metadata.stopReason === 'maxTokens' ? 'length' : 'stop';
      return { text: response, finish, promptTokens, completionTokens };
    });
  }

  /** The probability of the first label against the second as the answer's first token; undefined where neither is one. */
  async labelProbability(
    messages: readonly JsonObject[],
    labels: readonly [string, string],
    signal: AbortSignal,
  ): Promise<number | undefined> {
    return this.withSlot(signal, async ({ chat, sequence }) => {
      const prompt = [...this.tokensOf(chat, historyOf(messages))];
      if (prompt.length >= this.contextTokens) throw new ContextOverflow(prompt.length, this.contextTokens);
      const last = prompt.pop();
      if (last === undefined) return undefined;
      const [first, second] = [this.labelTokens(labels[0]), this.labelTokens(labels[1])];
      await sequence.clearHistory();
      await prefill(sequence, prompt, signal);
      const evaluated = await sequence.controlledEvaluate([
        [last, { generateNext: { logits: { filter: { tokens: [...first, ...second] } } } }],
      ]);
      signal.throwIfAborted();
      const logits = evaluated.at(-1)?.next?.logits;
      const [a, b] = [massOf(logits, first), massOf(logits, second)];
      return a + b > 0 ? a / (a + b) : undefined;
    });
  }

  close(): Promise<void> {
    return this.dispose();
  }

  private tokensOf(chat: LlamaChat, chatHistory: readonly ChatItem[]): readonly number[] {
    return chat.chatWrapper.generateContextState({ chatHistory }).contextText.tokenize(this.model.tokenizer);
  }

  /** A label as a word's beginning and within a text. */
  private labelTokens(label: string): readonly number[] {
    return [label, ` ${label}`].flatMap((text) => this.model.tokenize(text).at(-1) ?? []);
  }

  private async withSlot<Result>(signal: AbortSignal, work: (slot: Slot) => Promise<Result>): Promise<Result> {
    const slot = await this.slots.take(signal);
    try {
      return await work(slot);
    } finally {
      this.slots.give(slot);
    }
  }
}

function massOf(logits: ReadonlyMap<number, number> | undefined, tokens: readonly number[]): number {
  return [...new Set(tokens)].reduce((sum, token) => sum + Math.exp(logits?.get(token) ?? Number.NEGATIVE_INFINITY), 0);
}
