import type { Answer } from './answer.ts';
import type { ByteBudget } from './byte-budget.ts';
import { Flight, type FlightBounds, type Passenger } from './flight.ts';

/** How an answer was come by. */
export interface Landing {
  readonly answer: Answer;
  /** Whether another request led the flight. */
  readonly coalesced: boolean;
}

/** Refusals that say something about the moment and not about the request. */
const MOMENTARY: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * Identical concurrent requests make one call: the first leads, the others follow and get the same answer, a stream
 * from its first event on. The call belongs to none of them: it goes on as long as one is left, and is aborted with the
 * last. In this process only.
 */
export class SingleFlight {
  private readonly flights = new Map<string, Flight>();

  constructor(private readonly bounds: FlightBounds) {}

  /** What the flights keep is taken from it. */
  get budget(): ByteBudget {
    return this.bounds.budget;
  }

  /**
   * The answer of the flight under `key`, begun by `run` when there is none. `run` gets the flight's own signal.
   * Throws what `run` threw, and at once when the passenger's client has gone.
   */
  async join(key: string, passenger: Passenger, run: (signal: AbortSignal) => Promise<Answer>): Promise<Landing> {
    for (;;) {
      const joined = this.flights.get(key);
      if (joined === undefined || !joined.joinable) {
        return { answer: await this.lead(key, passenger, run), coalesced: false };
      }
      const answer = await joined.board(passenger);
      if (!isRefusal(answer) || passenger.sameToProvider(joined.leader)) return { answer, coalesced: true };
      // The provider refused what the leader sent, and this request is not the same to it: it asks for itself.
    }
  }

  private lead(key: string, passenger: Passenger, run: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const flight = new Flight(passenger, run, this.bounds, () => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    });
    this.flights.set(key, flight);
    return flight.board(passenger);
  }
}

function isRefusal(answer: Answer): boolean {
  return answer.status >= 400 && answer.status < 500 && !MOMENTARY.has(answer.status);
}
