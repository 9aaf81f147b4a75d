/**
 * Replays prompts in their order against empty caches, offline: `node --conditions=isartor-source eval/replay.ts
 * MODEL_DIR PROMPTS [HITS_OUT]`. PROMPTS: a JSON object with `prompt` a line. Prints for each operating point which share
 * L1a, L1b and L3 answered; HITS_OUT gets the pairs that L1b served at the loose point, for reading by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { readModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { ineligibleText } from '../src/l1b-semantic-cache/eligibility.ts';
import { dot } from '../src/l1b-semantic-cache/verifier/aligned-words.ts';
import { verifyHit } from '../src/l1b-semantic-cache/verifier/verify-hit.ts';
import { readCalibration, type Calibration } from './calibration.ts';
import { EmbeddedTexts } from './embedded-texts.ts';
import { pairId } from './pairs.ts';

/** As many candidates as a lookup looks at. */
const CANDIDATES = 5;
const PROMPT = z.object({ prompt: z.string() });

const [modelDir, promptsFile, hitsFile] = process.argv.slice(2);
if (modelDir === undefined || promptsFile === undefined)
  throw new Error('usage: replay.ts MODEL_DIR PROMPTS [HITS_OUT]');
const calibration = readCalibration(basename(modelDir));
if (calibration === undefined) throw new Error(`nothing is calibrated for ${basename(modelDir)}`);
const lines = readFileSync(promptsFile, 'utf8').trimEnd().split('\n');
const prompts = lines.map((line) => PROMPT.parse(JSON.parse(line)).prompt);
const embedded = await EmbeddedTexts.of(prompts, readModelFolder(modelDir), () => undefined);
// Unpacked once: every prompt is compared with all that came before.
const texts = new Map(prompts.map((prompt) => [prompt, embedded.get(prompt)]));

for (const [name, least] of Object.entries(calibration.points)) {
  const { l1a, hits, ineligible } = replay(calibration, least);
  const share = (count: number) => `${((100 * count) / prompts.length).toFixed(1)} %`;
  const l3 = prompts.length - l1a - hits.length;
  process.stdout.write(
    `${name}: L1a ${share(l1a)}, L1b ${share(hits.length)} (${hits.length}), L3 ${share(l3)}; ineligible ${share(ineligible)}\n`,
  );
  if (name === 'loose' && hitsFile !== undefined) {
    writeFileSync(hitsFile, hits.map(({ a, b }) => `${JSON.stringify({ id: pairId({ a, b }), a, b })}\n`).join(''));
  }
}

function replay({ head, threshold }: Calibration, least: number) {
  const exact = new Set<string>();
  const stored: string[] = [];
  const hits: { readonly a: string; readonly b: string }[] = [];
  let [l1a, ineligible] = [0, 0];
  for (const prompt of prompts) {
    if (exact.has(prompt)) {
      l1a += 1;
      continue;
    }
    // Whatever answers, it is found under its exact key from then on.
    exact.add(prompt);
    const asked = texts.get(prompt);
    if (asked === undefined || ineligibleText(prompt) !== undefined) {
      ineligible += 1;
      continue;
    }
    const near = stored
      .map((text) => ({ text, cosine: dot(asked.vector, texts.get(text)?.vector ?? new Float32Array()) }))
      .toSorted((a, b) => b.cosine - a.cosine)
      .slice(0, CANDIDATES);
    const source = near.find(({ text, cosine }) => {
      const answered = texts.get(text);
      if (answered === undefined) return false;
      const evidence = { asked: asked.tokens, answered: answered.tokens, head, least };
      return verifyHit({ asked: prompt, answered: text, cosine, threshold, evidence }).verdict === 'hit';
    });
    if (source === undefined) stored.push(prompt);
    else hits.push({ a: prompt, b: source.text });
  }
  return { l1a, hits, ineligible };
}
