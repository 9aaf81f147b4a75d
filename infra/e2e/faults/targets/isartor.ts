import { once } from 'node:events';
import { fakeUpstream } from '@isartor/shared/testing';
import { startCoreProcess } from '../../../../core/test/support/core-process.ts';
import { startBareWorkerd } from '../../../../edge/test/support/bare-workerd.ts';
import { Supervisor } from '../../support/supervisor.ts';
import { KEY, settings } from './settings.ts';
import type { Target } from './target.ts';

const headers = { authorization: `Bearer ${KEY}` };

/** The core alone, as a process of its own. */
export async function startCore(): Promise<Target> {
  const upstream = await fakeUpstream();
  const core = startCoreProcess(settings(upstream.url));
  return {
    origin: await core.origin,
    headers,
    upstream,
    stop: async () => {
      core.child.kill('SIGKILL');
      await core.ended;
      await upstream.close();
    },
  };
}

/** The whole stack as `npm start` runs it: wrangler's development proxy, workerd, core. */
export async function startStack(): Promise<Target> {
  const upstream = await fakeUpstream();
  const supervisor = new Supervisor(settings(upstream.url));
  const origin = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
  return {
    origin,
    headers,
    upstream,
    stop: async () => {
      supervisor.interrupt('SIGTERM');
      await supervisor.ended;
      await upstream.close();
    },
  };
}

/** The Worker in bare workerd, nothing between it and its clients' sockets, and a core behind it. */
export async function startWorkerd(): Promise<Target> {
  const core = await startCore();
  const workerd = await startWorkerdBefore(core.origin);
  return {
    ...core,
    origin: workerd.origin,
    stop: async () => {
      await workerd.stop();
      await core.stop();
    },
  };
}

/** The Worker in bare workerd before a core that runs. */
export async function startWorkerdBefore(core: string): Promise<Pick<Target, 'origin' | 'stop'>> {
  const workerd = await startBareWorkerd({
    ISARTOR__CORE_URL: core,
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__CACHE_MODE: 'exact',
    ISARTOR__CLOCKS__FIRST_BYTE_SECS: '1',
  });
  return {
    origin: `http://127.0.0.1:${workerd.port}`,
    stop: async () => {
      const ended = once(workerd.process, 'exit');
      workerd.process.kill('SIGKILL');
      await ended;
    },
  };
}
