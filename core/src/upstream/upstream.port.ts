import type { Operation } from '@isartor/shared';

/** One call to a model server. */
export interface UpstreamCall {
  readonly operation: Operation;
  /** The model that is asked. */
  readonly model: string;
  readonly body: Uint8Array;
  /** With the version of the API, where the operation has no path of its own. */
  readonly path?: string | undefined;
  /** '' or '?…', already checked against the operation's allow-list. */
  readonly query: string;
  /** The client's headers that may pass. */
  readonly headers: readonly (readonly [string, string])[];
  readonly stream: boolean;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Called with the first byte of a plain answer by whoever replies only when all of it is in. */
  readonly onFirstByte?: (() => void) | undefined;
}

/** What a model server said: as soon as its headers are in. */
export interface UpstreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as it arrives; leaving it early aborts the call. It throws a GatewayError when the transfer breaks. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the call up without reading the rest. */
  abandon(): void;
  /** Says that the answer is whole, whatever may still come: from here on the call is not measured any more. */
  answered?(): void;
}

/** A server that answers with a model: a cloud provider, or a replica of the small model's pool. */
export interface Upstream {
  /** As in `x-isartor-provider`. */
  readonly name: string;
  /** Throws a GatewayError when there is no reply: unreachable, too late, or not HTTP. */
  call(call: UpstreamCall): Promise<UpstreamReply>;
}
