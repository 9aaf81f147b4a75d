import { setTimeout as pause } from 'node:timers/promises';
import { chatBody, fakeUpstream, type FakeUpstream } from '@isartor/shared/testing';

/** Between two words of a stream. */
const WORD_MS = 250;
/** In turn: streams that end while a pod's preStop hook still waits (15 s), and longer ones, which its grace must carry. */
const WORDS = [8, 20, 100] as const;

/** The provider behind the gateway, which speaks as slowly as one. */
export function startCloud(): Promise<FakeUpstream> {
  let streams = 0;
  return fakeUpstream({
    respond: (request) => {
      const body = request.json();
      const streamed = typeof body === 'object' && body !== null && 'stream' in body && body['stream'] === true;
      if (!streamed) return { kind: 'json', body: chatBody('42') };
      streams += 1;
      return { kind: 'stream', steps: words(WORDS[streams % WORDS.length] ?? 1) };
    },
  });
}

async function* words(count: number): AsyncGenerator<string> {
  for (let word = 0; word < count; word += 1) {
    yield chunk({ content: `${word} ` }, null);
    await pause(WORD_MS);
  }
  yield chunk({}, 'stop');
  yield '[DONE]';
}

function chunk(delta: Readonly<Record<string, string>>, finish: 'stop' | null): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}
