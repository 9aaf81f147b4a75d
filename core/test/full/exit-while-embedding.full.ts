import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { referenceModel } from '../support/reference-model.ts';

const MINILM = referenceModel('all-MiniLM-L6-v2');

it.skipIf(MINILM === undefined)(
  'a process that exits in the middle of embedding runs exits with its own code',
  async () => {
    const script = fileURLToPath(new URL('../processes/exit-while-embedding.ts', import.meta.url));
    const args = ['--conditions=isartor-source', '--import', '@oxc-node/core/register', script, MINILM ?? ''];
    for (const afterMs of [5, 20, 35, 50]) {
      const child = spawn(process.execPath, [...args, String(afterMs)], { stdio: 'ignore' });
      expect(await once(child, 'exit')).toEqual([7, null]);
    }
  },
);
