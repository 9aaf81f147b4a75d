import { GatewayError, isJsonObject, parseJson, scanJson, type JsonObject, type JsonValue } from '@isartor/shared';

/**
 * A request body to the gateway itself, read by the rules that hold for all bodies. `form` is shown where it is no
 * object. Throws GatewayError.
 */
export function readJsonBody(body: unknown, form: string): JsonObject {
  if (!(body instanceof Uint8Array) || body.byteLength === 0) throw invalidField('body', 'is missing');
  scanJson(body);
  let value: JsonValue;
  try {
    value = parseJson(new TextDecoder().decode(body));
  } catch {
    throw new GatewayError('invalid_json', 'The body is not JSON.');
  }
  if (!isJsonObject(value)) throw invalidField('body', `must be an object: ${form}`);
  return value;
}

/** Throws GatewayError naming a member that is none of `names`. */
export function refuseUnknownFields(value: JsonObject, names: readonly string[]): void {
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw invalidField(unknown.slice(0, 64), `is not known here; there are: ${names.join(', ')}`);
}

/** The error for a field, by its name. */
export function invalidField(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', `\`${param}\` ${problem}.`, { param });
}
