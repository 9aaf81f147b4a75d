import { errorAnswer, fakeUpstream, jsonAnswer, messageBody, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

let openai: FakeUpstream;
let claude: FakeUpstream;
let core: RunningCore;

/** OpenAI is down, and Claude next. */
beforeAll(async () => {
  [openai, claude] = await Promise.all([fakeUpstream(), fakeUpstream()]);
  core = await startCore(openai.url, {
    ISARTOR__L3__RETRY__MAX_CALLS: '4',
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'openai', dialect: 'openai', url: openai.url, model: 'gpt-5', key: 'sk' },
      { name: 'claude', dialect: 'anthropic', url: claude.url, model: 'claude-sonnet-4-5', key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([{ model: '*', to: [{ provider: 'openai' }, { provider: 'claude' }] }]),
  });
  openai.respondWith(() => errorAnswer(503, 'down'));
  claude.respondWith(() => jsonAnswer(messageBody('From Claude.')));
});
afterAll(async () => {
  await core.stop();
  await Promise.all([openai, claude].map((upstream) => upstream.close()));
});

it.each([
  [
    'a response',
    '/v1/responses',
    {
      store: false,
      include: ['reasoning.encrypted_content'],
      input: [
        { role: 'user', content: 'Is it dry?' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Ask the tool.' }],
          encrypted_content: 'gAAAAABo',
        },
        { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'rain' },
      ],
    },
  ],
  [
    'a chat',
    '/v1/chat/completions',
    {
      messages: [
        { role: 'user', content: 'Is it dry?' },
        {
          role: 'assistant',
          content: null,
          reasoning_details: [
            { type: 'reasoning.encrypted', data: 'gAAAAABo', format: 'openai-responses-v1', id: 'rs_1', index: 0 },
          ],
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
      ],
    },
  ],
])(
  'the second turn of %s whose thoughts OpenAI sealed is answered by Claude, without them',
  async (_what, path, ask) => {
    const reply = await core.post(path, { model: 'gpt-5', ...ask });
    expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('From Claude.')]);
    expect(claude.requests.at(-1)?.json()).toMatchObject({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Is it dry?' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bonn' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'rain' }] },
      ],
    });
  },
);
