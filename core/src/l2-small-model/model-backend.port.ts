import type { JsonObject } from '@isartor/shared';
import type { Upstream } from '../upstream/upstream.port.ts';

/** A model as its server names it. */
export interface ServedModel {
  readonly name: string;
  /** Tokens of prompt and answer together; undefined where the server does not tell. */
  readonly contextTokens: number | undefined;
}

/** How much a server has to do, by its own figures; requests of other gateways are in it. */
export interface ServerLoad {
  /** Requests that wait to be begun. */
  readonly queued: number;
  /** How full its cache of attention keys and values is, from 0 to 1; undefined where it does not tell. */
  readonly cacheUse: number | undefined;
}

/** A question with a few answers of one token each. */
export interface LabelQuestion {
  /** A model that the server serves. */
  readonly model: string;
  readonly messages: readonly JsonObject[];
  /** The label whose probability is asked for, and the other one; each a single letter. */
  readonly labels: readonly [string, string];
  readonly requestId: string;
}

/** How a kind of server tells the log probabilities of the tokens that it says. */
export interface LogprobsTold {
  /** The members of a chat request that ask for them, and for as few alternatives as can be. */
  readonly ask: JsonObject;
  /** What a choice has in the place of `logprobs` where nobody asked. */
  readonly otherwise: 'null' | 'nothing';
}

/** One server of the pool. */
export interface ModelBackend extends Upstream {
  /** Its root, without a slash at its end. */
  readonly url: string;
  /** May a streamed request ask for `stream_options.include_usage`? */
  readonly asksUsage: boolean;
  /** Members of a chat request that this kind of server would pass over in silence. */
  readonly ignores: ReadonlySet<string>;
  /** Undefined where it cannot tell log probabilities. */
  readonly logprobs: LogprobsTold | undefined;
  /** `loading`: it runs and does not answer yet. Throws a GatewayError when it is not there. */
  health(signal: AbortSignal): Promise<'ready' | 'loading'>;
  /** Throws a GatewayError when it does not say. */
  servedModels(signal: AbortSignal): Promise<readonly ServedModel[]>;
  /** Undefined where it does not tell. Throws a GatewayError when it does not answer. */
  load(signal: AbortSignal): Promise<ServerLoad | undefined>;
  /**
   * The probability of the first label against the second, by the server's own constrained decoding and log
   * probabilities; undefined where the reply holds neither. Throws a GatewayError when there is no reply.
   */
  labelProbability(question: LabelQuestion, signal: AbortSignal): Promise<number | undefined>;
  close(): Promise<void>;
}
