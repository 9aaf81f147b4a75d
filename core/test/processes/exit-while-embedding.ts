import { readModelFolder } from '../../src/l1b-semantic-cache/adapters/model-folder.ts';
import { OnnxEmbedder } from '../../src/l1b-semantic-cache/adapters/onnx-embedder.ts';

/** Ends in the middle of runs: `node exit-while-embedding.ts MODEL_FOLDER AFTER_MS`. */
const [, , dir = '', afterMs = '0'] = process.argv;
const embedder = new OnnxEmbedder(readModelFolder(dir));
embedder.start();
await embedder.embed('warm', 15_000);
for (let i = 0; i < 200; i++) {
  embedder.embed(`${'and so on '.repeat(i % 20)}and so on ${i}`, 15_000).catch(() => undefined);
}
setTimeout(() => process.exit(7), Number(afterMs));
