import { resolve } from 'node:path';

/** The repository's folder. */
export const ROOT = resolve(import.meta.dirname, '..', '..', '..', '..');

/**
 * What a run leaves behind and keeps: the development key, the note of what runs. Ignored by git.
 * `ISARTOR_STATE_DIR` names another folder, so that two stacks can run beside each other; relative names are the repository's.
 */
export const STATE_DIR = resolve(ROOT, process.env['ISARTOR_STATE_DIR'] || '.isartor');
