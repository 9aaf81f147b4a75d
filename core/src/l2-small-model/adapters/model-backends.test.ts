import { BACKENDS, fakePool, overflowAnswer } from '../../../test/support/fake-pool.ts';
import { modelBackendContract } from '../model-backend.contract.ts';
import { HttpModelBackend } from './http-model-backend.ts';
import { LLAMACPP } from './llamacpp.ts';
import { OPENAI } from './openai.ts';
import { TGI } from './tgi.ts';
import { VLLM } from './vllm.ts';

const PROTOCOLS = { vllm: VLLM, tgi: TGI, llamacpp: LLAMACPP, openai: OPENAI };

for (const kind of BACKENDS) {
  modelBackendContract(kind, async (state) => {
    const pool = await fakePool(kind, { loading: state === 'loading', sureOf: () => 0.9 });
    return {
      backend: new HttpModelBackend(PROTOCOLS[kind], { url: pool.url, apiKey: undefined, betweenBytesMs: 5_000 }),
      overflow: () => void (pool.behaviour.answer = () => overflowAnswer(kind)),
      slow: () => void (pool.behaviour.answer = () => new Promise(() => undefined)),
      stop: () => pool.upstream.close(),
    };
  });
}
