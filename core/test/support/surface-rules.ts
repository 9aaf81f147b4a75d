import { aggregateStream, GatewayError, isReplayable, type JsonObject, type Operation } from '@isartor/shared';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ModelAnswer, Surface } from '../../src/l3-cloud/translation/surface.port.ts';
import { anyContent, anyCut, LABEL, modelAnswer, streamOf } from './model-answers.ts';

type End = ModelAnswer['finishReason']['unified'];

const ENDS: readonly End[] = ['stop', 'tool-calls', 'length', 'content-filter', 'error', 'interrupted', 'other'];

/** Whatever a model says, and however it is cut: the stream adds up to the plain answer, which replays. */
export function addsUp(operation: Operation, surface: Surface, ends: readonly End[] = ENDS): void {
  fc.assert(
    fc.property(anyContent, fc.constantFrom(...ends), anyCut, (content, unified, cut) => {
      const answer = modelAnswer(content, unified);
      const plain = surface.writeAnswer(answer, LABEL);
      const writer = surface.writeStream(LABEL);
      const events = streamOf(answer, cut).flatMap((part) => writer.write(part));
      expect(aggregateStream(operation, events)).toEqual(plain);
      expect(isReplayable(operation, plain)).toBe(true);
    }),
  );
}

/** The field that a refusal names, and its words. Throws where nothing is refused. */
export function refusalOf(
  { readRequest }: Pick<Surface, 'readRequest'>,
  body: JsonObject,
): { readonly param: string | undefined; readonly message: string; readonly code: string } {
  try {
    readRequest(body);
  } catch (error) {
    if (error instanceof GatewayError) return { param: error.param, message: error.message, code: error.code };
    throw error;
  }
  throw new TypeError('nothing was refused');
}
