import type { EndedSpan, SpanAttributes } from './request-trace.ts';

/** OTLP's status code of what failed. */
const STATUS_ERROR = 2;
/** Of this process: it says who it is by its name alone. */
const RESOURCE = { attributes: attributeList({ 'service.name': 'isartor-edge', 'service.namespace': 'isartor' }) };

/** Spans as a collector takes them over HTTP. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function otlpJson(spans: readonly EndedSpan[]): string {
  const scopeSpans = [{ scope: { name: 'isartor' }, spans: spans.map(otlpSpan) }];
  return JSON.stringify({ resourceSpans: [{ resource: RESOURCE, scopeSpans }] });
}

function otlpSpan(span: EndedSpan): object {
  const { traceId, spanId, parentSpanId, name, kind } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind,
    startTimeUnixNano: nanoseconds(span.beganAt),
    endTimeUnixNano: nanoseconds(span.endedAt),
    attributes: attributeList(span.attributes),
    ...(span.failed ? { status: { code: STATUS_ERROR } } : {}),
  };
}

function attributeList(attributes: SpanAttributes): object[] {
  const known = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null);
  return known.map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: SpanAttributes[string]): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { stringValue: String(value) };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Too large for a number; JSON has it as text. */
function nanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms * 1000))}000`;
}
