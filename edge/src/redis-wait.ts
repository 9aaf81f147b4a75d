import type { EdgeLayer } from './edge-context.ts';
import { WaitBudget } from './wait-budget.ts';

/** Gives the request what it may wait for Redis: `timeoutMs` in all, for its key, its entry and what else is read. */
export function redisWait(timeoutMs: number, now: () => number): EdgeLayer {
  return (c, next) => {
    c.set('redisWait', new WaitBudget(timeoutMs, c.req.raw, now));
    return next();
  };
}
