import type { Usage } from '@isartor/shared';

const PARTS = ['cachedInput', 'cacheWrite', 'cacheWriteLong', 'reasoning'] as const;

/** What two calls used together; a part that neither tells stays untold. Null: neither told anything. */
export function sumOfUsage(one: Usage | null, other: Usage | null): Usage | null {
  if (one === null || other === null) return one ?? other;
  const parts = PARTS.flatMap((name) => {
    const [a, b] = [one[name], other[name]];
    return a === undefined && b === undefined ? [] : [[name, (a ?? 0) + (b ?? 0)] as const];
  });
  return { input: one.input + other.input, output: one.output + other.output, ...Object.fromEntries(parts) };
}
