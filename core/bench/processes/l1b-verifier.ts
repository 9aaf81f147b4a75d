// What a candidate costs between search and hit: the guard rules, and the whole verifier on pairs that pass them.
import { z } from 'zod';
import { readSuite } from '../../eval/suites/read-suite.ts';
import type { Candidate } from '../../src/l1b-semantic-cache/verifier/verify-hit.ts';
import { modelFolders, onnxEmbedders, verifier } from '../built.ts';
import { median } from '../median.ts';
import { readOrder, reportFigures } from './report-figures.ts';

const ORDER = z.object({ dir: z.string(), file: z.enum(['model.onnx', 'model_quantized.onnx']), rounds: z.int() });
const PATIENCE_MS = 60_000;
const EVERY = 4;

const { dir, file, rounds } = ORDER.parse(readOrder());
const { readModelFolder } = await modelFolders();
const { OnnxEmbedder } = await onnxEmbedders();
const { verifyHit } = await verifier();
const folder = readModelFolder(dir, file);

const pairs = [...readSuite('benign'), ...readSuite('flip')].filter((_pair, at) => at % EVERY === 0);
const bare: readonly Candidate[] = pairs.map(({ a, b }) => ({ asked: a, answered: b, cosine: 0.95, threshold: 0.85 }));

const embedder = new OnnxEmbedder(folder);
embedder.start();
const passing = bare.filter((candidate) => verifyHit(candidate).verdict === 'hit');
const weighed: Candidate[] = [];
for (const candidate of passing) {
  const [asked, answered] = await Promise.all([candidate.asked, candidate.answered].map((text) => tokensOf(text)));
  const head = folder.calibration?.head;
  if (asked !== undefined && answered !== undefined && head !== undefined) {
    weighed.push({ ...candidate, evidence: { asked, answered, head, least: 0.9 } });
  }
}
await embedder.close();

async function tokensOf(text: string) {
  const embedding = await embedder.embed(text, PATIENCE_MS);
  return embedding.kind === 'vector' ? embedding.tokens : undefined;
}

/** µs a pair, the median of some passes after one that warms up. */
function microsOf(candidates: readonly Candidate[]): number {
  const passes = Array.from({ length: 2 * rounds + 1 }, () => {
    const began = performance.now();
    for (const candidate of candidates) verifyHit(candidate);
    return ((performance.now() - began) * 1_000) / candidates.length;
  });
  return median(passes.slice(1));
}

reportFigures({ guard: microsOf(bare), whole: microsOf(weighed), weighed: weighed.length });
