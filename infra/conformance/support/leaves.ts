import { isMapping } from './kubernetes-object.ts';

/** One value of an object, and where it stands: `spec.template.spec.containers[gateway].image`. */
export interface Leaf {
  readonly path: string;
  readonly value: unknown;
}

/** By what the members of a list are told apart; the first that an object has. */
const NAMES = ['name', 'key', 'containerPort', 'port', 'type', 'host', 'secretName', 'path'] as const;

/**
 * The values of an object, its lists of objects told apart by name, and its plain lists whole: order counts there (the
 * arguments of a program).
 */
export function leavesOf(value: unknown, path = ''): readonly Leaf[] {
  if (Array.isArray(value)) {
    const members: readonly unknown[] = value;
    if (path.endsWith('args')) return argumentsOf(members.map(String), path);
    if (!members.every(isMapping)) return [{ path, value }];
    // What a mesh answers by itself is none of the guide's routes, and does not move their places.
    return members
      .filter((member) => !('directResponse' in member))
      .flatMap((member, index) => leavesOf(member, `${path}[${nameOf(member, index)}]`));
  }
  if (!isMapping(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

/** A program's arguments as pairs, `--port 8081`: their order does not matter, and each is a value of its own. */
function argumentsOf(args: readonly string[], path: string): readonly Leaf[] {
  const leaves: Leaf[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [name, next] = [args[at], args[at + 1]];
    const hasValue = next !== undefined && !next.startsWith('--');
    leaves.push({ path: `${path}[${name}]`, value: hasValue ? next : true });
    if (hasValue) at += 1;
  }
  return leaves;
}

function nameOf(member: Readonly<Record<string, unknown>>, index: number): string {
  const names = [metricOf(member), ...NAMES.map((name) => member[name])];
  const name = names.find((value) => typeof value === 'string' || typeof value === 'number');
  return String(name ?? index);
}

/** What an autoscaler's metric is called; two of them may have one type. */
function metricOf({ pods }: Readonly<Record<string, unknown>>): unknown {
  return isMapping(pods) && isMapping(pods['metric']) ? pods['metric']['name'] : undefined;
}
