import { resolve } from 'node:path';

/** The repository's folder. */
export const ROOT = resolve(import.meta.dirname, '..', '..', '..', '..');

/** What a run leaves behind and keeps: the development key, the note of what runs. Ignored by git. */
export const STATE_DIR = resolve(ROOT, '.isartor');
