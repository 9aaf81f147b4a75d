import type { VectorIndex, VectorIndexHealth } from '../vector-index.port.ts';

/** Stands where no index can be had: it is down, and says why. */
export class AbsentVectorIndex implements VectorIndex {
  readonly isUp = false;

  constructor(private readonly why: string) {}

  search(): Promise<never> {
    return Promise.reject(new Error(this.why));
  }

  add(): Promise<never> {
    return Promise.reject(new Error(this.why));
  }

  remove(): Promise<never> {
    return Promise.reject(new Error(this.why));
  }

  health(): Promise<VectorIndexHealth> {
    return Promise.resolve({ status: 'down', detail: this.why });
  }

  start(): void {
    // There is nothing to reach.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
