import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRunNote, removeRunNote, writeRunNote, type RunNote } from './run-note.ts';

let dir: string;
beforeEach(() => (dir = join(mkdtempSync(join(tmpdir(), 'run-note-')), 'state')));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const note = (pid: number): RunNote => ({
  v: 1,
  pid,
  edgeUrl: 'http://e',
  coreUrl: 'http://c',
  standin: true,
  model: 'm',
});

it('is read while its process lives', () => {
  writeRunNote(dir, note(process.pid));
  expect(readRunNote(dir)).toEqual(note(process.pid));
});

it('counts for nothing once its process is gone, or before there is one', () => {
  expect(readRunNote(dir)).toBeUndefined();
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeRunNote(dir, note(pid));
  expect(readRunNote(dir)).toBeUndefined();
});

it('is taken away by its own process only', () => {
  writeRunNote(dir, note(process.pid));
  removeRunNote(dir, process.pid + 1);
  expect(readRunNote(dir)).toBeDefined();
  removeRunNote(dir, process.pid);
  expect(readRunNote(dir)).toBeUndefined();
});
