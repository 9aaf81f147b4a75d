/**
 * Replays prompts in their order against a core with empty caches, over HTTP: `npm run eval:replay -- [--model DIR]
 * [--point P]… [--hits FILE] [PROMPTS…]`. PROMPTS: files with a JSON object with `prompt` a line; without one, those of the
 * reference data. Prints for each file and operating point which share L1a, L1b and L3 answered. `--hits`: the pairs
 * that L1b served, each once with the strictest point that served it, for reading by hand (verdicts/).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { pairId } from './pairs.ts';
import { replayedCore } from './replayed-core.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared');
const REFERENCE_MODEL = join(SHARED, 'models', 'all-MiniLM-L6-v2');
const REFERENCE_PROMPTS = ['faq_loop.jsonl', 'diverse_tasks.jsonl'].map((name) =>
  join(SHARED, 'data', 'prompts', name),
);
/** The strictest first. */
const POINTS = ['strict', 'balanced', 'loose'] as const;
const PROMPT = z.object({ prompt: z.string() });

/** Two prompts of which one got the answer of the other. */
interface Hit {
  readonly id: string;
  readonly prompts: string;
  readonly point: string;
  /** The one that was asked. */
  readonly a: string;
  /** The one that had been answered. */
  readonly b: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: REFERENCE_MODEL },
    point: { type: 'string', multiple: true, default: [...POINTS] },
    hits: { type: 'string' },
  },
});
const wrong = values.point.find((name) => !POINTS.some((point) => point === name));
if (wrong !== undefined) throw new Error(`--point is ${wrong}, and must be one of ${POINTS.join(', ')}`);
const hits = new Map<string, Hit>();
for (const file of positionals.length > 0 ? positionals : REFERENCE_PROMPTS) {
  if (positionals.length === 0 && !existsSync(file)) {
    process.stderr.write(`SKIPPED: there is no ${file}\n`);
    continue;
  }
  const prompts = readPrompts(file);
  for (const point of POINTS.filter((name) => values.point.includes(name))) await replay(file, prompts, point);
}
if (values.hits !== undefined) {
  writeFileSync(values.hits, [...hits.values()].map((hit) => `${JSON.stringify(hit)}\n`).join(''));
}

async function replay(file: string, prompts: readonly string[], point: string): Promise<void> {
  const core = await replayedCore(values.model, point);
  const counts: Record<string, number> = {};
  try {
    for (const [done, prompt] of prompts.entries()) {
      const { layer, semantic, answered } = await core.ask(prompt);
      counts[layer] = (counts[layer] ?? 0) + 1;
      if (semantic?.startsWith('ineligible') === true) counts['ineligible'] = (counts['ineligible'] ?? 0) + 1;
      if (layer === 'l1b') note({ prompts: basename(file), point, a: prompt, b: answered });
      if (done % 100 === 0) process.stderr.write(`\r${basename(file)} ${point} ${done}/${prompts.length} `);
    }
  } finally {
    await core.stop();
  }
  const share = (name: string): string => {
    const count = counts[name] ?? 0;
    return `${count} (${((100 * count) / prompts.length).toFixed(1)} %)`;
  };
  process.stderr.write('\r');
  process.stdout.write(
    `${basename(file)}, ${point}: of ${prompts.length} prompts L1a answered ${share('l1a')}, L1b ${share('l1b')}, ` +
      `L3 ${share('l3')}; not for L1b ${share('ineligible')}\n`,
  );
}

/** Whichever of the two was asked first. */
function note(pair: Omit<Hit, 'id'>): void {
  const [a = '', b = ''] = [pair.a, pair.b].toSorted();
  const id = pairId({ a, b });
  if (!hits.has(id)) hits.set(id, { id, ...pair });
}

function readPrompts(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line, at) => {
      const { data } = PROMPT.safeParse(JSON.parse(line));
      if (data === undefined) throw new Error(`${file}, line ${at + 1}, is no {"prompt": text}`);
      return data.prompt;
    });
}
