/** Whose fault an error is: it decides between `x-isartor-error`, retry and breaker. */
export type ErrorFault = 'caller' | 'upstream' | 'us';

/** One kind of error. */
export interface ErrorSpec {
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  readonly fault: ErrorFault;
  /** Whether the same request may succeed if it is sent again, unchanged. */
  readonly retryable: boolean;
  /** One line for the reference. */
  readonly doc: string;
}

const CALLER = { type: 'invalid_request_error', fault: 'caller', retryable: false } as const;
const UPSTREAM = { type: 'upstream_error', fault: 'upstream', retryable: true } as const;
const US = { type: 'server_error', fault: 'us', retryable: true } as const;

/** The table of errors: every error that Isartor itself answers with has its row here. */
export const ERROR_CODES = {
  invalid_json: { ...CALLER, status: 400, doc: 'The body is not JSON.' },
  unsafe_json: {
    ...CALLER,
    status: 400,
    doc: 'Two readers could understand the body differently, or it is too costly to parse.',
  },
  invalid_request: { ...CALLER, status: 400, doc: 'The body does not fit the operation; `param` names the field.' },
  invalid_header: {
    ...CALLER,
    status: 400,
    doc: 'A request header has a value that makes no sense; `param` names it.',
  },
  invalid_query: { ...CALLER, status: 400, doc: 'A query parameter is not supported here, or given twice.' },
  invalid_api_key: { ...CALLER, status: 401, doc: 'No key, or one that is unknown or has expired.' },
  conflicting_credentials: { ...CALLER, status: 401, doc: 'The request carries two keys that differ.' },
  layer_not_allowed: {
    ...CALLER,
    type: 'permission_error',
    status: 403,
    doc: 'The key may not use the layer that would have to answer.',
  },
  edge_only: {
    ...CALLER,
    type: 'permission_error',
    status: 403,
    doc: 'This core takes requests from the edge only (ISARTOR__EDGE_ONLY).',
  },
  admin_only: {
    ...CALLER,
    type: 'permission_error',
    status: 403,
    doc: "A tenant's key asks for what only the admin key may.",
  },
  not_found: { ...CALLER, status: 404, doc: 'There is no such route.' },
  api_not_served: {
    ...CALLER,
    status: 404,
    doc: 'No configured provider speaks the API of this route, and requests are not translated into that of another.',
  },
  model_not_found: { ...CALLER, status: 404, doc: 'There is no such model behind this gateway.' },
  entry_not_found: { ...CALLER, status: 404, doc: 'The caller has no stored answer of this digest (any more).' },
  tenant_not_found: { ...CALLER, status: 404, doc: 'No key of this tenant is configured.' },
  method_not_allowed: { ...CALLER, status: 405, doc: 'The route exists for other methods; `Allow` names them.' },
  request_timeout: { ...CALLER, status: 408, retryable: true, doc: 'The request body came too slowly.' },
  body_too_large: { ...CALLER, status: 413, doc: 'The request body is over the limit (10 MiB by default).' },
  unsupported_media_type: { ...CALLER, status: 415, doc: 'The body must be JSON in UTF-8 without a content coding.' },
  rate_limited: {
    ...CALLER,
    type: 'rate_limit_error',
    status: 429,
    retryable: true,
    doc: 'The caller is over a rate limit or a budget; `Retry-After` says when to come back.',
  },
  headers_too_large: { ...CALLER, status: 431, doc: 'The request headers are over the limit (32 KiB by default).' },
  internal: {
    ...US,
    status: 500,
    retryable: false,
    doc: 'A fault of the gateway; the log has it under the request id.',
  },
  upstream_error: { ...UPSTREAM, status: 502, doc: 'The provider failed, or its answer could not be understood.' },
  upstream_unreachable: { ...UPSTREAM, status: 502, doc: 'No connection to the provider could be made.' },
  upstream_refused_us: {
    ...UPSTREAM,
    status: 502,
    retryable: false,
    doc: "The provider refused the gateway's own credentials or account, or redirected it.",
  },
  stream_interrupted: {
    ...UPSTREAM,
    status: 502,
    doc: 'The stream broke after its first byte; what came is not whole.',
  },
  overloaded: { ...US, status: 503, doc: 'Too many requests, or too many bytes of them, are in flight.' },
  unconfirmed: {
    ...US,
    status: 503,
    doc: 'Redis did not confirm a purge, a switch or a report: it may or may not be in force.',
  },
  upstream_timeout: { ...UPSTREAM, status: 504, doc: 'The provider did not answer in time.' },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CODES;
