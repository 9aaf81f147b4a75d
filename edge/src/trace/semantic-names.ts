import type * as stable from '@opentelemetry/semantic-conventions';

type Stable = typeof stable;

// OpenTelemetry's names, each held to the generated constant by its type alone: the bundle has none of the others.

export const HTTP_METHOD: Stable['ATTR_HTTP_REQUEST_METHOD'] = 'http.request.method';
export const HTTP_ROUTE: Stable['ATTR_HTTP_ROUTE'] = 'http.route';
export const HTTP_STATUS: Stable['ATTR_HTTP_RESPONSE_STATUS_CODE'] = 'http.response.status_code';
export const ERROR_TYPE: Stable['ATTR_ERROR_TYPE'] = 'error.type';
