import type { Decider, Decision } from './decider.port.ts';

/** One decision for all requests. */
export class FixedDecider implements Decider {
  readonly isFree = true;
  private readonly decision: Promise<Decision>;

  constructor(answers: boolean) {
    this.decision = Promise.resolve({ answers, probability: answers ? 1 : 0 });
  }

  decide(): Promise<Decision> {
    return this.decision;
  }
}
