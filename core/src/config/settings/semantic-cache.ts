import { redisAddress, serverRootUrl } from '../address-types.ts';
import { setting } from '../setting.ts';
import { choice, decimalNumber, flag, oneLine, phrases, wholeNumber } from '../value-types.ts';

/** L1b: the semantic cache and what makes its embeddings. */
export const SEMANTIC_CACHE_SETTINGS = {
  similarityThreshold: setting({
    path: 'semantic_cache.similarity_threshold',
    aliases: ['similarity_threshold'],
    env: 'ISARTOR__SIMILARITY_THRESHOLD',
    type: decimalNumber(0, 1),
    default: undefined,
    defaultText: "the embedder's calibrated value",
    doc: 'Least cosine similarity of two questions; necessary for a hit, not sufficient.',
  }),
  semanticMode: setting({
    path: 'semantic_cache.mode',
    type: choice(['serve', 'shadow']),
    default: undefined,
    defaultText: '`shadow`',
    doc: '`shadow`: look up and count off the hot path, and answer from the next layer.',
  }),
  semanticPoint: setting({
    path: 'semantic_cache.point',
    type: choice(['strict', 'balanced', 'loose']),
    default: 'strict',
    doc: 'Operating point: how much recall is traded for wrong hits.',
  }),
  semanticEmbedder: setting({
    path: 'semantic_cache.embedder',
    type: choice(['auto', 'onnx', 'sidecar', 'builtin']),
    default: 'auto',
    doc: 'What makes the embeddings: the model of `model_dir` in process, a server of its own, or the small model that comes along. `auto`: the server where its address is set, else `model_dir` where it is set, else the small one.',
  }),
  semanticModelDir: setting({
    path: 'semantic_cache.model_dir',
    type: oneLine(),
    default: undefined,
    doc: 'Folder of the ONNX model and its tokenizer.',
  }),
  semanticRepeatedOnly: setting({
    path: 'semantic_cache.repeated_only',
    type: flag(),
    default: false,
    doc: 'Let a question answer others only once it was itself asked a second time, letter by letter, while its answer was kept: what one caller asks once is then served to nobody else. A repetition that the edge answers is not seen.',
  }),
  semanticVolatile: setting({
    path: 'semantic_cache.volatile',
    type: phrases(),
    default: 'default',
    doc: 'Words and phrases that mark a question as one with another answer tomorrow: it is neither looked up nor learnt. `default` stands for the built-in ones (today, now, latest, prices, weather …). The header `x-isartor-volatile` says otherwise for one request.',
  }),
  semanticTimeoutMs: setting({
    path: 'semantic_cache.timeout_ms',
    type: wholeNumber(1, 600_000),
    default: 250,
    unit: 'milliseconds',
    doc: 'How long a request waits for its embedding at most before it goes on to the next layer.',
  }),
  semanticIndex: setting({
    path: 'semantic_cache.index',
    type: choice(['auto', 'memory', 'redis']),
    default: 'auto',
    doc: 'Where vectors are kept. `auto`: Redis where `cache_backend` is `redis` and the server has vector sets, else memory.',
  }),
  semanticLogPairs: setting({
    path: 'semantic_cache.log_pairs',
    type: flag(),
    default: false,
    doc: 'Keep the texts of the riskiest pairs that `shadow` finds, for `npm run report`: in memory and, where the cache is there, in Redis. Without it a report names pairs by their digests.',
  }),
  semanticRedisUrl: setting({
    path: 'semantic_cache.redis_url',
    type: redisAddress(),
    default: undefined,
    defaultText: 'the Redis of the exact cache',
    secret: true,
    doc: 'A Redis 8 for the vectors alone, beside a shared one that has no vector sets.',
  }),
  embeddingSidecarUrl: setting({
    path: 'embedding_sidecar.sidecar_url',
    type: serverRootUrl(),
    default: undefined,
    defaultText: 'none: embeddings are made in process',
    doc: 'Root of an embedding server (TEI, or any with `/v1/embeddings`).',
  }),
  embeddingSidecarModel: setting({
    path: 'embedding_sidecar.model_name',
    type: oneLine(),
    default: undefined,
    doc: 'Model name to ask the embedding server for.',
  }),
  embeddingSidecarTimeoutSecs: setting({
    path: 'embedding_sidecar.timeout_seconds',
    type: decimalNumber(0.001, 600),
    default: 10,
    unit: 'seconds',
    doc: 'Longest wait for the embedding server.',
  }),
};
