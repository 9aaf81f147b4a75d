import { SOAK_KEY } from './soak-stack.ts';

const AT_ONCE = 8;
const PATIENCE_MS = 30_000;

/**
 * Asks the core so many different questions, whose answers it does not keep: what it remembers of each body is at its
 * bound afterwards, and what grows from then on is a leak.
 * @throws Error when one is not answered
 */
export async function fillTables(coreOrigin: string, questions: number, signal: AbortSignal): Promise<void> {
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < questions) await ask(coreOrigin, (next += 1), signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

async function ask(coreOrigin: string, number: number, stopped: AbortSignal): Promise<void> {
  const response = await fetch(`${coreOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SOAK_KEY}`,
      'content-type': 'application/json',
      // The upstream's answer is one that was cut at its length, which no cache keeps.
      'x-request-id': `fill-length-${number}`,
    },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: `fill ${number}` }] }),
    signal: AbortSignal.any([stopped, AbortSignal.timeout(PATIENCE_MS)]),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the core answered a question that fills its tables with ${response.status}`);
}
