import { describe, expect, test } from 'vitest';
import { scanJson } from './scan-json.ts';

// In Node alone: in workerd the clock stands still while code runs.
const utf8 = new TextEncoder();

describe('hostile bodies take linear time', () => {
  /** Milliseconds of the best of three scans. */
  function time(text: string): number {
    const bytes = utf8.encode(text);
    return Math.min(
      ...[1, 2, 3].map(() => {
        const start = performance.now();
        scanJson(bytes);
        return performance.now() - start;
      }),
    );
  }

  const series = (count: number, item: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => item(i)).join(',');
  test.each<[string, (size: number) => string]>([
    ['many names in one object', (size) => `{${series(size / 10, (i) => `"k${i}":1`)}}`],
    ['many escaped names', (size) => `{${series(size / 15, (i) => `"\\u006b${i}":1`)}}`],
    ['long names of one length', (size) => `{${series(size / 1000, (i) => `"${'k'.repeat(990)}${1e6 + i}":1`)}}`],
    ['sixteen very long names', (size) => `{${series(16, (i) => `"${'k'.repeat(size / 16)}${10 + i}":1`)}}`],
    ['one long string of escapes', (size) => `"${'\\u00e9'.repeat(size / 6)}"`],
    ['one long number', (size) => '1'.repeat(size)],
    ['many numbers with exponents', (size) => `[${'1e400,'.repeat(size / 6)}1]`],
  ])('%s', (_, make) => {
    // Ten times the bytes may take ten times as long, and thirty for the noise of a busy machine; squared would be 100.
    const small = Math.max(time(make(80_000)), 0.5);
    expect(time(make(800_000))).toBeLessThan(small * 60);
  });
});
