import { GatewayError, type SseFrame } from '@isartor/shared';
import type { Answer, AnswerBody } from './answer.ts';
import type { ByteBudget } from './byte-budget.ts';
import { Broadcast, type BroadcastBounds } from './broadcast.ts';

/** One request that takes part in a flight. */
export interface Passenger {
  /** Aborted when its client has gone. */
  readonly signal: AbortSignal;
  /** Whether the provider would see the same of both: a refusal may rest on bytes and headers that the key leaves out. */
  sameToProvider(other: Passenger): boolean;
}

/** A passenger's own view of the shared body. */
interface View {
  readonly body: AnswerBody;
  leave(): void;
}

/** What the call came to: the answer, and for a body that is still arriving, how a passenger gets its view of it. */
interface Landed {
  readonly answer: Answer;
  readonly view: ((onEnd: () => void) => View) | undefined;
  readonly joinable: () => boolean;
  /** Whether the body has come to its end: then there is nothing left to abort. */
  readonly ended: () => boolean;
}

/** Bounds of a flight's body, and the budget that what it keeps is taken from. */
export interface FlightBounds extends BroadcastBounds {
  readonly budget: ByteBudget;
}

/** One call and those who wait for it. */
export class Flight {
  private readonly controller = new AbortController();
  private readonly landed: Promise<Landed>;
  private aboard = 0;
  private state: Landed | undefined;

  /** Begins the call. `close` is called once, when nobody can join any more. */
  constructor(
    readonly leader: Passenger,
    run: (signal: AbortSignal) => Promise<Answer>,
    private readonly bounds: FlightBounds,
    private readonly close: () => void,
  ) {
    this.landed = this.call(run);
    // Each passenger hears of a failure by itself; that none is left to hear it is no fault.
    this.landed.catch(() => undefined);
  }

  /** Whether a new passenger would still get the whole answer. */
  get joinable(): boolean {
    return !this.controller.signal.aborted && (this.state?.joinable() ?? true);
  }

  /** The answer for one passenger; rejects at once when its client has gone. */
  async board(passenger: Passenger): Promise<Answer> {
    this.aboard += 1;
    const { signal } = passenger;
    const gone = Promise.withResolvers<never>();
    gone.promise.catch(() => undefined);
    let view: View | undefined;
    const leave = once(() => {
      signal.removeEventListener('abort', onAbort);
      view?.leave();
      this.left();
    });
    const onAbort = (): void => {
      gone.reject(new GatewayError('internal', 'The client left.'));
      leave();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      const landed = await Promise.race([this.landed, gone.promise]);
      view = landed.view?.(leave);
      if (view === undefined) leave();
      return view === undefined ? landed.answer : { ...landed.answer, body: view.body };
    } catch (error) {
      leave();
      throw error;
    }
  }

  private async call(run: (signal: AbortSignal) => Promise<Answer>): Promise<Landed> {
    try {
      const answer = await run(this.controller.signal);
      const landed = this.share(answer);
      this.state = landed;
      if (landed.view === undefined) this.close();
      return landed;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private share(answer: Answer): Landed {
    const { body } = answer;
    switch (body.kind) {
      case 'bytes':
        return { answer, view: undefined, joinable: () => false, ended: () => true };
      case 'events':
        return this.broadcast(answer, body.events, framesBytes, (events) => ({ kind: 'events', events }));
      case 'parts':
        return this.broadcast(answer, body.parts, partBytes, (parts) => ({ kind: 'parts', parts }));
      default:
        return body satisfies never;
    }
  }

  private broadcast<Item>(
    answer: Answer,
    source: AsyncIterable<Item>,
    sizeOf: (item: Item) => number,
    bodyOf: (items: AsyncIterable<Item>) => AnswerBody,
  ): Landed {
    const broadcast = new Broadcast(source, sizeOf, this.bounds, this.bounds.budget);
    const view = (onEnd: () => void): View => {
      const subscription = broadcast.subscribe();
      return { body: bodyOf(until(subscription.items, onEnd)), leave: () => subscription.leave() };
    };
    return { answer, view, joinable: () => broadcast.joinable, ended: () => broadcast.ended };
  }

  /** With the last passenger the call has lost its purpose. */
  private left(): void {
    this.aboard -= 1;
    if (this.aboard > 0) return;
    this.close();
    if (this.state?.ended() === true) return;
    this.controller.abort(new GatewayError('internal', 'Every client of this call has left.'));
  }
}

function framesBytes(frames: readonly SseFrame[]): number {
  return frames.reduce((sum, frame) => sum + frame.bytes.byteLength, 0);
}

function partBytes(part: Uint8Array): number {
  return part.byteLength;
}

async function* until<Item>(items: AsyncIterable<Item>, onEnd: () => void): AsyncGenerator<Item, void, undefined> {
  try {
    yield* items;
  } finally {
    onEnd();
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
