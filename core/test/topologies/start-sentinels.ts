import { RedisProcesses, until, type RedisProcess } from './redis-process.ts';

const MASTER_NAME = 'mymaster';
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 1_000;

/** A master with two replicas, and three sentinels that watch them. */
export interface StartedSentinels {
  /** As in `ISARTOR__REDIS_URL`. */
  readonly url: string;
  readonly master: RedisProcess;
  stop(): Promise<void>;
}

export async function startSentinels(): Promise<StartedSentinels> {
  const processes = new RedisProcesses();
  const policy = 'maxmemory-policy volatile-lru';
  const master = await processes.start(() => [policy]);
  for (let replica = 0; replica < 2; replica += 1) {
    await processes.start(() => [policy, `replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0']);
  }
  await until(
    async () => /^connected_slaves:2/m.test(await master.client.info('replication')),
    'the master has its replicas',
  );
  const sentinels: RedisProcess[] = [];
  for (let sentinel = 0; sentinel < SENTINELS; sentinel += 1) {
    sentinels.push(
      await processes.start(
        () => [
          `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} ${QUORUM}`,
          `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
          `sentinel failover-timeout ${MASTER_NAME} 5000`,
        ],
        ['--sentinel'],
      ),
    );
  }
  for (const { client } of sentinels) {
    await until(async () => {
      const about = String(await client.call('SENTINEL', 'MASTER', MASTER_NAME));
      return /num-slaves,2\b/.test(about) && new RegExp(`num-other-sentinels,${SENTINELS - 1}\\b`).test(about);
    }, 'the sentinels know each other and the replicas');
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return { url: `redis+sentinel://${hosts}/${MASTER_NAME}`, master, stop: () => processes.stop() };
}
