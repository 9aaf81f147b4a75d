import type { Operation } from '@isartor/shared';

/** One call to a provider. */
export interface ProviderCall {
  readonly operation: Operation;
  readonly body: Uint8Array;
  /** '' or '?…', already checked against the operation's allow-list. */
  readonly query: string;
  /** The client's headers that may pass. */
  readonly headers: readonly (readonly [string, string])[];
  readonly stream: boolean;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** What a provider said: as soon as its headers are in. */
export interface ProviderReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as it arrives; leaving it early aborts the call. It throws a GatewayError when the transfer breaks. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the call up without reading the rest. */
  abandon(): void;
}

/** A cloud model. */
export interface Provider {
  /** As in `x-isartor-provider`. */
  readonly name: string;
  /** The model for requests that name none. */
  readonly defaultModel: string;
  /** May a streamed request ask for `stream_options.include_usage`? */
  readonly asksUsage: boolean;
  /** Its share of the first choice among providers; undefined or 0: it is only asked after others. */
  readonly weight?: number | undefined;
  /** How long one call may wait for its first byte, in ms; undefined: as long as the request has time. */
  readonly firstByteMs?: number | undefined;
  /** Throws a GatewayError when there is no reply: unreachable, too late, or not HTTP. */
  call(call: ProviderCall): Promise<ProviderReply>;
  /** Names of the models it serves; throws when it does not say. */
  listModels(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Token of the providers in use, in the order in which they are asked; at least one. */
export const Providers = Symbol('Providers');
