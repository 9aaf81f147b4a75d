import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import type { JsonObject, SseEvent } from '@isartor/shared';

/** What a model is asked, in the form of no dialect: the AI SDK's. How it is carried is left out. */
export type ModelCall = Omit<LanguageModelV4CallOptions, 'abortSignal' | 'headers' | 'includeRawChunks'>;

/** A whole answer, in the form of no dialect. */
export type ModelAnswer = Pick<
  LanguageModelV4GenerateResult,
  'content' | 'finishReason' | 'usage' | 'providerMetadata' | 'response'
>;

/**
 * A piece of a streamed answer. Errors, warnings and pings never reach a surface: whoever reads the model's stream
 * deals with them.
 */
export type ModelPart = Exclude<LanguageModelV4StreamPart, { type: 'error' | 'ping' | 'raw' | 'stream-start' }>;

/** What an answer is labelled with. */
export interface AnswerLabel {
  /** Of the answer, where its dialect has one: unique, without a prefix. */
  readonly id: string;
  /** The model that was asked; a name in the answer's own metadata goes before it. */
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdSecs: number;
  /** The tools that were offered: calls of some are told otherwise than they were made. Default: none. */
  readonly tools?: ModelCall['tools'] | undefined;
}

/** A stream of an answer in one dialect, made piece by piece. */
export interface StreamWriter {
  /** The events that a piece leads to; after `finish` the stream is whole, its closing events included. */
  write(part: ModelPart): readonly SseEvent[];
}

/** One dialect's requests and answers, for a model that speaks another dialect. */
export interface Surface {
  /**
   * What a request asks of a model. Throws a GatewayError `invalid_request` that names the field (`param`) which has no
   * counterpart in that form, or is not as its dialect demands: nothing is dropped that could change the answer.
   */
  readRequest(body: JsonObject): ModelCall;
  /** The plain answer; its usage is always told. */
  writeAnswer(answer: ModelAnswer, label: AnswerLabel): JsonObject;
  /** The streamed answer; its usage is always told. */
  writeStream(label: AnswerLabel): StreamWriter;
  /** What a field of the neutral call is called in this dialect, for messages. */
  readonly fieldNames: Readonly<Partial<Record<keyof ModelCall, string>>>;
}
