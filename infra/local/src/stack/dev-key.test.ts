import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { devKey, devKeyFile } from './dev-key.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'dev key '))));
afterEach(() => rmSync(dir, { recursive: true }));

it('is made once and kept, for its owner alone, and nothing else is left behind', () => {
  const key = devKey(dir);
  expect(key).toMatch(/^isk-dev-[0-9a-f]{32}$/);
  expect(devKey(dir)).toBe(key);
  expect(readFileSync(devKeyFile(dir), 'utf8')).toBe(`${key}\n`);
  expect(statSync(devKeyFile(dir)).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['dev-key']);
});

it('gets its mode back when somebody loosened it', () => {
  devKey(dir);
  chmodSync(devKeyFile(dir), 0o644);
  devKey(dir);
  expect(statSync(devKeyFile(dir)).mode & 0o777).toBe(0o600);
});

it('refuses a file that holds something else, without repeating it', () => {
  writeFileSync(devKeyFile(dir), 'my-secret');
  expect(() => devKey(dir)).toThrow(/holds no key of the form isk-dev-…; delete it/);
  expect(() => devKey(dir)).not.toThrow(/my-secret/);
});
