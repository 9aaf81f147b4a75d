// A stand-in for vLLM's server in the place of its image: takes the arguments that the manifests give it, and the
// address of its pod. It thinks for a while, as a model does.
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chatBody, jsonAnswer } from '@isartor/shared/testing';
import { fakePool } from '../../../core/test/support/fake-pool.ts';

const THINKS_MS = 1_500;

const { values } = parseArgs({
  options: { host: { type: 'string' }, port: { type: 'string' }, 'served-model-name': { type: 'string' } },
  strict: false,
});
const model = String(values['served-model-name']);
const pool = await fakePool('vllm', {
  models: [model],
  answer: async () => {
    await pause(THINKS_MS);
    return jsonAnswer(chatBody('small', { model }));
  },
});
const behind = Number(new URL(pool.url).port);
const server = createServer((client) => {
  const socket = connect(behind, '127.0.0.1');
  client.pipe(socket).pipe(client);
  client.on('error', () => socket.destroy());
  socket.on('error', () => client.destroy());
});
server.listen(Number(values['port']), String(values['host']));
