import type { JsonValue } from '../json/json-value.ts';

/** Headers of a fake answer. A list gives one header several times. */
export type FakeHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * One step of a streamed answer: a text is the data of one event (`data: …` and its blank line are added), bytes and
 * `raw` are written as they are, `wait` holds the stream until the test lets it go on.
 */
export type FakeStep = string | Uint8Array | { readonly raw: string } | { readonly wait: Promise<unknown> };

/** What a fake upstream does with a request. Each fault of a real one has a kind of its own. */
export type FakeAnswer =
  /** A plain JSON answer: an error is one with a `status` and, say, `retry-after` in the `headers`. */
  | { readonly kind: 'json'; readonly status?: number; readonly headers?: FakeHeaders; readonly body: JsonValue }
  /** Any text under any content type: JSON that is broken, an HTML page of a proxy, an empty body. */
  | { readonly kind: 'text'; readonly status?: number; readonly headers?: FakeHeaders; readonly body: string }
  /** An SSE stream. `end`: `done` closes it as it should be (the default), `cut` breaks the connection. */
  | {
      readonly kind: 'stream';
      readonly status?: number;
      readonly headers?: FakeHeaders;
      readonly steps: Iterable<FakeStep> | AsyncIterable<FakeStep>;
      readonly end?: 'done' | 'cut';
    }
  /** Accepts the request and says nothing, ever. */
  | { readonly kind: 'stall' }
  /** Resets the connection without a byte. */
  | { readonly kind: 'refuse' }
  /** A response header that never ends. */
  | { readonly kind: 'endless-header' }
  /** A body that never ends, JSON so far, as fast as the reader takes it. */
  | { readonly kind: 'endless-body'; readonly headers?: FakeHeaders };

/** A request as it came in. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with its query string. */
  readonly url: string;
  /** Path without it. */
  readonly path: string;
  /** Lower-case names; a header that came twice is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  /** The body as JSON; throws where it is none. */
  json(): JsonValue;
  /** Resolves when the caller goes away before the answer was sent whole. */
  readonly aborted: Promise<void>;
  /** Resolves when the answer was sent whole, or the connection is gone. */
  readonly closed: Promise<void>;
}
