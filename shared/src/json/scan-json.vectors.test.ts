import { expect, test } from 'vitest';
import vectors from '../../vectors/scan.json' with { type: 'json' };
import { scanJson } from './scan-json.ts';

for (const { name, text, hex, refused, at, ...found } of vectors) {
  const bytes =
    text === undefined
      ? Uint8Array.from((hex ?? '').split(' '), (byte) => Number.parseInt(byte, 16))
      : new TextEncoder().encode(text);

  test(`the scan finds in ${name} what the vector says`, () => {
    if (refused === undefined) {
      const { members, ...scan } = scanJson(bytes);
      const spans: Record<string, number[]> = {};
      for (const [member, { start, end }] of members) spans[member] = [start, end];
      expect({ ...scan, members: spans }).toMatchObject(found);
    } else expect(() => scanJson(bytes)).toThrow(new RegExp(`\\(${refused}\\).* at byte ${at}\\.$`));
  });
}
