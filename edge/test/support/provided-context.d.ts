declare module 'vitest' {
  interface ProvidedContext {
    /** Two cores, and the address of one that is not there. */
    coreA: string;
    coreB: string;
    coreGone: string;
    /** The REST server in front of a real Redis; empty when there is none. */
    redisRest: string;
  }
}

// oxlint-disable-next-line unicorn/require-module-specifiers -- makes this file a module, so that it adds to vitest's types
export {};
