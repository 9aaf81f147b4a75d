import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Group } from '../group.ts';
import { bundleWorker, EMPTY, ISARTOR } from '../subjects/bundle-worker.ts';

/** What a deployment of the Worker uploads, compressed. */
export const bundle: Group = async (bench) => {
  const kibOf = async (configFile: string): Promise<number> => {
    const script = await readFile(join(await bundleWorker(bench, configFile), 'worker.js'));
    return gzipSync(script, { level: 9 }).byteLength / 1024;
  };
  const ours = await kibOf(ISARTOR);
  const theirs = await kibOf(EMPTY);
  return [
    {
      id: 'bundle/gzip',
      what: 'Worker bundle, gzip',
      against: 'an empty Worker',
      unit: 'KiB',
      ours,
      theirs,
      ratio: ours / theirs,
      better: 'less',
      aim: { of: 'ours', atMost: 100 },
      checked: 'ours',
    },
  ];
};
