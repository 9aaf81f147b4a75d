import { invalidField, readJsonBody, refuseUnknownFields } from '../read-json-body.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** A report: this stored answer was wrong. */
export interface FeedbackRequest {
  /** Digest of the entry, as `x-isartor-entry` told it. */
  readonly entry: string;
}

/** Reads `{"entry","wrong":true}`. Throws GatewayError naming the field. */
export function readFeedback(body: unknown): FeedbackRequest {
  const value = readJsonBody(body, '{"entry": "…", "wrong": true}');
  refuseUnknownFields(value, ['entry', 'wrong']);
  const { entry, wrong } = value;
  if (entry === undefined) throw invalidField('entry', 'is missing');
  if (typeof entry !== 'string' || !DIGEST.test(entry)) {
    throw invalidField('entry', 'must be the 64 hex digits of x-isartor-entry');
  }
  if (wrong !== true) throw invalidField('wrong', 'must be true: nothing else can be reported');
  return { entry };
}
