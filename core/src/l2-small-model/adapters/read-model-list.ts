import { isJsonArray, isJsonObject, type JsonObject } from '@isartor/shared';
import type { ServedModel } from '../model-backend.port.ts';

/** The models in an answer to `GET /v1/models`; `contextOf` finds a server's own word on the context's length. */
export function readModelList(
  answer: JsonObject,
  contextOf: (model: JsonObject) => unknown,
): readonly ServedModel[] | undefined {
  const list = answer['data'];
  if (!isJsonArray(list)) return undefined;
  return list.flatMap((model) => {
    if (!isJsonObject(model)) return [];
    const name = model['id'];
    return typeof name === 'string' ? [{ name, contextTokens: tokensOf(contextOf(model)) }] : [];
  });
}

/** A number of tokens, where it is one. */
export function tokensOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
