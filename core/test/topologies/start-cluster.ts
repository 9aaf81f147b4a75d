import { freePort } from '../support/free-port.ts';
import { RedisProcesses, until, type RedisProcess } from './redis-process.ts';

const MASTERS = 3;
const SLOTS = 16_384;
/** How long a node may be silent before the others take it for dead. */
const NODE_TIMEOUT_MS = 1_000;

/** A Redis Cluster of three masters with a replica each. */
export interface StartedCluster {
  /** As in `ISARTOR__REDIS_URL`. */
  readonly url: string;
  readonly masters: readonly RedisProcess[];
  readonly replicas: readonly RedisProcess[];
  stop(): Promise<void>;
}

export async function startCluster(): Promise<StartedCluster> {
  const processes = new RedisProcesses();
  const start = (): Promise<RedisProcess> =>
    processes.start(async () => {
      const bus = await freePort();
      return [
        'cluster-enabled yes',
        `cluster-config-file nodes-${bus}.conf`,
        `cluster-port ${bus}`,
        `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
        'maxmemory-policy volatile-lru',
      ];
    });
  const masters = [await start(), await start(), await start()];
  const replicas = [await start(), await start(), await start()];
  await bringTogether(masters, replicas);
  const hosts = processes.all.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return { url: `redis+cluster://${hosts}`, masters, replicas, stop: () => processes.stop() };
}

/** What `redis-cli --cluster create` does. */
async function bringTogether(masters: readonly RedisProcess[], replicas: readonly RedisProcess[]): Promise<void> {
  const all = [...masters, ...replicas];
  const [first] = masters;
  if (first === undefined) throw new Error('a cluster of no master');
  for (const [at, { client }] of masters.entries()) {
    await client.call(
      'CLUSTER',
      'ADDSLOTSRANGE',
      String(Math.ceil((at * SLOTS) / MASTERS)),
      String(Math.ceil(((at + 1) * SLOTS) / MASTERS) - 1),
    );
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
  }
  for (const { port, client } of all.slice(1)) {
    const bus = String(await client.config('GET', 'cluster-port')).split(',')[1] ?? '';
    await first.client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), bus);
  }
  const knowsAll = async ({ client }: RedisProcess): Promise<boolean> =>
    (await infoOf(client, 'cluster_known_nodes')) === String(all.length);
  for (const node of all) await until(() => knowsAll(node), 'the nodes of the cluster know each other');
  for (const [at, { client }] of replicas.entries()) {
    const id = String(await masters[at]?.client.call('CLUSTER', 'MYID'));
    await until(async () => (await client.call('CLUSTER', 'REPLICATE', id)) === 'OK', 'a replica knows its master');
  }
  for (const { client } of all) {
    await until(async () => (await infoOf(client, 'cluster_state')) === 'ok', 'the cluster is whole');
  }
  for (const { client } of masters) await until(() => hasReplica(client), 'a master has its replica');
}

async function infoOf(client: RedisProcess['client'], field: string): Promise<string | undefined> {
  return new RegExp(`${field}:(\\w+)`).exec(String(await client.call('CLUSTER', 'INFO')))?.[1];
}

async function hasReplica(client: RedisProcess['client']): Promise<boolean> {
  return /^slave0:.*state=online/m.test(await client.info('replication'));
}
