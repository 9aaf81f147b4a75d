/**
 * How sure a model was of what it said so far, from 0 to 1: e to the mean log probability of its tokens, which is the
 * geometric mean of their probabilities (the inverse of the text's perplexity).
 */
export class Confidence {
  private sum = 0;
  private tokens = 0;

  /** @param least what the gate lets pass; 0: everything */
  constructor(private readonly least: number) {}

  add(logprobs: readonly number[]): void {
    for (const logprob of logprobs) this.sum += logprob;
    this.tokens += logprobs.length;
  }

  /** Undefined as long as no log probability is known. */
  get value(): number | undefined {
    return this.tokens === 0 ? undefined : Math.exp(this.sum / this.tokens);
  }

  /** What is not known is not enough. */
  get isTooLow(): boolean {
    return (this.value ?? 0) < this.least;
  }
}
