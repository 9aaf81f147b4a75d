import { fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../local/src/testing/free-port.ts';
import { ACCEPTANCE_SETTINGS, describeAcceptance } from './support/acceptance.contract.ts';
import { Supervisor } from './support/supervisor.ts';

let upstream: FakeUpstream;
let supervisor: Supervisor;
let edge: string;

/** Not the default ports, which start.test.ts asks for at the same time. */
async function ownPorts(): Promise<NodeJS.ProcessEnv> {
  return {
    ISARTOR_EDGE_PORT: `127.0.0.1:${await freePort()}`,
    ISARTOR__HOST_PORT: `127.0.0.1:${await freePort()}`,
    ISARTOR__METRICS_PORT: '0',
  };
}

/** The whole stack, in memory: real workerd, a real core, and an upstream whose answers are data. */
beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  const settings = { ...ACCEPTANCE_SETTINGS, ...(await ownPorts()), ISARTOR__EXTERNAL_LLM_URL: upstream.url };
  supervisor = new Supervisor(settings);
  edge = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
});

afterAll(async () => {
  supervisor.interrupt('SIGTERM');
  await supervisor.ended;
  await upstream.close();
});

describeAcceptance(() => ({ edge, upstream }), 'edge');
