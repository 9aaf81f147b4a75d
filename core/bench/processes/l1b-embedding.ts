// Embedding as the core does it, beside a bare run of the same model, text by text in turn.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';
import { z } from 'zod';
import { readSuite } from '../../eval/suites/read-suite.ts';
import type { Embedder } from '../../src/l1b-semantic-cache/embedder.port.ts';
import { modelFolders, onnxEmbedders } from '../built.ts';
import { median } from '../median.ts';
import { readOrder, reportFigures } from './report-figures.ts';

/** What to measure, and for how long. */
const ORDER = z.object({
  dir: z.string(),
  file: z.enum(['model.onnx', 'model_quantized.onnx']),
  rounds: z.int(),
  seconds: z.number(),
});

const PATIENCE_MS = 60_000;
/** The histogram counts from one tick to the next: so much of each is no delay. */
const RESOLUTION_MS = 1;
const AT_ONCE = 32;
const CROWD = 64;

const TEXTS = readSuite('benign').flatMap(({ a, b }) => [a, b]);
let asked = 0;
/** Each time another text: what the embedder remembers is not what is measured. */
const next = (): string => {
  asked += 1;
  return `${TEXTS[asked % TEXTS.length] ?? ''} ${asked}`;
};

const { dir, file, rounds, seconds } = ORDER.parse(readOrder());
const { readModelFolder } = await modelFolders();
const { OnnxEmbedder } = await onnxEmbedders();
const folder = readModelFolder(dir, file);

async function started(batches: boolean): Promise<Embedder> {
  const embedder = new OnnxEmbedder({ ...folder, batches });
  embedder.start();
  for (let i = 0; i < 50; i += 1) await embedder.embed(next(), PATIENCE_MS);
  return embedder;
}

/** The library's own declarations do not resolve under NodeNext. */
interface TextTokenizer {
  encode(text: string): { readonly ids: readonly number[] };
}

/** A bare run of the model on a text whose tokens are known. */
async function bareRun(): Promise<(text: string) => () => Promise<unknown>> {
  const session = await ort.InferenceSession.create(folder.modelFile, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const TokenizerClass = Tokenizer as new (tokenizer: object, config: object) => TextTokenizer;
  const json = z.looseObject({}).parse(JSON.parse(readFileSync(folder.tokenizerFile, 'utf8')));
  const tokenizer = new TokenizerClass(json, {});
  return (text) => {
    const { ids } = tokenizer.encode(text);
    const values: Readonly<Record<string, (id: number) => bigint>> = {
      input_ids: BigInt,
      attention_mask: () => 1n,
      token_type_ids: () => 0n,
    };
    const feeds = Object.fromEntries(
      session.inputNames.map((name) => {
        const data = BigInt64Array.from(ids, values[name] ?? BigInt);
        return [name, new ort.Tensor('int64', data, [1, ids.length])] as const;
      }),
    );
    return () => session.run(feeds);
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function single(embedder: Embedder, ms: number): Promise<{ ours: number; bare: number }> {
  const bare = await bareRun();
  const [ours, theirs]: [number[], number[]] = [[], []];
  const until = performance.now() + ms;
  for (let i = 0; performance.now() < until; i += 1) {
    const text = next();
    const run = bare(text);
    const turns = [
      async () => void ours.push(await timed(() => embedder.embed(text, PATIENCE_MS))),
      async () => void theirs.push(await timed(run)),
    ];
    for (const turn of i % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  return { ours: median(ours), bare: median(theirs) };
}

/** Texts a second, with so many under way. */
async function throughput(embedder: Embedder, atOnce: number, ms: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < began + ms) {
        await embedder.embed(next(), PATIENCE_MS);
        done += 1;
      }
    }),
  );
  return (done * 1_000) / (performance.now() - began);
}

async function delayP99(embedder: Embedder, ms: number): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  await throughput(embedder, CROWD, ms);
  delay.disable();
  return delay.percentile(99) / 1e6 - RESOLUTION_MS;
}

const embedder = await started(folder.batches);
const unbatched = folder.batches ? await started(false) : undefined;
const ms = seconds * 1_000;
const { ours, bare } = await single(embedder, rounds * ms);
const [many, manyUnbatched]: [number[], number[]] = [[], []];
for (let round = 0; round < rounds; round += 1) {
  many.push(await throughput(embedder, AT_ONCE, ms));
  if (unbatched !== undefined) manyUnbatched.push(await throughput(unbatched, AT_ONCE, ms));
}
const delay = await delayP99(embedder, rounds * ms);
reportFigures({
  ours,
  bare,
  many: median(many),
  manyUnbatched: unbatched === undefined ? -1 : median(manyUnbatched),
  manyRatio: unbatched === undefined ? -1 : median(many.map((value, i) => value / (manyUnbatched[i] ?? Number.NaN))),
  delay,
});
