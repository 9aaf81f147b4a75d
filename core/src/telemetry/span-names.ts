/** The attributes of our own that spans have; all others are OpenTelemetry's semantic conventions. */
export const ISARTOR_ATTR = {
  /** The layer that answered the request. */
  layer: 'isartor.layer',
  /** A 2xx from l1a, l1b or l2. */
  deflected: 'isartor.deflected',
  tenant: 'isartor.tenant',
  stream: 'isartor.stream',
  outcome: 'isartor.outcome',
  /** What a layer made of the request, and why. */
  verdict: 'isartor.verdict',
  reason: 'isartor.reason',
  similarity: 'isartor.similarity',
  /** The layer whose answer a layer passed on. */
  answeredBy: 'isartor.answered_by',
} as const;
