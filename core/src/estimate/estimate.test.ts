import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelFolder } from '../l1b-semantic-cache/adapters/model-folder.ts';
import type { Embedder } from '../l1b-semantic-cache/embedder.port.ts';
import type { EstimatedGroup } from './estimate-tally.ts';
import { estimate, type EstimateSettings } from './estimate.ts';
import { LogEmbedder } from './log-embedder.ts';
import { readLogRecord } from './log-record.ts';

const BUILTIN = fileURLToPath(new URL('../../models/builtin', import.meta.url));
const FAQ = fileURLToPath(new URL('../../../../shared/data/prompts/faq_loop.jsonl', import.meta.url));
const SETTINGS: EstimateSettings = {
  ttlSecs: 300,
  point: 'strict',
  threshold: undefined,
  shareUsers: false,
  sampled: true,
  volatile: ['default'],
  maxQuestions: 10_000,
};
const ASKED = 'How do I reset a password?';
const PARAPHRASE = 'How can I reset a password?';
/** 1 000 tokens in and 2 000 out: $0.00135 by gpt-4o-mini's list price. */
const USAGE = { prompt_tokens: 1_000, completion_tokens: 2_000 };
const EACH_USD = 0.00135;

/** A line of a log; `secs`: after its beginning. */
function line(secs: number, content: string, more: object = {}, body: object = {}): string {
  const request = { model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...body };
  return JSON.stringify({ at: 1_700_000_000_000 + secs * 1_000, request, answer: { usage: USAGE }, ...more });
}

let embedder: LogEmbedder;
beforeAll(async () => {
  embedder = await LogEmbedder.load(readModelFolder(BUILTIN));
});
afterAll(() => embedder.close());

async function estimated(lines: readonly string[], settings: Partial<EstimateSettings> = {}) {
  const { groups, ...rest } = await estimate(lines.map(readLogRecord), embedder, { ...SETTINGS, ...settings });
  const counts = ({ tenant, requests, l1a, l1b, asked }: EstimatedGroup) => ({ tenant, requests, l1a, l1b, asked });
  return { ...rest, groups, counts: groups.map(counts) };
}

const only = (requests: number, l1a: number, l1b: number, asked: number) => [
  { tenant: 'default', requests, l1a, l1b, asked },
];

