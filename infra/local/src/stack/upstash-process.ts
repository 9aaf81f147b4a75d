// The Upstash-compatible server as a child of the supervisor. UPSTASH_PORT, UPSTASH_TOKEN and UPSTASH_REDIS come by the
// environment: a command line would show the token.
import { createUpstashServer } from './upstash-server.ts';
import { stopWithParent } from './stop-with-parent.ts';

const { UPSTASH_PORT: port = '0', UPSTASH_TOKEN: token = '', UPSTASH_REDIS: redisUrl = '' } = process.env;
const server = createUpstashServer({ token, redisUrl });
server.on('error', (error) => {
  console.error(`isartor: the Redis REST server cannot listen on port ${port}: ${error.message}`);
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => process.send?.({ kind: 'ready' }));
process.once('SIGTERM', () => process.exit(0));
stopWithParent();
