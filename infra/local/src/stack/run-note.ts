import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRecord } from './is-record.ts';

/** What a running stack leaves in `.isartor/run.json` for the demo; no secret is in it. */
export interface RunNote {
  readonly v: 1;
  /** The supervisor's process id. */
  readonly pid: number;
  readonly edgeUrl: string;
  readonly coreUrl: string;
  /** Does the stand-in answer in place of a paid model? */
  readonly standin: boolean;
  /** The model to ask for. */
  readonly model: string;
}

/** Where the note lies. */
function runNoteFile(stateDir: string): string {
  return join(stateDir, 'run.json');
}

/** Leaves the note; a later stack's note replaces it. */
export function writeRunNote(stateDir: string, note: RunNote): void {
  mkdirSync(dirname(runNoteFile(stateDir)), { recursive: true });
  writeFileSync(runNoteFile(stateDir), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

/** The note of a stack whose process still lives, else undefined. */
export function readRunNote(stateDir: string): RunNote | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(runNoteFile(stateDir), 'utf8'));
    if (!isRunNote(note)) return undefined;
    process.kill(note.pid, 0);
    return note;
  } catch {
    return undefined;
  }
}

/** Takes the note away, unless another stack has written its own since. */
export function removeRunNote(stateDir: string, pid: number): void {
  if (readRunNote(stateDir)?.pid === pid) rmSync(runNoteFile(stateDir), { force: true });
}

function isRunNote(value: unknown): value is RunNote {
  if (!isRecord(value) || value['v'] !== 1) return false;
  const texts = [value['edgeUrl'], value['coreUrl'], value['model']];
  return (
    typeof value['pid'] === 'number' &&
    typeof value['standin'] === 'boolean' &&
    texts.every((text) => typeof text === 'string')
  );
}
