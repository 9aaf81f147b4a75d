import { readFileSync } from 'node:fs';
import { z } from 'zod';

const ROW = z.object({ confidence: z.number().min(0).max(1), right: z.boolean() });
const METRIC = 'isartor_l2_agreement_confidence_bucket';
const BUCKET = new RegExp(String.raw`^${METRIC}\{([^\n]*)\}[ \t]+(\d+)(?:[ \t]+-?\d+)?[ \t]*$`);
/** More would take minutes and tell no more. */
const MAX_ANSWERS = 2_000_000;

/** An answer of the small model: how sure it was (as `layer2.least_confidence` counts it), and whether it was right. */
export interface JudgedAnswer {
  readonly confidence: number;
  readonly right: boolean;
}

/**
 * Reads a JSON object `{"confidence","right"}` a line, or what cores tell Prometheus (`/metrics`, one after the other), of
 * which `isartor_l2_agreement_confidence` counts: what agrees with the cloud (`same`, `alike`) for right, and each answer
 * for as sure as the lower end of its bucket. Throws an Error that names a bad line.
 */
export function readJudgedAnswers(file: string): readonly JudgedAnswer[] {
  const text = readFileSync(file, 'utf8');
  const answers = text.includes(METRIC) ? fromMetrics(file, text) : fromLines(file, text);
  if (answers.length === 0) throw new Error(`${file}: no answer in it`);
  return answers;
}

function fromLines(file: string, text: string): readonly JudgedAnswer[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    if (at >= MAX_ANSWERS) throw tooMany(file);
    const row = ROW.safeParse(parsed(line));
    if (!row.success) throw new Error(`${file}, line ${at + 1}: ${z.prettifyError(row.error)}`);
    return [row.data];
  });
}

function fromMetrics(file: string, text: string): readonly JudgedAnswer[] {
  const right = new Map<number, number>();
  const wrong = new Map<number, number>();
  for (const line of text.split('\n')) {
    const [, labels = '', count = ''] = BUCKET.exec(line) ?? [];
    const agreement = /(?:^|,)agreement="(\w+)"/.exec(labels)?.[1];
    const upTo = Number(/(?:^|,)le="([^"]+)"/.exec(labels)?.[1]?.replace('+Inf', 'Infinity'));
    if (agreement === undefined || Number.isNaN(upTo)) continue;
    const counts = agreement === 'different' ? wrong : right;
    counts.set(upTo, (counts.get(upTo) ?? 0) + Number(count));
  }
  const total = [right, wrong].reduce((sum, counts) => sum + Math.max(0, ...counts.values()), 0);
  if (total > MAX_ANSWERS) throw tooMany(file);
  return [...ofBuckets(right, true), ...ofBuckets(wrong, false)];
}

/** Buckets count all up to their end, so each holds what it has more than the one before. */
function ofBuckets(counts: ReadonlyMap<number, number>, right: boolean): JudgedAnswer[] {
  const answers: JudgedAnswer[] = [];
  let [from, before] = [0, 0];
  for (const [upTo, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    for (let more = before; more < count; more++) answers.push({ confidence: from, right });
    [from, before] = [upTo, count];
  }
  return answers;
}

function tooMany(file: string): Error {
  return new Error(`${file}: more than ${MAX_ANSWERS} answers; give a sample of them`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Said by the schema, with the line's number.
    return undefined;
  }
}
