import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toObject, type KubernetesObject } from '../../conformance/support/kubernetes-object.ts';
import { at, listAt } from '../../conformance/support/pods.ts';
import { findTool } from '../../conformance/support/render.ts';

const run = promisify(execFile);
const DEADLINE_MS = 120_000;

/** Runs kubectl or helm on the cluster of that kubeconfig and gives what it prints; throws with what it says when it fails. */
export async function onCluster(
  kubeconfig: string,
  name: 'kubectl' | 'helm',
  args: readonly string[],
): Promise<string> {
  const program = findTool(name);
  if (program === undefined) throw new Error(`there is no ${name} (bash infra/tools/install.sh)`);
  const { stdout } = await run(program, args, {
    // They live for seconds and are short of the machine's CPU, not of its memory.
    env: { ...process.env, KUBECONFIG: kubeconfig, GOGC: '400' },
    timeout: DEADLINE_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Applies on the server what `source` names (`-k folder` or `-f file`) and gives the objects as they are then. */
export async function apply(kubeconfig: string, ...source: readonly string[]): Promise<readonly KubernetesObject[]> {
  return printedObjects(await onCluster(kubeconfig, 'kubectl', ['apply', '--server-side', '--output=json', ...source]));
}

/** What kubectl has printed with `--output=json`. */
export function printedObjects(printed: string): readonly KubernetesObject[] {
  const value: unknown = JSON.parse(printed);
  // One object is printed as itself, several as a list.
  return at(value, 'kind') === 'List' ? listAt(value, 'items').map(toObject) : [toObject(value)];
}
