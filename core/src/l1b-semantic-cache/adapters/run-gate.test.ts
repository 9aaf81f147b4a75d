import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { RunGate } from './run-gate.ts';

/** A thread that works for so long, in the gate's terms, once it has said that it began. */
const WORKING = `
  const { parentPort, workerData } = require('node:worker_threads');
  const states = new Int32Array(workerData.memory);
  Atomics.add(states, 0, 1);
  parentPort.postMessage('begun');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.ms);
  Atomics.sub(states, 0, 1);
  Atomics.notify(states, 0);
`;

async function working(gate: RunGate, ms: number): Promise<Worker> {
  const worker = new Worker(WORKING, { eval: true, workerData: { memory: gate.memory, ms } });
  await new Promise((resolve) => worker.once('message', resolve));
  return worker;
}

test('shutting waits for what has begun in another thread', async () => {
  const gate = new RunGate();
  await working(gate, 300);
  const began = performance.now();
  gate.shut(10_000);
  expect(performance.now() - began).toBeGreaterThan(150);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('shutting waits no longer than it may', async () => {
  const gate = new RunGate();
  const worker = await working(gate, 60_000);
  const began = performance.now();
  gate.shut(50);
  expect(performance.now() - began).toBeLessThan(5_000);
  await worker.terminate();
});

test('nothing begins once it is shut', async () => {
  const gate = new RunGate();
  expect(await gate.enter(() => Promise.resolve(1))).toBe(1);
  gate.shut(0);
  let begun = false;
  void gate.enter(() => {
    begun = true;
    return Promise.resolve();
  });
  await Promise.resolve();
  expect(begun).toBe(false);
});
