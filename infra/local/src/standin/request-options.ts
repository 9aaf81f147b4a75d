import { sha256Hex } from './seeded.ts';
import { isObject, stableJson, type JsonObject } from './json.ts';
import { StandinError } from './standin-error.ts';

/** The model's name where the request names none. */
export const STANDIN_MODEL = 'isartor-standin';

const MOST_CHOICES = 128;
/** 2026-01-01T00:00:00Z. */
const CREATED_FROM = 1_767_225_600;
const YEAR_SECS = 31_536_000;

/** What chat and completions requests have in common. */
export interface RequestOptions {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly choices: number;
  readonly stop: readonly string[];
  readonly maxTokens: number | undefined;
  /** Equal for requests that differ at most in how the answer is delivered. */
  readonly seed: string;
  readonly created: number;
}

/** @throws StandinError 400, or 404 for a model whose name begins with `missing-` */
export function readOptions(body: JsonObject): RequestOptions {
  const { stream: _stream, stream_options: streamOptions, ...meaning } = body;
  const seed = sha256Hex(stableJson(meaning));
  return {
    model: readModel(body['model']),
    stream: body['stream'] === true,
    includeUsage: isObject(streamOptions) && streamOptions['include_usage'] === true,
    choices: readWhole(body, 'n', 1, MOST_CHOICES) ?? 1,
    stop: readStop(body['stop']),
    maxTokens: readWhole(body, 'max_completion_tokens', 1) ?? readWhole(body, 'max_tokens', 1),
    seed,
    created: CREATED_FROM + (Number.parseInt(seed.slice(0, 8), 16) % YEAR_SECS),
  };
}

/** The asked model, under its own name: the stand-in plays any. */
export function readModel(model: unknown): string {
  if (model === undefined || model === null || model === '') return STANDIN_MODEL;
  if (typeof model !== 'string') {
    throw new StandinError(400, "Invalid type for 'model': expected a string.", { param: 'model' });
  }
  if (model.startsWith('missing-')) {
    const message = `The model '${model}' does not exist or you do not have access to it.`;
    throw new StandinError(404, message, { param: 'model', code: 'model_not_found' });
  }
  return model;
}

/** A whole number within bounds, or undefined when the field is absent. */
export function readWhole(
  body: JsonObject,
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new StandinError(400, `Invalid '${name}': expected a whole number ${range}.`, { param: name });
  }
  return value;
}

function readStop(stop: unknown): readonly string[] {
  if (stop === undefined || stop === null) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  return list.map((one) => {
    if (typeof one === 'string' && one !== '') return one;
    throw new StandinError(400, "Invalid 'stop': expected a string or an array of strings.", { param: 'stop' });
  });
}