describe('an estimate', () => {
  it('counts what repeats within the TTL, on the log’s own clock and in its order', async () => {
    const log = [line(0, 'x'), line(299, 'x'), line(300, 'x'), line(599, 'x'), line(1_000, 'x')];
    expect((await estimated(log)).counts).toEqual(only(5, 2, 0, 3));
    expect((await estimated(log.toReversed())).counts).toEqual(only(5, 2, 0, 3));
    expect((await estimated(log, { ttlSecs: 2_000 })).counts).toEqual(only(5, 4, 0, 1));
    expect((await estimated(log, { ttlSecs: 0 })).counts).toEqual(only(5, 0, 0, 5));
  });

  it('counts paraphrases, and their copies die with their source', async () => {
    const log = [line(0, ASKED), line(200, PARAPHRASE), line(250, PARAPHRASE), line(310, PARAPHRASE), line(320, ASKED)];
    // Asked; in other words; its copy; source and copy are gone, so asked again; the first question in other words.
    const { counts, groups, riskiest } = await estimated(log);
    expect(counts).toEqual(only(5, 1, 2, 2));
    const [group] = groups;
    expect(group?.tokensNotSpent).toEqual({ input: 3_000, output: 6_000 });
    expect(group?.usdNotSpent).toBeCloseTo(3 * EACH_USD, 9);
    expect(group?.usdSpent).toBeCloseTo(2 * EACH_USD, 9);
    expect(riskiest).toHaveLength(2);
    expect(riskiest).toContainEqual(expect.objectContaining({ asked: PARAPHRASE, answered: ASKED, tenant: 'default' }));
    expect(riskiest[0]?.probability).toBeLessThanOrEqual(riskiest[1]?.probability ?? 0);
    // With exact hits alone the paraphrase has an answer of its own, from its first request on.
    expect((await estimated(log, { threshold: 1 })).counts).toEqual(only(5, 2, 0, 3));
  });

  it('keeps tenants, models and scopes apart', async () => {
    const log = [
      line(0, ASKED),
      line(1, ASKED, { tenant: 'b' }),
      line(2, PARAPHRASE, { tenant: 'b' }),
      line(3, ASKED, {}, { model: 'gpt-4o' }),
      line(4, PARAPHRASE, {}, { temperature: 0 }),
      line(5, PARAPHRASE, {}, { user: 'u' }),
    ];
    const { counts } = await estimated(log);
    expect(counts).toEqual([
      { tenant: 'default', requests: 3, l1a: 0, l1b: 0, asked: 3 },
      { tenant: 'b', requests: 2, l1a: 0, l1b: 1, asked: 1 },
      { tenant: 'default', requests: 1, l1a: 0, l1b: 0, asked: 1 },
    ]);
  });

  it('goes by the core’s own rules, and names them', async () => {
    const log = [
      line(0, 'x', {}, { store: true }),
      line(1, 'x', {}, { store: true }),
      line(2, 'y', { headers: { 'Cache-Control': 'no-store' } }),
      line(3, 'y', { headers: { 'x-isartor-cache-ttl': 'soon' } }),
      line(4, 'What is my balance?'),
      line(5, 'z', {}, { messages: [] }),
      line(6, 'failed', { answer: { status: 500 } }),
      line(7, 'failed'),
    ];
    const { counts, uncacheable, ineligible, groups } = await estimated(log);
    // What is not even a request names no model.
    expect(counts).toEqual([...only(7, 0, 0, 6), ...only(1, 0, 0, 0)]);
    expect(uncacheable).toEqual({ store: 2, 'no-store': 1 });
    expect(ineligible).toEqual({ personal: 1 });
    expect(groups[0]).toMatchObject({ refused: 1, uncacheable: 3, unmetered: 1 });
  });

  it('keeps out what the deployment calls volatile, unless the request says otherwise', async () => {
    const log = [line(0, ASKED), line(1, PARAPHRASE), line(2, 'Which news is true?')];
    expect((await estimated(log)).ineligible).toEqual({ volatile: 1 });
    const own = { volatile: ['password'] };
    const { counts, ineligible } = await estimated(log, own);
    expect(counts).toEqual(only(3, 0, 0, 3));
    expect(ineligible).toEqual({ volatile: 2 });
    const said = log.map((text) => JSON.stringify({ ...JSON.parse(text), headers: { 'x-isartor-volatile': 'false' } }));
    expect((await estimated(said, own)).counts).toEqual(only(3, 0, 1, 2));
  });

  it('prices a model without a price only as it is told to', async () => {
    const log = [line(0, 'x', {}, { model: 'own' }), line(1, 'x', {}, { model: 'own' })];
    expect((await estimated(log)).groups[0]).toMatchObject({ usdNotSpent: null, usdSpent: null });
    expect((await estimated(log, { asIf: 'gpt-4o-mini' })).groups[0]?.usdNotSpent).toBeCloseTo(EACH_USD, 9);
  });

  it('prices a model that costs nothing as it is told to, as the report does', async () => {
    const log = [line(0, 'x', {}, { model: 'isartor-standin' }), line(1, 'x', {}, { model: 'isartor-standin' })];
    expect((await estimated(log)).groups[0]).toMatchObject({ usdNotSpent: 0, usdSpent: 0 });
    expect((await estimated(log, { asIf: 'gpt-4o-mini' })).groups[0]?.usdNotSpent).toBeCloseTo(EACH_USD, 9);
  });

  it('goes on past a question at which the embedder fails, and counts it', async () => {
    const failing: Embedder = {
      name: embedder.name,
      threshold: embedder.threshold,
      calibration: embedder.calibration,
      embed: (text) => (text === 'Why?' ? Promise.reject(new Error('no vector')) : embedder.embed(text)),
      health: () => embedder.health(),
      start: () => undefined,
      close: () => Promise.resolve(),
    };
    const log = [line(0, 'Why?', { headers: { 'cache-control': 'no-cache' } }), line(1, 'Why?', {}, { user: 'u' })];
    const records = [...log, line(2, 'Why?'), line(3, ASKED), line(4, PARAPHRASE)].map(readLogRecord);
    const { groups, ineligible } = await estimate(records, failing, SETTINGS);
    expect(groups).toMatchObject([{ requests: 5, l1a: 1, l1b: 1, asked: 3 }]);
    expect(ineligible).toEqual({ 'not-embedded': 2 });
  });

  it.skipIf(!existsSync(FAQ))('of the FAQ loop finds its 348 repeats', async () => {
    const prompts = readFileSync(FAQ, 'utf8')
      .trim()
      .split('\n')
      .map((json) => (JSON.parse(json) as { prompt: string }).prompt);
    const log = prompts.map((prompt, second) => line(second, prompt));
    const { counts, ineligible } = await estimated(log, { ttlSecs: 86_400 });
    const [group] = counts;
    expect(group).toMatchObject({ requests: 1_000, l1a: 348 });
    expect(group?.l1b).toBeGreaterThan(0);
    expect(ineligible['personal']).toBeGreaterThan(0);
  });
});

describe('a line of a log', () => {
  it('may be short, and may name its operation by its path', () => {
    expect(
      readLogRecord('{"at":"2026-01-02T03:04:05Z","request":{"messages":[{"role":"user","content":"x"}]}}'),
    ).toMatchObject({
      at: Date.UTC(2026, 0, 2, 3, 4, 5),
      tenant: 'default',
      operation: 'openai.chat',
      answer: { status: 200, usage: null },
    });
    expect(readLogRecord('{"at":1,"path":"/api/chat","request":{"prompt":"x"}}')).toMatchObject({
      operation: 'native.chat',
    });
  });

  it.each([
    ['{', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['{"request":{}}', '`at`'],
    ['{"at":"soon","request":{}}', '`at`'],
    ['{"at":1}', '`request`'],
    ['{"at":1,"request":{},"tenant":1}', '`tenant`'],
    ['{"at":1,"request":{},"path":"/v1/models"}', '`path`'],
    ['{"at":1,"request":{},"headers":{"a":1}}', '`headers.a`'],
    ['{"at":1,"request":{},"answer":[]}', '`answer`'],
    ['{"at":1,"request":{},"answer":{"status":"ok"}}', '`answer.status`'],
  ])('that is wrong is refused, naming what: %s', (text, named) => {
    expect(() => readLogRecord(text)).toThrow(named);
  });
});
