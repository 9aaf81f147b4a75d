import { z } from 'zod';
import { contentOf } from '../neutral/content-of.ts';
import { CACHED, DOCUMENT, IMAGE, TEXT } from './content-schema.ts';

const TOOL_RESULT = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: contentOf('text', z.discriminatedUnion('type', [TEXT, IMAGE, DOCUMENT])).optional(),
  is_error: z.boolean().nullish(),
  ...CACHED,
});

const TOOL_USE = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.looseObject({}),
  /** Who called: only the model itself is known elsewhere. */
  caller: z.strictObject({ type: z.literal('direct') }).nullish(),
  ...CACHED,
});

const THINKING = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const REDACTED = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });

const USER = z.strictObject({
  role: z.literal('user'),
  content: contentOf('text', z.discriminatedUnion('type', [TEXT, IMAGE, DOCUMENT, TOOL_RESULT])),
});

const ASSISTANT = z.strictObject({
  role: z.literal('assistant'),
  content: contentOf('text', z.discriminatedUnion('type', [TEXT, TOOL_USE, THINKING, REDACTED])),
});

/** What the model is told in the middle of a conversation, behind the user's turn. */
const REMINDER = z.strictObject({ role: z.literal('system'), content: contentOf('text', TEXT) });

/** A message of a conversation. What a provider did by itself in an earlier turn (`server_tool_use`) is not among its blocks. */
export const MESSAGE = z.discriminatedUnion('role', [USER, ASSISTANT, REMINDER]);

export type Message = z.output<typeof MESSAGE>;
export type UserBlock = z.output<typeof USER>['content'][number];
export type AssistantBlock = z.output<typeof ASSISTANT>['content'][number];
export type ToolResult = z.output<typeof TOOL_RESULT>;
