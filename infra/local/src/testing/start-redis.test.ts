import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { testRedis } from './start-redis.ts';

/** Says one command and gives the first reply. */
async function say(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${command}\r\n`);
  const reply = await new Promise<Buffer>((resolve, reject) => socket.once('data', resolve).once('error', reject));
  socket.destroy();
  return reply.toString();
}

it('a Redis of the test’s own is version 8, and is gone when it is stopped', async ({ skip }) => {
  const redis = await testRedis({ own: true });
  if ('skip' in redis) {
    skip(redis.skip);
    return;
  }
  expect(await say(redis.url, 'HELLO 3')).toMatch(/version\r\n\$\d+\r\n8\./);
  expect(await say(redis.url, 'VCARD none')).not.toMatch(/unknown command/);
  await redis.stop();
  await expect(say(redis.url, 'PING')).rejects.toThrow(/ECONNREFUSED/);
});
