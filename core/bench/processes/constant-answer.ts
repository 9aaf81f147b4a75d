/** The answer of the fake upstream, and of the bare handlers that stand for a cache. */
export const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench0000000000000000001',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'bench-1',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: {
        role: 'assistant',
        content:
          'The Isartor is one of four main gates of the medieval city wall of Munich. It was built in 1337 as part of ' +
          'the second city wall and restored between 1833 and 1835. It separates the old town from the Isarvorstadt.',
      },
    },
  ],
  usage: { prompt_tokens: 21, completion_tokens: 55, total_tokens: 76 },
  system_fingerprint: 'fp_bench00001',
  service_tier: 'default',
});

/** What it serves. */
export const MODELS = JSON.stringify({ object: 'list', data: [{ id: 'bench-1', object: 'model' }] });

/** What a model says that is asked for one letter: the first, surely enough (`layer2.decide: probe`). */
export const LETTER = JSON.stringify({
  id: 'chatcmpl-bench0000000000000000002',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'bench-1',
  choices: [
    {
      index: 0,
      finish_reason: 'length',
      logprobs: {
        content: [
          {
            token: 'A',
            logprob: -0.1,
            top_logprobs: [
              { token: 'A', logprob: -0.1 },
              { token: 'B', logprob: -2.4 },
            ],
          },
        ],
      },
      message: { role: 'assistant', content: 'A' },
    },
  ],
  usage: { prompt_tokens: 90, completion_tokens: 1, total_tokens: 91 },
});

/** Events of a streamed answer before `[DONE]`. */
export const CHUNKS = 20;

/** The streamed answer, event by event; `[DONE]` is the last. */
export const EVENTS: readonly string[] = [
  ...Array.from({ length: CHUNKS }, (_, index) => eventOf(` word${index}`, index === CHUNKS - 1)),
  'data: [DONE]\n\n',
];

/** A model that sends an event every 2 ms, each with the time at which it left in the place of its words. */
export const STAMPED_MODEL = 'bench-stamped';

/** An event that leaves now, by the clock that all processes of a machine share, in ns. */
export function stampedEvent(): string {
  return eventOf(process.hrtime.bigint().toString(), false);
}

/** When the events of a piece of a stream left, in ns. */
export function stampsIn(text: string): bigint[] {
  return [...text.matchAll(/"content":"(\d+)"/g)].map(([, stamp = '0']) => BigInt(stamp));
}

function eventOf(content: string, last: boolean): string {
  const choices = [{ index: 0, delta: last ? {} : { content }, finish_reason: last ? 'stop' : null }];
  const head = { id: 'chatcmpl-bench1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'bench-1' };
  return `data: ${JSON.stringify({ ...head, choices })}\n\n`;
}
