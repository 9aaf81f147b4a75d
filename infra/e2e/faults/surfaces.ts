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
  readonly path: string;
  readonly request: (text: string) => JsonObject;
  /** What a sound provider answers. */
  readonly sound: (form: Form) => FakeAnswer;
  /** How the last event of a whole stream ends. */
  readonly lastData: string;
  /** The member of an error that tells errors apart. */
  readonly errorCode: 'code' | 'type';
}

export const CHAT: Surface = {
  path: '/v1/chat/completions',
  request: chatRequest,
  sound: (form) => (form === 'plain' ? jsonAnswer(chatBody('a sound answer')) : chatStream(chatBody('a sound answer'))),
  lastData: 'data: [DONE]\n\n',
  errorCode: 'code',
};

export const MESSAGES: Surface = {
  path: '/v1/messages',
  request: messageRequest,
  sound: (form) =>
    form === 'plain' ? jsonAnswer(messageBody('a sound answer')) : messageStream(messageBody('a sound answer')),
  lastData: 'data: {"type":"message_stop"}\n\n',
  errorCode: 'type',
};
