import { isMapping } from './kubernetes-object.ts';
import { at, listAt, type PodTemplate } from './pods.ts';

const VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/**
 * Why Pod Security's `restricted` level would refuse a pod, as far as these manifests could go wrong: the rules of the
 * standard without those on fields that nobody here sets. None: it is admitted.
 */
export function restrictedFaults({ spec, containers }: PodTemplate): readonly string[] {
  const pod = spec['securityContext'];
  const faults = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => spec[key] === true);
  for (const volume of listAt(spec, 'volumes')) {
    const kinds = Object.keys(isMapping(volume) ? volume : {}).filter((key) => key !== 'name');
    faults.push(...kinds.filter((kind) => !VOLUMES.has(kind)).map((kind) => `a volume of kind ${kind}`));
  }
  for (const { name, spec: container } of containers) {
    const own = container['securityContext'];
    const setting = (key: string): unknown => at(own, key) ?? at(pod, key);
    const demand = (holds: boolean, what: string): unknown => holds || faults.push(`${name}: ${what}`);
    demand(setting('runAsNonRoot') === true, 'runAsNonRoot');
    demand(typeof setting('runAsUser') === 'number' && setting('runAsUser') !== 0, 'a numeric user that is not root');
    demand(at(own, 'allowPrivilegeEscalation') === false, 'allowPrivilegeEscalation');
    demand(at(own, 'privileged') !== true, 'privileged');
    demand(listAt(own, 'capabilities', 'drop').includes('ALL'), 'all capabilities dropped');
    demand(
      listAt(own, 'capabilities', 'add').every((one) => one === 'NET_BIND_SERVICE'),
      'capabilities added',
    );
    demand(['RuntimeDefault', 'Localhost'].includes(String(at(setting('seccompProfile'), 'type'))), 'seccomp');
    for (const port of listAt(container, 'ports')) demand(at(port, 'hostPort') === undefined, 'a host port');
  }
  return faults;
}
