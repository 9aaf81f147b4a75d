import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseObjects, type KubernetesObject } from './kubernetes-object.ts';

/** `infra/`. */
export const INFRA = join(import.meta.dirname, '..', '..');

/** The overlays, in the order in which the guide tells of them. */
export const OVERLAYS = [
  'dev',
  'production',
  'keda',
  'istio',
  'tgi',
  'llamacpp',
  'gateway-api',
  'external-redis',
  'mig',
  'multi-region',
] as const;

const DEADLINE_MS = 60_000;

const toolsFolder =
  process.env['ISARTOR_TOOLS_DIR'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'isartor', 'tools');

/** The program that `infra/tools/install.sh` got, or the one on PATH; undefined when there is neither. */
export function findTool(name: string): string | undefined {
  const folders = [join(toolsFolder, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Says in one line what is not checked where a tool is missing, and true when it is; under CI a missing tool is an error.
 */
export function isMissing(what: string, ...names: readonly string[]): boolean {
  if (names.some((name) => findTool(name) !== undefined)) return false;
  const text = `SKIPPED: ${what}: there is no ${names.join(' or ')} (bash infra/tools/install.sh)`;
  if (process.env['CI']) throw new Error(text);
  process.stderr.write(`${text}\n`);
  return true;
}

/** Runs a tool and gives what it prints; throws with what it says when it fails. */
export function runTool(name: string, args: readonly string[]): string {
  const program = findTool(name);
  if (program === undefined) throw new Error(`there is no ${name}`);
  return execFileSync(program, args, {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** True, and said, when nothing here can render Kustomize's folders. */
export function cannotRender(): boolean {
  return isMissing('the rendered manifests', 'kubectl', 'kustomize');
}

/** What `kubectl apply -k` would apply: `base`, or the name of an overlay. */
export function render(layer: 'base' | (typeof OVERLAYS)[number]): readonly KubernetesObject[] {
  const folder = join(INFRA, 'k8s', layer === 'base' ? 'base' : join('overlays', layer));
  return parseObjects(
    findTool('kubectl') === undefined
      ? runTool('kustomize', ['build', folder])
      : runTool('kubectl', ['kustomize', folder]),
  );
}
