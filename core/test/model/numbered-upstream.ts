import { isJsonArray, isJsonObject, SSE_DONE, type JsonObject } from '@isartor/shared';
import {
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  type FakeAnswer,
  type FakeStep,
  type FakeUpstream,
  type RecordedRequest,
} from '@isartor/shared/testing';
import type { CacheModel, Numbered } from './cache-model.ts';

/** How much of a text the second event of a stream brings, in characters. */
const FEW = 5;
const CHUNK = { id: 'chatcmpl-model', object: 'chat.completion.chunk', created: 1_750_000_000, model: 'gpt-4o-mini' };
const USAGE = { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 };
const USAGE_EVENT = JSON.stringify({ ...CHUNK, choices: [], usage: USAGE });

/** Holds a request's answer back at the provider, before its first byte or (a stream) behind its first event. */
export interface Gate {
  readonly place: 'start' | 'middle';
  /** Resolves with the answer when the provider has been asked. */
  readonly arrived: Promise<Numbered>;
  /** Resolves when the caller has gone while the gate was shut. */
  readonly abandoned: Promise<void>;
  open(): void;
}

interface Shut {
  readonly place: Gate['place'];
  readonly opened: Promise<void>;
  readonly open: () => void;
  readonly arrive: (answer: Numbered) => void;
  readonly abandon: () => void;
}

/** A provider whose answers are numbered by the model, and fare as their requests say. */
export class NumberedUpstream {
  /** The model of the run; set anew for each. */
  model: CacheModel | undefined;
  /** What broke the provider's own rules, such as a request of nobody. */
  fault: unknown;
  private readonly gates = new Map<string, Shut>();

  private constructor(readonly server: FakeUpstream) {
    server.respondWith(async (request) => {
      try {
        return await this.respond(request);
      } catch (error) {
        this.fault ??= error;
        return errorAnswer(500, 'a broken rule');
      }
    });
  }

  static async start(): Promise<NumberedUpstream> {
    return new NumberedUpstream(await fakeUpstream());
  }

  /** Shuts a gate for the calls made on behalf of a request. */
  gate(id: string, place: Gate['place']): Gate {
    const opened = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<Numbered>();
    const abandoned = Promise.withResolvers<void>();
    this.gates.set(id, {
      place,
      opened: opened.promise,
      open: opened.resolve,
      arrive: arrived.resolve,
      abandon: abandoned.resolve,
    });
    return {
      place,
      arrived: arrived.promise,
      abandoned: abandoned.promise,
      open: () => {
        this.gates.delete(id);
        opened.resolve();
      },
    };
  }

  /** Opens what a run that failed has left shut. */
  openAll(): void {
    for (const gate of this.gates.values()) gate.open();
    this.gates.clear();
  }

  private async respond(request: RecordedRequest): Promise<FakeAnswer> {
    const { model } = this;
    if (model === undefined) throw new Error('the provider was asked outside of a run');
    const id = request.headers['x-request-id'] ?? '';
    const asked = request.json();
    if (!isJsonObject(asked)) throw new Error('the provider was sent no object');
    const answer = model.called(id, questionIn(asked));
    const gate = this.gates.get(id);
    const ending = this.ending(model, answer, request, gate);
    if (gate?.place !== 'middle' || asked['stream'] !== true) await ending();
    return asked['stream'] === true ? streamed(answer, gate?.place === 'middle' ? ending : undefined) : plain(answer);
  }

  /** What passes between the provider being asked and having said all. */
  private ending(model: CacheModel, answer: Numbered, request: RecordedRequest, gate: Shut | undefined) {
    let gone = false;
    const leave = (): void => {
      gone = true;
      model.abandoned(answer);
      gate?.abandon();
    };
    void request.aborted.then(leave);
    return async (): Promise<void> => {
      gate?.arrive(answer);
      await gate?.opened;
      if (!gone) model.ended(answer);
    };
  }
}

function plain(answer: Numbered): FakeAnswer {
  const body = bodyOf(answer);
  switch (answer.fate) {
    case 'http-500':
      return errorAnswer(500, answer.text);
    case 'error-inside':
      return jsonAnswer({ error: { message: answer.text } });
    case 'cut':
      return {
        kind: 'stream',
        headers: { 'content-type': 'application/json', 'content-length': '4000' },
        steps: [{ raw: JSON.stringify(body).slice(0, 200) }],
        end: 'cut',
      };
    default:
      return jsonAnswer(body);
  }
}

function streamed(answer: Numbered, middle: (() => Promise<void>) | undefined): FakeAnswer {
  const { fate, text } = answer;
  if (fate === 'http-500') return errorAnswer(500, text);
  if (fate === 'error-inside') return { kind: 'stream', steps: [errorEvent(text)] };
  const [start, rest] = [text.slice(0, -FEW), text.slice(-FEW)];
  const events = [piece({ role: 'assistant', content: start }), piece({ content: rest }), piece({}, reasonOf(fate))];
  switch (fate) {
    case 'cut':
      return { kind: 'stream', steps: gated(events.slice(0, 1), middle), end: 'cut' };
    case 'late-error':
      return { kind: 'stream', steps: gated([...events.slice(0, 1), errorEvent(text)], middle) };
    case 'unended':
      return { kind: 'stream', steps: gated([...events, USAGE_EVENT], middle) };
    case 'no-usage':
      return { kind: 'stream', steps: gated([...events, SSE_DONE], middle) };
    default:
      return { kind: 'stream', steps: gated([...events, USAGE_EVENT, SSE_DONE], middle) };
  }
}

/** The steps with the gate behind the first. */
async function* gated(
  steps: readonly FakeStep[],
  middle: (() => Promise<void>) | undefined,
): AsyncGenerator<FakeStep, void, undefined> {
  yield* steps.slice(0, 1);
  await middle?.();
  yield* steps.slice(1);
}

function piece(delta: JsonObject, finish: string | null = null): string {
  return JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta, finish_reason: finish }] });
}

function reasonOf(fate: Numbered['fate']): string {
  return fate === 'length' ? 'length' : 'stop';
}

function bodyOf({ fate, text }: Numbered): JsonObject {
  const choice = { index: 0, message: { role: 'assistant', content: text }, finish_reason: reasonOf(fate) };
  const body = { ...CHUNK, object: 'chat.completion', choices: [choice] };
  return fate === 'no-usage' ? body : { ...body, usage: USAGE };
}

function errorEvent(message: string): string {
  return JSON.stringify({ error: { message } });
}

function questionIn(asked: JsonObject): string {
  const messages = asked['messages'];
  const last = isJsonArray(messages) ? messages.at(-1) : undefined;
  const content = isJsonObject(last) ? last['content'] : undefined;
  return typeof content === 'string' ? content : '';
}
