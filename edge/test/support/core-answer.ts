/** How the core behaves for one request; answers are data, so that tests in workerd can send them. */
export interface CoreAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one by one. */
  readonly chunks?: readonly string[];
  /** Written again and again after the others, every 20 ms, until the client has gone. */
  readonly ticks?: string;
  /** Written after the chunks once the test says so (`/__go/<id>`). */
  readonly onGo?: string;
  /** `end` (default), `hold` the connection open, or `cut` it after the last chunk. */
  readonly ending?: 'end' | 'hold' | 'cut';
  /** No answer at all: `silent` never speaks, `reset` drops the connection at once. */
  readonly instead?: 'silent' | 'reset';
  /** Answers once the test says so (`/__go/<id>`). */
  readonly waitFor?: 'go';
  /** Answers before the body is read. */
  readonly early?: boolean;
}

/** What the core saw of one request. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyLength: number;
  /** The body's beginning. */
  readonly body: string;
}

/** The request header that names the program an answer is taken from. */
export const PROGRAM = 'x-test-program';
