// What the probes of the manifests ask of redis-cli, which does not come with every redis-server: one command without
// arguments, to the pod's own address, by the password in REDISCLI_AUTH. `node redis-cli.ts HOST COMMAND`.
import { Redis } from 'ioredis';

const [host = '', command = ''] = process.argv.slice(2);
const redis = new Redis({ host, password: process.env['REDISCLI_AUTH'], lazyConnect: true, retryStrategy: () => null });
redis.on('error', () => undefined);
try {
  await redis.connect();
  process.stdout.write(`${String(await redis.call(command))}\n`);
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  redis.disconnect();
}
