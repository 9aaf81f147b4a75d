import { encodeSseEvent, parseSseFrame, type SseFrame } from '@isartor/shared';
import type { AnswerBody } from '../pipeline/answer.ts';
import { afterSpace, memberSpan, spliced, withoutMember } from './member-span.ts';
import type { LogprobsTold } from './model-backend.port.ts';

const NAME = 'logprobs';
const OPENING_BRACKET = 0x5b;

type Otherwise = LogprobsTold['otherwise'];

/** An answer without the log probabilities that the caller had not asked for: byte for byte what it would be without. */
export function cutLogprobs(body: AnswerBody, otherwise: Otherwise): AnswerBody {
  if (body.kind === 'bytes') return { kind: 'bytes', bytes: cutInAnswer(body.bytes, otherwise) };
  if (body.kind !== 'events') return body;
  const source = body.events[Symbol.asyncIterator]();
  // Not a generator: one that is left before its first step would not end its source.
  const events = {
    next: async () => {
      const next = await source.next();
      return next.done === true ? next : { ...next, value: next.value.map((frame) => cutInFrame(frame, otherwise)) };
    },
    return: async () => (await source.return?.()) ?? ({ done: true, value: undefined } as const),
  };
  return { kind: 'events', events: { [Symbol.asyncIterator]: () => events } };
}

function cutInFrame(frame: SseFrame, otherwise: Otherwise): SseFrame {
  const bytes = Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.byteLength);
  if (!frame.whole || !bytes.includes(`"${NAME}"`)) return frame;
  const event = parseSseFrame(bytes);
  if (event === undefined) return frame;
  const data = Buffer.from(event.data);
  const cut = cutInAnswer(data, otherwise);
  const start = bytes.indexOf(data);
  if (start < 0) return { ...frame, bytes: Buffer.from(encodeSseEvent({ ...event, data: cut.toString() })) };
  return { ...frame, bytes: Buffer.concat([bytes.subarray(0, start), cut, bytes.subarray(start + data.length)]) };
}

/** Of an answer, or a piece of one, with a single choice. */
function cutInAnswer(json: Uint8Array, otherwise: Otherwise): Buffer {
  const choices = memberSpan(json, afterSpace(json, 0), 'choices');
  const isList = choices !== undefined && json[choices.value.start] === OPENING_BRACKET;
  const told = isList ? memberSpan(json, afterSpace(json, choices.value.start + 1), NAME) : undefined;
  if (told === undefined) return Buffer.from(json);
  return Buffer.from(otherwise === 'null' ? spliced(json, told.value, 'null') : withoutMember(json, told));
}
