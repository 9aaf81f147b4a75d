import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { findTool } from '../../conformance/support/render.ts';

/**
 * Starts a program that ends with this process, however that ends: a test that is killed leaves no control plane behind.
 * Where there is no `setpriv` (util-linux) to see to it, the program is started all the same.
 */
export function spawnBound(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const setpriv = findTool('setpriv');
  return setpriv === undefined
    ? spawn(program, args, options)
    : spawn(setpriv, ['--pdeathsig', 'KILL', '--', program, ...args], options);
}
