// npm run smoke -- https://edge.isartor.example.com: what must hold after a deploy, of an edge or of a core. Its key comes by
// ISARTOR__GATEWAY_API_KEY. One question goes to the provider and may cost a fraction of a cent; ISARTOR_SMOKE_MODEL names
// another model than gpt-4o-mini.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const REQUEST_MS = 120_000;
/** An edge with Redis may remember for 5 s that a tenant had no record yet. */
const HIT_WITHIN_MS = 15_000;

const url = process.argv[2]?.replace(/\/(?:v1\/?)?$/, '');
const { ISARTOR__GATEWAY_API_KEY: key, ISARTOR_SMOKE_MODEL: model = 'gpt-4o-mini' } = process.env;
if (url === undefined || !/^https?:\/\//.test(url) || !key) {
  console.error('usage: ISARTOR__GATEWAY_API_KEY=… npm run smoke -- https://edge.isartor.example.com');
  process.exit(2);
}

await check('GET /healthz answers 200', async () => {
  const { status } = await ask('GET', '/healthz');
  return status === 200 ? '' : `status ${status}`;
});
await check('a call without a key is refused with 401', async () => {
  const { status, layer } = await ask('POST', '/v1/chat/completions', question('no key'));
  return status === 401 && layer === 'l0' ? '' : `status ${status}, layer ${layer}`;
});
await check('a call twice is answered by the provider, then by the exact cache', async () => {
  const body = question(`Answer with the one word yes. (${randomUUID()})`);
  const first = await ask('POST', '/v1/chat/completions', body, key);
  if (first.status !== 200) return `status ${first.status}: ${first.text.slice(0, 300)}`;
  if (first.layer === 'l1a') return 'the first call was a hit already';
  const until = Date.now() + HIT_WITHIN_MS;
  for (;;) {
    const again = await ask('POST', '/v1/chat/completions', body, key);
    if (again.status === 200 && again.layer === 'l1a' && again.text === first.text) return '';
    if (Date.now() > until) return `the second call: status ${again.status}, layer ${again.layer}`;
    await pause(500);
  }
});

/** Says how it went; `what` gives what was wrong, or nothing. */
async function check(name: string, what: () => Promise<string>): Promise<void> {
  const fault = await what().catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return cause instanceof Error ? cause.message || cause.name : 'no connection';
  });
  console.log(`${fault === '' ? 'ok    ' : 'FAILED'} ${name}${fault === '' ? '' : `: ${fault}`}`);
  if (fault !== '') process.exitCode = 1;
}

async function ask(
  method: string,
  path: string,
  body?: string,
  withKey?: string,
): Promise<{ readonly status: number; readonly layer: string | null; readonly text: string }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(REQUEST_MS),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(withKey !== undefined && { authorization: `Bearer ${withKey}` }),
    },
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, layer: answer.headers.get('x-isartor-layer'), text: await answer.text() };
}

function question(content: string): string {
  return JSON.stringify({ model, messages: [{ role: 'user', content }] });
}
