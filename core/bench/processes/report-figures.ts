import type { Figures } from '../figures.ts';

/** What the bench wants of this process, which ends with the bench. */
export function readOrder(): unknown {
  process.once('disconnect', () => process.exit(0));
  return JSON.parse(process.env['ORDER'] ?? '{}');
}

/** Tells the bench, which then ends this process. */
export function reportFigures(figures: Figures): void {
  process.send?.({ figures });
}
