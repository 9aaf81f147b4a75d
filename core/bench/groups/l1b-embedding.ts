import type { Group } from '../group.ts';
import { figuresOf, type Figures } from '../figures.ts';
import type { Row } from '../row.ts';
import { benchModels, type BenchModel } from '../subjects/models.ts';

const BARE = 'a bare session.run';
const UNBATCHED = 'one text at a time';

/** A text's way through queue, thread, tokenizer and model, against the model's run alone. */
export const l1bEmbedding: Group = async (bench) => {
  const rows: Row[] = [];
  const { rounds, seconds } = bench.plan;
  for (const model of benchModels(bench)) {
    const { dir, file } = model;
    rows.push(...rowsOf(model, await figuresOf('l1b-embedding.ts', { dir, file, rounds, seconds })));
  }
  return rows;
};

function rowsOf({ id, what, file }: BenchModel, figures: Figures): Row[] {
  const { ours = Number.NaN, bare = Number.NaN, many = Number.NaN, manyUnbatched = Number.NaN } = figures;
  const isBatched = file === 'model.onnx';
  return [
    {
      id: `l1b-embedding/${id}/single`,
      what: `embedding, ${what}, one at a time, p50`,
      against: BARE,
      unit: 'ms',
      ours,
      theirs: bare,
      ratio: ours / bare,
      better: 'less',
      // A run of a tenth of a millisecond is shorter than the way to another thread and back.
      ...(id !== 'builtin' && { aim: { of: 'ratio', atMost: 1.3 } as const }),
    },
    {
      id: `l1b-embedding/${id}/32`,
      what: `embedding, ${what}, 32 at once`,
      against: isBatched ? UNBATCHED : '',
      unit: 'texts/s',
      ours: many,
      theirs: isBatched ? manyUnbatched : Number.NaN,
      ratio: isBatched ? (figures['manyRatio'] ?? Number.NaN) : Number.NaN,
      better: 'more',
      ...(isBatched && { aim: { of: 'ratio', atLeast: 1 } as const }),
    },
    {
      id: `l1b-embedding/${id}/delay`,
      what: `event-loop delay, ${what}, 64 at once, p99`,
      against: '',
      unit: 'ms',
      ours: figures['delay'] ?? Number.NaN,
      theirs: Number.NaN,
      ratio: Number.NaN,
      better: 'less',
      aim: { of: 'ours', atMost: 20 },
    },
  ];
}
