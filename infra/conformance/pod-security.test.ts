import { describe, expect, it } from 'vitest';
import { parseObjects } from './support/kubernetes-object.ts';
import { restrictedFaults } from './support/pod-security.ts';
import { podTemplates } from './support/pods.ts';

const GOOD = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: a }
spec:
  template:
    metadata: { labels: { app: a } }
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: a
          image: a:1
          ports: [{ containerPort: 80 }]
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
      volumes: [{ name: v, emptyDir: {} }]
`;

function faultsOf(manifest: string): readonly string[] {
  return podTemplates(parseObjects(manifest)).flatMap(restrictedFaults);
}

describe('the check of Pod Security `restricted`', () => {
  it('admits a good pod', () => {
    expect(faultsOf(GOOD)).toEqual([]);
  });

  it.each([
    ['runAsNonRoot: true', 'runAsNonRoot: false', 'a: runAsNonRoot'],
    ['runAsUser: 1000', 'runAsUser: 0', 'a: a numeric user that is not root'],
    ['runAsUser: 1000', 'runAsGroup: 1000', 'a: a numeric user that is not root'],
    ['RuntimeDefault', 'Unconfined', 'a: seccomp'],
    ['allowPrivilegeEscalation: false', 'privileged: false', 'a: allowPrivilegeEscalation'],
    ['drop: [ALL]', 'drop: [NET_RAW]', 'a: all capabilities dropped'],
    ['drop: [ALL]', 'drop: [ALL], add: [SYS_ADMIN]', 'a: capabilities added'],
    ['containerPort: 80', 'containerPort: 80, hostPort: 80', 'a: a host port'],
    ['emptyDir: {}', 'hostPath: { path: / }', 'a volume of kind hostPath'],
    ['      containers:', '      hostNetwork: true\n      containers:', 'hostNetwork'],
  ])('refuses it with %s made %s', (before, after, fault) => {
    expect(GOOD).toContain(before);
    expect(faultsOf(GOOD.replace(before, after))).toEqual([fault]);
  });
});
