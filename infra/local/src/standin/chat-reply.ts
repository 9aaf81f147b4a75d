import { answerText } from './answer-text.ts';
import { isObject, type JsonObject } from './json.ts';
import { readChatPrompt, type ChatPrompt } from './prompt.ts';
import { textChoice, usageOf, type Choice, type Reply } from './reply.ts';
import { readOptions, type RequestOptions } from './request-options.ts';
import { schemaValue } from './schema-value.ts';
import { seeded, sha256Hex } from './seeded.ts';
import { StandinError } from './standin-error.ts';

interface FunctionTool {
  readonly name: string;
  readonly parameters: unknown;
}

/**
 * Answers a chat request: a tool call where one is demanded (or the prompt names the tool), JSON that fits where a
 * format is asked for, else some sentences on the prompt's topic.
 * @throws StandinError
 */
export function chatReply(body: JsonObject): { reply: Reply; options: RequestOptions } {
  const prompt = readChatPrompt(body['messages']);
  const options = readOptions(body);
  const tools = readTools(body['tools']);
  const tool = chosenTool(tools, body['tool_choice'], prompt);
  const choices = Array.from({ length: options.choices }, (_, index) => {
    const seed = `${options.seed}:${index}`;
    return tool === undefined ? contentChoice(body, prompt, options, seed) : callChoice(tool, seed);
  });
  const toolTokens = tools.length === 0 ? 0 : Math.ceil(JSON.stringify(body['tools']).length / 4);
  const usage = usageOf(prompt.tokens + toolTokens, choices);
  const id = `chatcmpl-${options.seed.slice(0, 29)}`;
  return { reply: { id, created: options.created, model: options.model, choices, usage }, options };
}

function contentChoice(body: JsonObject, prompt: ChatPrompt, options: RequestOptions, seed: string): Choice {
  const format = body['response_format'];
  const type = isObject(format) ? format['type'] : undefined;
  if (isObject(format) && type === 'json_schema') {
    const named = format['json_schema'];
    if (!isObject(named) || !isObject(named['schema'])) {
      const param = 'response_format.json_schema';
      throw new StandinError(400, `Missing required parameter: '${param}.schema'.`, { param });
    }
    return textChoice(JSON.stringify(schemaValue(named['schema'], seeded(seed))), options);
  }
  const text = answerText(seed, prompt.text);
  const seen = prompt.images === 0 ? '' : ` It saw ${prompt.images === 1 ? 'one image' : `${prompt.images} images`}.`;
  return textChoice(type === 'json_object' ? JSON.stringify({ answer: text + seen }) : text + seen, options);
}

function callChoice(tool: FunctionTool, seed: string): Choice {
  const parameters = tool.parameters ?? { type: 'object', properties: {} };
  const json = JSON.stringify(schemaValue(parameters, seeded(seed)));
  const id = `call_${sha256Hex(seed).slice(0, 24)}`;
  return { tokens: [], toolCall: { id, name: tool.name, arguments: json }, finishReason: 'tool_calls' };
}

function readTools(tools: unknown): readonly FunctionTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools))
    throw new StandinError(400, "Invalid type for 'tools': expected an array.", { param: 'tools' });
  return tools.flatMap((tool: unknown, index): FunctionTool[] => {
    if (isObject(tool) && tool['type'] !== 'function') return [];
    const named = isObject(tool) ? tool['function'] : undefined;
    if (isObject(named) && typeof named['name'] === 'string') {
      return [{ name: named['name'], parameters: named['parameters'] }];
    }
    const param = `tools[${index}].function.name`;
    throw new StandinError(400, `Missing required parameter: '${param}'.`, { param });
  });
}

function chosenTool(tools: readonly FunctionTool[], choice: unknown, prompt: ChatPrompt): FunctionTool | undefined {
  if (choice === 'none') return undefined;
  const named = isObject(choice) && isObject(choice['function']) ? choice['function']['name'] : undefined;
  if (named !== undefined) {
    const tool = tools.find((one) => one.name === named);
    if (tool !== undefined) return tool;
    throw new StandinError(400, "Invalid 'tool_choice': no tool has that name.", { param: 'tool_choice' });
  }
  if (choice === 'required') {
    if (tools.length === 0) {
      throw new StandinError(400, "'tool_choice' is only allowed when 'tools' are specified.", {
        param: 'tool_choice',
      });
    }
    return tools.find((tool) => mentions(prompt.text, tool.name)) ?? tools[0];
  }
  // Left free, the stand-in calls what the prompt names, and speaks once it has the result.
  return prompt.endsWithTool ? undefined : tools.find((tool) => mentions(prompt.text, tool.name));
}

function mentions(text: string, name: string): boolean {
  const plain = text.toLowerCase();
  return plain.includes(name.toLowerCase()) || plain.includes(name.toLowerCase().replaceAll(/[_-]/g, ' '));
}
