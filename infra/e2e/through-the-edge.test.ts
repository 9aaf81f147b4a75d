import { fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll } from 'vitest';
import { ACCEPTANCE_SETTINGS, describeAcceptance } from './support/acceptance.contract.ts';
import { describeAnthropic } from './support/anthropic.contract.ts';
import { apart } from './support/apart.ts';
import { describeGemini } from './support/gemini.contract.ts';
import { describeResponses } from './support/responses.contract.ts';
import { Supervisor } from './support/supervisor.ts';
import { describeUsage } from './support/usage.contract.ts';

let upstream: FakeUpstream;
let supervisor: Supervisor;
let edge: string;

/** The whole stack, in memory: real workerd, a real core, and an upstream whose answers are data. */
beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  supervisor = new Supervisor({
    ...ACCEPTANCE_SETTINGS,
    ...(await apart()),
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'openai', url: upstream.url, model: 'gpt-4o-mini' },
      { name: 'gemini', dialect: 'gemini', url: upstream.url, model: 'gemini-2.5-flash' },
      { name: 'anthropic', dialect: 'anthropic', url: upstream.url, model: 'claude-haiku-4-5' },
    ]),
  });
  edge = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
});

afterAll(async () => {
  supervisor.interrupt('SIGTERM');
  await supervisor.ended;
  await upstream.close();
});

describeAcceptance(() => ({ edge, upstream }), 'edge');
describeAnthropic(() => ({ edge, upstream }));
describeResponses(() => ({ edge, upstream }));
describeGemini(() => ({ edge, upstream }));
describeUsage(() => ({ edge, upstream }));
