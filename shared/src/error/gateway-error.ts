import { ERROR_CODES, type ErrorCode, type ErrorFault, type ErrorSpec } from './error-code.ts';

/** What an error says beyond its code and message. */
export interface GatewayErrorOptions {
  /** The request field at fault, such as `messages[0].role`. */
  readonly param?: string | undefined;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSecs?: number | undefined;
  /** Methods that the route knows. */
  readonly allow?: readonly string[] | undefined;
  /** What was thrown, for the log alone. */
  readonly cause?: unknown;
  /** Instead of the table's status: the last answer of a provider, say. */
  readonly status?: number | undefined;
  /** Instead of the table's. */
  readonly retryable?: boolean | undefined;
}

/** An error on its way to the caller: all that follows from its code is decided here, once. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  readonly fault: ErrorFault;
  /** Whether the same request may succeed if it is sent again, unchanged. */
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly retryAfterSecs: number | undefined;
  readonly allow: readonly string[] | undefined;

  /** `message` goes to the caller: what is wrong and what to do, never a secret, a stack or another tenant's text. */
  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const spec: ErrorSpec = ERROR_CODES[code];
    this.code = code;
    this.status = options.status ?? spec.status;
    this.type = spec.type;
    this.fault = spec.fault;
    this.retryable = options.retryable ?? spec.retryable;
    this.param = options.param;
    this.retryAfterSecs = options.retryAfterSecs;
    this.allow = options.allow;
  }
}
