import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { OPERATION_SPECS, type Operation, type ProviderDialect } from '../operation.ts';

/**
 * Tools that the client runs itself, by their `type`. All others are run by the provider: they act, or they look
 * something up. Anthropic leaves the type out for the caller's own tools, and has some of its own making that run at the
 * client all the same.
 */
const CLIENT_TOOLS: Readonly<Record<ProviderDialect, (type: JsonValue | undefined) => boolean>> = {
  openai: (type) => type === 'function' || type === 'custom',
  anthropic: (type) =>
    type === undefined ||
    type === null ||
    type === 'custom' ||
    (typeof type === 'string' &&
      /^(?:bash|text_editor|computer|computer_toolset|browser_toolset|memory)_\d{8}$/.test(type)),
};

/** Whether a tool of a request only asks the client to do something. */
export function isClientTool(operation: Operation, tool: JsonObject): boolean {
  return CLIENT_TOOLS[OPERATION_SPECS[operation].providerDialect](tool['type']);
}
