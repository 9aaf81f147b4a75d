/** Bytes that may be held beside the requests' own: buffers of flights, copies of answers that are to be stored. */
export interface ByteBudget {
  /** Takes bytes if there is room for them. */
  take(bytes: number): boolean;
  /** Gives back what was taken. */
  give(bytes: number): void;
}

/** Token of the budget. */
export const ByteBudget = Symbol('ByteBudget');
