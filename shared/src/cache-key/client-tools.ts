import type { JsonObject, JsonValue } from '../json/json-value.ts';
import type { Operation } from '../operation.ts';

/**
 * Tools that the client runs itself, by their `type`. All others are run by the provider: they act, or they look
 * something up. Anthropic leaves the type out for the caller's own tools, and some of its and OpenAI's own making run at
 * the client all the same.
 */
const OPENAI = /^(?:function|custom)$/;
const RESPONSES = /^(?:function|custom|local_shell|apply_patch|computer_use_preview)$/;
const ANTHROPIC = /^(?:custom|(?:bash|text_editor|computer|computer_toolset|browser_toolset|memory)_\d{8})$/;

/** Whether a tool of a request only asks the client to do something. */
export function isClientTool(operation: Operation, tool: JsonObject): boolean {
  const { type } = tool;
  switch (operation) {
    case 'anthropic.messages':
    case 'anthropic.count_tokens':
      return type === undefined || type === null || isOneOf(ANTHROPIC, type);
    case 'gemini.generate':
      // A tool is named by its one member.
      return Object.keys(tool).every((name) => name === 'functionDeclarations' || name === 'function_declarations');
    case 'openai.responses':
      return isOneOf(RESPONSES, type);
    default:
      return isOneOf(OPENAI, type);
  }
}

function isOneOf(names: RegExp, type: JsonValue | undefined): boolean {
  return typeof type === 'string' && names.test(type);
}
