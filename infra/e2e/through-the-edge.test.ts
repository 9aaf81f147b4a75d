import { fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll } from 'vitest';
import { ACCEPTANCE_SETTINGS, describeAcceptance } from './support/acceptance.contract.ts';
import { apart } from './support/apart.ts';
import { Supervisor } from './support/supervisor.ts';

let upstream: FakeUpstream;
let supervisor: Supervisor;
let edge: string;

/** The whole stack, in memory: real workerd, a real core, and an upstream whose answers are data. */
beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  supervisor = new Supervisor({
    ...ACCEPTANCE_SETTINGS,
    ...(await apart()),
    ISARTOR__EXTERNAL_LLM_URL: upstream.url,
  });
  edge = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
});

afterAll(async () => {
  supervisor.interrupt('SIGTERM');
  await supervisor.ended;
  await upstream.close();
});

describeAcceptance(() => ({ edge, upstream }), 'edge');
