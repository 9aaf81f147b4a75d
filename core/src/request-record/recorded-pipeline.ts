import { GatewayError } from '@isartor/shared';
import type { Answer, AnswerBody } from '../pipeline/answer.ts';
import type { Pipeline } from '../pipeline/compose-layers.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { currentSpan } from '../telemetry/current-span.ts';
import { mask } from './mask.ts';

/** How much of a request and of its answer is recorded, and in what form. */
export interface RecordSettings {
  /** Bytes of each. */
  readonly textBytes: number;
  readonly masked: boolean;
}

/** Records what was asked and answered, for the operator who wants it so; never in the way of the answer. */
export function recordedPipeline(
  pipeline: Pipeline,
  settings: RecordSettings,
  write: (line: string) => void,
  nowMs: () => number = Date.now,
): Pipeline {
  return async (context) => {
    const at = new Date(nowMs()).toISOString();
    const { traceId } = currentSpan();
    const record = (status: number | string, answer: Answer | undefined, said: Uint8Array[]): void => {
      const asked = text(context.request.bytes.subarray(0, settings.textBytes), settings);
      write(
        JSON.stringify({
          v: 1,
          at,
          traceId,
          ...factsOf(context),
          status,
          ...from(answer),
          asked,
          answered: text(Buffer.concat(said), settings),
        }),
      );
    };
    let answer: Answer;
    try {
      answer = await pipeline(context);
    } catch (error) {
      record(error instanceof GatewayError ? error.code : 'internal', undefined, []);
      throw error;
    }
    const tap = new Tap(settings.textBytes, (said) => record(answer.status, answer, said));
    return { ...answer, body: tapped(answer.body, tap) };
  };
}

function factsOf({ id, principal, operation, request }: RequestContext) {
  const { tenant, keyName } = principal;
  return { requestId: id, tenant, key: keyName, operation, model: request.model, stream: request.stream };
}

function from(answer: Answer | undefined) {
  return answer === undefined ? {} : { layer: answer.layer, provider: answer.provider };
}

/** A text that was cut in the middle of a character ends before it. */
function text(bytes: Uint8Array, { masked }: RecordSettings): string {
  const decoded = new TextDecoder().decode(bytes).replace(/\uFFFD+$/, '');
  return masked ? mask(decoded) : decoded;
}

/** Keeps the beginning of what passes, until its end. */
class Tap {
  private readonly pieces: Uint8Array[] = [];
  private left: number;
  private ended = false;

  constructor(
    bytes: number,
    private readonly onEnd: (pieces: Uint8Array[]) => void,
  ) {
    this.left = bytes;
  }

  push(piece: Uint8Array): void {
    if (this.left <= 0) return;
    const kept = piece.subarray(0, this.left);
    this.pieces.push(kept);
    this.left -= kept.byteLength;
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd(this.pieces);
  }
}

function tapped(body: AnswerBody, tap: Tap): AnswerBody {
  switch (body.kind) {
    case 'bytes':
      tap.push(body.bytes);
      tap.end();
      return body;
    case 'parts':
      return { kind: 'parts', parts: watched(body.parts, (part) => tap.push(part), tap) };
    case 'events': {
      const push = (frames: readonly { readonly bytes: Uint8Array }[]): void =>
        frames.forEach(({ bytes }) => tap.push(bytes));
      return { kind: 'events', events: watched(body.events, push, tap) };
    }
    default:
      return body satisfies never;
  }
}

/** Not a generator: one that is left before its first step would not end what it reads. */
function watched<Item>(source: AsyncIterable<Item>, push: (item: Item) => void, tap: Tap): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]: () => {
      const items = source[Symbol.asyncIterator]();
      return {
        next: async () => {
          try {
            const next = await items.next();
            if (next.done === true) tap.end();
            else push(next.value);
            return next;
          } catch (error) {
            tap.end();
            throw error;
          }
        },
        return: async () => {
          tap.end();
          await items.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
