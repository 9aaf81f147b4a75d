import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYaml } from './support/kubernetes-object.ts';
import { at, listAt } from './support/pods.ts';
import { INFRA } from './support/render.ts';

/** A request to the API server, as far as an audit policy looks at it. */
interface AuditedRequest {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly verb: string;
  readonly resource?: { readonly group: string; readonly name: string; readonly namespace?: string };
  readonly url?: string;
}

const [policy] = parseYaml(readFileSync(join(INFRA, 'k8s', 'cluster', 'audit-policy.yaml'), 'utf8'));

/** The level of the first rule that matches, as the API server decides; `None` without one. */
function levelOf(request: AuditedRequest): string {
  const rule = listAt(policy, 'rules').find((one) => matches(one, request));
  return rule === undefined ? 'None' : String(at(rule, 'level'));
}

function matches(rule: unknown, { user, groups = [], verb, resource, url }: AuditedRequest): boolean {
  const allows = (key: string, values: readonly (string | undefined)[]): boolean => {
    const wanted = listAt(rule, key);
    return wanted.length === 0 || values.some((value) => wanted.includes(value));
  };
  if (!allows('users', [user]) || !allows('userGroups', groups) || !allows('verbs', [verb])) return false;
  const [resources, urls] = [listAt(rule, 'resources'), listAt(rule, 'nonResourceURLs').map(String)];
  if (resource === undefined) {
    return resources.length === 0 && (urls.length === 0 || urls.some((one) => covers(one, url ?? '')));
  }
  if (urls.length > 0 || !allows('namespaces', [resource.namespace])) return false;
  return resources.length === 0 || resources.some((one) => names(one, resource));
}

function covers(pattern: string, url: string): boolean {
  return pattern.endsWith('*') ? url.startsWith(pattern.slice(0, -1)) : url === pattern;
}

function names(group: unknown, resource: { readonly group: string; readonly name: string }): boolean {
  const wanted = listAt(group, 'resources');
  return at(group, 'group') === resource.group && (wanted.length === 0 || wanted.includes(resource.name));
}

const secret = { group: '', name: 'secrets', namespace: 'isartor' };

describe('the audit policy', () => {
  it.each<[string, AuditedRequest, string]>([
    ['that a Secret was read, never what is in it', { user: 'ann', verb: 'get', resource: secret }, 'Metadata'],
    ['that a Secret was made, never what is in it', { user: 'ann', verb: 'create', resource: secret }, 'Metadata'],
    [
      'that a controller changed a Secret, too',
      { user: 'system:kube-controller-manager', verb: 'update', resource: secret },
      'Metadata',
    ],
    [
      'a shell in a pod',
      { user: 'ann', verb: 'create', resource: { group: '', name: 'pods/exec', namespace: 'isartor' } },
      'Metadata',
    ],
    [
      'a changed Deployment of ours, with what was sent',
      { user: 'ann', verb: 'patch', resource: { group: 'apps', name: 'deployments', namespace: 'isartor' } },
      'Request',
    ],
    [
      'a changed right anywhere, with what was sent',
      { user: 'ann', verb: 'create', resource: { group: 'rbac.authorization.k8s.io', name: 'clusterrolebindings' } },
      'Request',
    ],
    [
      'a change elsewhere, in brief',
      { user: 'ann', verb: 'delete', resource: { group: 'apps', name: 'deployments', namespace: 'other' } },
      'Metadata',
    ],
    [
      'no report of a node',
      { user: 'system:node:a', groups: ['system:nodes'], verb: 'patch', resource: { group: '', name: 'nodes/status' } },
      'None',
    ],
    ['no probe', { user: 'system:anonymous', verb: 'get', url: '/readyz' }, 'None'],
    [
      'no look at a list',
      { user: 'ann', verb: 'list', resource: { group: '', name: 'pods', namespace: 'isartor' } },
      'None',
    ],
  ])('records %s', (_what, request, level) => {
    expect(levelOf(request)).toBe(level);
  });

  it('writes no line before a request is answered', () => {
    expect(listAt(policy, 'omitStages')).toEqual(['RequestReceived']);
  });
});
