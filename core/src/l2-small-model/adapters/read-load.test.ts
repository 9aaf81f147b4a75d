import { expect, test } from 'vitest';
import { LLAMACPP } from './llamacpp.ts';
import { readLoad, type LoadNames } from './read-load.ts';
import { TGI } from './tgi.ts';
import { VLLM } from './vllm.ts';

const NONE: LoadNames = { queued: [], cacheUse: [] };
const of = (names: LoadNames | undefined, ...lines: readonly string[]) => readLoad(lines.join('\n'), names ?? NONE);

test.each([
  [
    'vLLM 1',
    of(
      VLLM.load?.names,
      '# HELP vllm:num_requests_waiting Number of requests waiting to be processed.',
      '# TYPE vllm:num_requests_waiting gauge',
      'vllm:num_requests_waiting{engine="0",model_name="a b} c"} 3.0',
      'vllm:num_requests_waiting{engine="1",model_name="a"} 2.0',
      'vllm:kv_cache_usage_perc{engine="0",model_name="a"} 0.25',
      'vllm:kv_cache_usage_perc{engine="1",model_name="a"} 0.75',
    ),
    { queued: 5, cacheUse: 0.75 },
  ],
  [
    'vLLM 0',
    of(VLLM.load?.names, 'vllm:num_requests_waiting{m="a"} 0.0', 'vllm:gpu_cache_usage_perc{m="a"} 1.2e-1'),
    { queued: 0, cacheUse: 0.12 },
  ],
  [
    'llama.cpp',
    of(LLAMACPP.load?.names, 'llamacpp:requests_deferred 4', 'llamacpp:kv_cache_usage_ratio 0.5'),
    { queued: 4, cacheUse: 0.5 },
  ],
  ['llama.cpp of late', of(LLAMACPP.load?.names, 'llamacpp:requests_deferred 4'), { queued: 4, cacheUse: undefined }],
  ['TGI', of(TGI.load?.names, 'tgi_queue_size 7 1700000000000', 'tgi_batch_current_size 2'), { queued: 7 }],
  ['nothing of the kind', of(VLLM.load?.names, 'process_cpu_seconds_total 3', '<html>'), undefined],
  ['what is no number', of(TGI.load?.names, 'tgi_queue_size NaN'), undefined],
])('reads the load in the words of %s', (_, load, expected) => {
  if (expected === undefined) expect(load).toBeUndefined();
  else expect(load).toMatchObject(expected);
});
