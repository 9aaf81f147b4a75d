import { expect, it } from 'vitest';
import { edgeFault } from './edge-fault.ts';

const log = (message: string): string => JSON.stringify({ timestamp: '1', level: 'error', message });

it('tells the Worker’s own complaints, a line each', () => {
  const message =
    "service core:user:isartor-edge: Uncaught SettingsError: Isartor's Worker cannot start.\n  - A is not set.\n  - B is wrong.\n  at worker.js:5:7";
  const error = { cause: new Error(`The Workers runtime failed to start.\nRuntime stderr:\n${log(message)}`) };
  expect(edgeFault(error)).toBe('A is not set.\nB is wrong.');
});

it('tells what else the Worker threw, without the stack', () => {
  const error = new Error(
    `The Workers runtime failed to start.\n${log('service core:user:x: Uncaught Error: TypeError: boom\n  at worker.js:5:7')}`,
  );
  expect(edgeFault(error)).toBe('the Worker did not start: boom');
});

it.each([
  [
    new Error('outer', { cause: new Error('Build failed with 1 error:\nworker.ts:1:2: Unexpected "("') }),
    'Build failed with 1 error:',
  ],
  [
    { reason: 'x', cause: { message: 'Address already in use (127.0.0.1:8787).' } },
    'Address already in use (127.0.0.1:8787).',
  ],
  [new Error('spawn /nowhere/workerd ENOENT'), 'spawn /nowhere/workerd ENOENT'],
  ['text', 'text'],
])('tells the innermost cause of %s', (error, told) => {
  expect(edgeFault(error)).toBe(`the Worker did not start: ${told}`);
});
