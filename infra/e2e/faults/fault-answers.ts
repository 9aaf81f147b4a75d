import { setTimeout as pause } from 'node:timers/promises';
import { chatBody, errorAnswer, jsonAnswer, type FakeAnswer, type FakeStep } from '@isartor/shared/testing';
import type { Form } from './outcome.ts';

/** What the provider does in one case; `middle` is told when it is half-way. */
export type FaultAnswer = (form: Form, middle: () => void) => FakeAnswer;

/** The same in both forms. */
export function always(answer: FakeAnswer): FaultAnswer {
  return () => answer;
}

/** A provider that has a limit, and says when to come back. */
export const limited = errorAnswer(429, 'Rate limit reached.', { 'retry-after': '7' });

/** The error inside a 200, as vendors send it: a body of its own, or a stream's first event. */
export function errorInside(form: Form): FakeAnswer {
  const error = { error: { message: 'The server had an error.', type: 'server_error', param: null, code: null } };
  return form === 'plain' ? jsonAnswer(error) : { kind: 'stream', steps: [JSON.stringify(error), '[DONE]'] };
}

/** Broken JSON, as the whole body or in an event, in an answer that ends as it should. */
export function badJson(form: Form): FakeAnswer {
  return form === 'plain' ? { kind: 'text', body: BROKEN } : { kind: 'stream', steps: [{ raw: BROKEN_STREAM }] };
}

/** How long that is. */
export function badJsonBytes(form: Form): number {
  return (form === 'plain' ? BROKEN : BROKEN_STREAM).length;
}

const BROKEN = '{"choices":[{"index":0,';
const BROKEN_STREAM = `data: ${BROKEN}\n\ndata: [DONE]\n\n`;

/** Half an answer, and then nothing more. */
export function halfThenSilence(form: Form, middle: () => void): FakeAnswer {
  return half(form, middle, { wait: new Promise(() => undefined) });
}

/** Half an answer, and then the connection breaks. */
export function halfThenCut(form: Form, middle: () => void): FakeAnswer {
  return { ...half(form, middle), end: 'cut' };
}

type FakeStream = Extract<FakeAnswer, { kind: 'stream' }>;

function half(form: Form, middle: () => void, ...then: FakeStep[]): FakeStream {
  const whole = JSON.stringify(chatBody('half of this arrives'));
  async function* steps(): AsyncGenerator<FakeStep> {
    yield form === 'plain' ? { raw: whole.slice(0, whole.length / 2) } : token('half');
    middle();
    yield* then;
  }
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(whole)) };
  return { kind: 'stream', steps: steps(), ...(form === 'plain' && { headers }) };
}

function token(content: string): string {
  return JSON.stringify({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 1_750_000_000,
    model: 'gpt-4o-mini-2024-07-18',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
}

const TOKEN_EVERY_MS = 20;

/** Tokens as a model speaks them, without end; a plain answer's second half lets wait for itself. */
export function speaks(form: Form, middle: () => void): FakeAnswer {
  if (form === 'plain') return halfThenSilence(form, middle);
  async function* steps(): AsyncGenerator<FakeStep> {
    for (;;) {
      yield token('word ');
      middle();
      await pause(TOKEN_EVERY_MS);
    }
  }
  return { kind: 'stream', steps: steps() };
}

const PIECE = 'p'.repeat(65_536);
/** Some 13 MB/s: more than any model, and nothing that a machine with other work would choke on. */
const PIECE_EVERY_MS = 5;

/** A body that never ends: one JSON text, or event after event. */
export function endlessBody(form: Form): FakeAnswer {
  return form === 'plain'
    ? { kind: 'stream', headers: { 'content-type': 'application/json' }, steps: endless('{"choices":["', PIECE) }
    : { kind: 'stream', steps: endless('', `data: ${token(PIECE)}\n\n`) };
}

/** A stream that begins well and whose second event never ends. */
export function endlessEvent(): FakeAnswer {
  return { kind: 'stream', steps: endless(`data: ${token('one')}\n\ndata: {"choices":["`, PIECE) };
}

async function* endless(first: string, then: string): AsyncGenerator<FakeStep> {
  if (first !== '') yield { raw: first };
  for (;;) {
    yield { raw: then };
    await pause(PIECE_EVERY_MS);
  }
}

/** A long answer that counts what the provider could get rid of. */
export class LongAnswer {
  /** Bytes in all; half of them are more than the kernel takes up for those who do not read: some 36 MiB a connection on Linux 6. */
  static readonly bytes = 240 * 1024 * 1024;
  readonly answer: FakeAnswer;
  #produced = 0;

  constructor(form: Form) {
    this.answer =
      form === 'plain'
        ? {
            kind: 'stream',
            headers: { 'content-type': 'application/json' },
            steps: this.#steps('{"pad":"', PIECE, '"}'),
          }
        : { kind: 'stream', steps: this.#steps('', `data: ${token(PIECE)}\n\n`, 'data: [DONE]\n\n') };
  }

  /** Bytes that the provider has sent so far. */
  get produced(): number {
    return this.#produced;
  }

  *#steps(first: string, piece: string, last: string): Generator<FakeStep> {
    if (first !== '') yield this.#count(first);
    while (this.#produced < LongAnswer.bytes) yield this.#count(piece);
    yield this.#count(last);
  }

  #count(raw: string): FakeStep {
    this.#produced += raw.length;
    return { raw };
  }
}
