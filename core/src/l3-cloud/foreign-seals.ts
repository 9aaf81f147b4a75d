import {
  hasExactIntegers,
  isJsonArray,
  isJsonObject,
  parseJson,
  type JsonObject,
  type JsonValue,
} from '@isartor/shared';
import type { PreparedCall } from '../upstream/prepare-call.ts';
import { ANTHROPIC_IN_GEMINI, GEMINI_IN_ANTHROPIC, SEALED_IN_RESPONSES } from './translation/neutral/seal-marks.ts';

/** How Anthropic's seals begin in Gemini's signatures: in Base64, as far as its letters do not hang on what follows. */
const CLAUDE_MARK = Buffer.from(ANTHROPIC_IN_GEMINI.slice(0, -1)).toString('base64');
/** Thoughts that nobody has sealed: Anthropic gives none of them. */
const UNSEALED = /"signature"\s*:\s*""/;
/** What Gemini takes for a signature that is not to be had: https://ai.google.dev/gemini-api/docs/thought-signatures */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/**
 * A request for the provider of its own API, without the thoughts and signatures that an answer of another API's provider
 * has left in the conversation: it would refuse them. A request without any is passed on as it is.
 */
export function withoutForeignSeals(prepared: PreparedCall): PreparedCall {
  const { call } = prepared;
  const change = changeFor(call.operation, Buffer.from(call.body.buffer, call.body.byteOffset, call.body.byteLength));
  if (change === undefined) return prepared;
  const text = new TextDecoder().decode(call.body);
  // To write it anew would change such a number.
  if (!hasExactIntegers(text)) return prepared;
  const body = parseJson(text);
  if (!isJsonObject(body)) return prepared;
  return { ...prepared, call: { ...call, body: new TextEncoder().encode(JSON.stringify(change(body))) } };
}

/** How a request has to be changed; undefined: it need not be, which a glance at its bytes tells. */
function changeFor(operation: string, bytes: Buffer): ((body: JsonObject) => JsonObject) | undefined {
  switch (operation) {
    case 'anthropic.messages':
    case 'anthropic.count_tokens':
      return bytes.includes(GEMINI_IN_ANTHROPIC) ||
        (bytes.includes('"signature"') && UNSEALED.test(bytes.toString('latin1')))
        ? (body) => ({ ...body, messages: listOf(body['messages']).flatMap(withOwnBlocks) })
        : undefined;
    case 'openai.responses':
      return bytes.includes(SEALED_IN_RESPONSES)
        ? (body) => ({ ...body, input: listOf(body['input']).filter((item) => !isForeignItem(item)) })
        : undefined;
    case 'gemini.generate':
      return bytes.includes(CLAUDE_MARK)
        ? (body) => ({ ...body, contents: listOf(body['contents']).flatMap(withOwnParts) })
        : undefined;
    default:
      return undefined;
  }
}

function withOwnBlocks(message: JsonValue): JsonValue[] {
  if (!isJsonObject(message) || !isJsonArray(message['content'] ?? null)) return [message];
  const blocks = listOf(message['content']);
  const own = blocks.filter((block) => !isForeignBlock(block));
  if (own.length === blocks.length) return [message];
  return own.length === 0 ? [] : [{ ...message, content: own }];
}

function isForeignBlock(block: JsonValue): boolean {
  if (!isJsonObject(block)) return false;
  const { type, signature, data } = block;
  if (type === 'thinking') return signature === '' || startsWith(signature, GEMINI_IN_ANTHROPIC);
  return type === 'redacted_thinking' && startsWith(data, GEMINI_IN_ANTHROPIC);
}

function isForeignItem(item: JsonValue): boolean {
  return (
    isJsonObject(item) && item['type'] === 'reasoning' && startsWith(item['encrypted_content'], SEALED_IN_RESPONSES)
  );
}

function withOwnParts(content: JsonValue): JsonValue[] {
  if (!isJsonObject(content)) return [content];
  const parts = listOf(content['parts']).flatMap(withOwnSignature);
  return parts.length === 0 ? [] : [{ ...content, parts }];
}

/** A foreign thought is left out; a call keeps its place, for Gemini refuses one without a signature. */
function withOwnSignature(part: JsonValue): JsonValue[] {
  if (!isJsonObject(part)) return [part];
  const { thoughtSignature, ...rest } = part;
  if (!startsWith(thoughtSignature, CLAUDE_MARK)) return [part];
  if (part['thought'] === true) return [];
  return [part['functionCall'] === undefined ? rest : { ...rest, thoughtSignature: NO_SIGNATURE }];
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return value !== undefined && isJsonArray(value) ? value : [];
}

function startsWith(value: JsonValue | undefined, mark: string): boolean {
  return typeof value === 'string' && value.startsWith(mark);
}
