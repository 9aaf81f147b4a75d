/** How often what is watched is looked at, in ms: how late a deadline may be noticed. */
const TICK_MS = 100;

/** Something that has a deadline. */
export interface Watched {
  /** Called every 100 ms with `performance.now()` until it is unwatched. */
  check(nowMs: number): void;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;

/** Begins to look at something. One timer for all: setting and clearing one of its own is dear on the path of a request. */
export function watch(it: Watched): void {
  watched.add(it);
  timer ??= setInterval(tick, TICK_MS);
}

/** Looks at it no longer. */
export function unwatch(it: Watched): void {
  watched.delete(it);
}

/** Stops with the first tick that finds nothing to look at, so that a quiet process sleeps and an ending one can end. */
function tick(): void {
  if (watched.size === 0) {
    clearInterval(timer);
    timer = undefined;
    return;
  }
  const nowMs = performance.now();
  for (const it of watched) it.check(nowMs);
}
