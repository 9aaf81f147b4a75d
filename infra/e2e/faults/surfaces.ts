import type { JsonObject } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  chatStream,
  jsonAnswer,
  messageBody,
  messageRequest,
  messageStream,
  type FakeAnswer,
} from '@isartor/shared/testing';
import type { Form } from './outcome.ts';

/** An API as clients of this suite see it. */
export interface Surface {
  readonly path: (form: Form) => string;
  readonly request: (text: string, form: Form) => JsonObject;
  /** What a sound provider answers. */
  readonly sound: (form: Form) => FakeAnswer;
  /** How a whole stream ends. */
  readonly lastEvent: RegExp;
  /** What tells an error apart from others; undefined: it is not of the dialect's shape. */
  readonly codeOf: (error: JsonObject) => string | undefined;
}

export const CHAT: Surface = {
  path: () => '/v1/chat/completions',
  request: (text, form) => withStream(chatRequest(text), form),
  sound: (form) => (form === 'plain' ? jsonAnswer(chatBody('a sound answer')) : chatStream(chatBody('a sound answer'))),
  lastEvent: /data: \[DONE\]\n\n$/,
  codeOf: ({ code }) => (typeof code === 'string' ? code : undefined),
};

export const MESSAGES: Surface = {
  path: () => '/v1/messages',
  request: (text, form) => withStream(messageRequest(text), form),
  sound: (form) =>
    form === 'plain' ? jsonAnswer(messageBody('a sound answer')) : messageStream(messageBody('a sound answer')),
  lastEvent: /data: \{"type":"message_stop"\}\n\n$/,
  codeOf: ({ type }) => (typeof type === 'string' ? type : undefined),
};

/** A request that asks for a stream in its body, where one is asked for. */
export function withStream(request: JsonObject, form: Form): JsonObject {
  return form === 'plain' ? request : { ...request, stream: true };
}
