import { GatewayError, type LayerName } from '@isartor/shared';
import { currentSpan, withinSpan } from '../telemetry/current-span.ts';
import { ISARTOR_ATTR } from '../telemetry/span-names.ts';
import type { Span } from '../telemetry/tracer.port.ts';
import type { Answer } from './answer.ts';
import type { Layer, Next } from './layer.port.ts';
import type { RequestContext, Trail } from './request-context.ts';

/** Runs a layer in a span of its own, with its verdict and the reason for it, where the request is traced. */
export function tracedLayer(layer: Layer, context: RequestContext, next: Next): Promise<Answer> {
  const parent = currentSpan();
  if (!parent.recording) return layer.handle(context, next);
  return inLayerSpan(parent.child(layer.name, 'internal'), layer, context, next);
}

async function inLayerSpan(span: Span, layer: Layer, context: RequestContext, next: Next): Promise<Answer> {
  try {
    const answer = await withinSpan(span, () => layer.handle(context, next));
    span.set({ ...verdictOf(layer.name, context.trail, answer), [ISARTOR_ATTR.answeredBy]: answer.layer });
    return answer;
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : 'internal';
    span.set(verdictOf(layer.name, context.trail, undefined));
    if (context.signal.aborted) span.set({ [ISARTOR_ATTR.reason]: 'left' });
    else span.fail(code);
    throw error;
  } finally {
    span.end();
  }
}

/** Where a layer notes what it made of a request. */
const NOTES: Readonly<Partial<Record<LayerName, (trail: Trail) => string | undefined>>> = {
  l1a: ({ cache }) => cache,
  l1b: ({ semantic }) => semantic,
  l2: ({ route }) => route,
};

/** What the layer noted in the trail, as verdict and reason. The words are those of the response's headers. */
function verdictOf(layer: LayerName, trail: Trail, answer: Answer | undefined) {
  const [verdict, reason] = wordsOf(layer, trail, answer);
  return {
    [ISARTOR_ATTR.verdict]: verdict,
    [ISARTOR_ATTR.reason]: reason,
    [ISARTOR_ATTR.similarity]: layer === 'l1b' ? trail.similarity : undefined,
  };
}

function wordsOf(layer: LayerName, trail: Trail, answer: Answer | undefined): readonly [string, string | undefined] {
  const noted = NOTES[layer]?.(trail);
  if (noted !== undefined) {
    const [verdict = noted, ...reason] = noted.split(/;why=|;|:/);
    return [verdict, reason.length === 0 ? undefined : reason.join(' ')];
  }
  if (answer === undefined) return ['failed', undefined];
  return answer.layer === layer ? ['answered', String(answer.status)] : ['passed', undefined];
}
