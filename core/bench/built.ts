// The built core's own modules, with the types of their sources: what is measured is what is shipped.
import { join } from 'node:path';
import type * as MemoryVectorIndexes from '../src/l1b-semantic-cache/adapters/memory-vector-index.ts';
import type * as ModelFolders from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import type * as OnnxEmbedders from '../src/l1b-semantic-cache/adapters/onnx-embedder.ts';
import type * as RedisVectorIndexes from '../src/l1b-semantic-cache/adapters/redis-vector-index.ts';
import type * as Verifier from '../src/l1b-semantic-cache/verifier/verify-hit.ts';
import type * as RedisClients from '../src/redis/redis-client.ts';
import type * as Logs from '../src/telemetry/log.ts';

// The build need not be there when this is type-checked.
const load = (path: string): Promise<unknown> =>
  import(join(import.meta.dirname, '..', 'dist', `${path}.js`)) as Promise<unknown>;

/* oxlint-disable typescript/no-unsafe-type-assertion */
export const modelFolders = async () => (await load('l1b-semantic-cache/adapters/model-folder')) as typeof ModelFolders;
export const onnxEmbedders = async () =>
  (await load('l1b-semantic-cache/adapters/onnx-embedder')) as typeof OnnxEmbedders;
export const memoryVectorIndexes = async () =>
  (await load('l1b-semantic-cache/adapters/memory-vector-index')) as typeof MemoryVectorIndexes;
export const redisVectorIndexes = async () =>
  (await load('l1b-semantic-cache/adapters/redis-vector-index')) as typeof RedisVectorIndexes;
export const verifier = async () => (await load('l1b-semantic-cache/verifier/verify-hit')) as typeof Verifier;
export const redisClients = async () => (await load('redis/redis-client')) as typeof RedisClients;
export const logs = async () => (await load('telemetry/log')) as typeof Logs;
