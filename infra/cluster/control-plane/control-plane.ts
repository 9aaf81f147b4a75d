import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../local/src/testing/free-port.ts';
import { SERVICE_RANGE } from '../kubelet/addresses.ts';
import { KubernetesApi } from './api.ts';
import { makeAuthority, makeCertificate, type Certified } from './certificates.ts';
import { Program } from './program.ts';

const START_MS = 120_000;
const FRONT_PROXY = 'front-proxy-client';

/** A control plane of this machine: real etcd, API server, controller manager and scheduler on loopback ports. */
export interface ControlPlane {
  readonly api: KubernetesApi;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Whose certificates its parts trust. */
  readonly authority: Certified;
  /** Where its programs run and write; removed at its end. */
  readonly folder: string;
  /** Starts another program beside its own, which ends before them. */
  readonly start: (name: string, args: readonly string[], env?: Readonly<Record<string, string>>) => Program;
  /** Ends every process and removes all state. */
  readonly stop: () => Promise<void>;
}

/** Starts one with empty state in a temporary folder; resolves when the API server says that it is ready. */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'isartor-cluster-'));
  const programs: Program[] = [];
  const start: ControlPlane['start'] = (name, args, env = {}) => {
    const program = new Program(name, args, folder, env);
    programs.push(program);
    return program;
  };
  const stop = async (): Promise<void> => {
    // In the reverse order: the API server before the etcd that it asks.
    for (const program of programs.toReversed()) await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [etcd, peer, secure, controllers, scheduler] = await freePorts(5);
    const token = randomBytes(16).toString('hex');
    const authority = await makeAuthority();
    writeKeys(folder, token, authority, await makeCertificate(authority, FRONT_PROXY));
    start('etcd', etcdArguments(etcd, peer));
    const server = start('kube-apiserver', apiServerArguments(etcd, secure));
    const origin = `https://127.0.0.1:${secure}`;
    const certificate = join(folder, 'pki', 'apiserver.crt');
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigOf(origin, certificate, token), { mode: 0o600 });
    const api = new KubernetesApi(origin, token, () => readFileSync(certificate, 'utf8'));
    await ready(api, server);
    const common = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--bind-address=127.0.0.1'];
    start('kube-controller-manager', [...common, `--secure-port=${controllers}`, ...CONTROLLER_ARGUMENTS]);
    start('kube-scheduler', [...common, `--secure-port=${scheduler}`]);
    return { api, kubeconfig, authority, folder, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePorts(count: 5): Promise<readonly [number, number, number, number, number]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = ports;
  return [a, b, c, d, e];
}

/**
 * The key that signs tokens of ServiceAccounts, the administrator's own token, and what the API server shows to the
 * servers of other APIs that it stands before.
 */
function writeKeys(folder: string, token: string, authority: Certified, frontProxy: Certified): void {
  mkdirSync(join(folder, 'pki'));
  writeFileSync(join(folder, 'pki', 'ca.crt'), authority.cert);
  writeFileSync(join(folder, 'pki', 'proxy.crt'), frontProxy.cert);
  writeFileSync(join(folder, 'pki', 'proxy.key'), frontProxy.key, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'pki', 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'pki', 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
}

function etcdArguments(client: number, peer: number): readonly string[] {
  const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  return [
    '--data-dir=etcd',
    // A state that nobody wants after the test.
    '--unsafe-no-fsync',
    '--log-level=error',
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ];
}

function apiServerArguments(etcd: number, secure: number): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    `--secure-port=${secure}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // It makes its own certificate there.
    '--cert-dir=pki',
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-account-key-file=pki/sa.key',
    '--service-account-signing-key-file=pki/sa.key',
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--token-auth-file=pki/tokens.csv',
    '--authorization-mode=Node,RBAC',
    '--endpoint-reconciler-type=none',
    // For the APIs of metrics, which other servers have.
    '--requestheader-client-ca-file=pki/ca.crt',
    `--requestheader-allowed-names=${FRONT_PROXY}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--proxy-client-cert-file=pki/proxy.crt',
    '--proxy-client-key-file=pki/proxy.key',
  ];
}

const CONTROLLER_ARGUMENTS = [
  '--service-account-private-key-file=pki/sa.key',
  '--root-ca-file=pki/apiserver.crt',
  '--use-service-account-credentials',
  // Autoscalers look, and change their minds, sooner than in a cluster that is to last.
  '--horizontal-pod-autoscaler-sync-period=2s',
  '--horizontal-pod-autoscaler-downscale-stabilization=5s',
  '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
  '--horizontal-pod-autoscaler-cpu-initialization-period=5s',
];

function kubeconfigOf(server: string, certificate: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}

async function ready(api: KubernetesApi, server: Program): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && server.runs) {
    if (await api.isReady()) return;
    await pause(200);
  }
  throw new Error(`the API server is not ready: ${server.said()}`);
}
