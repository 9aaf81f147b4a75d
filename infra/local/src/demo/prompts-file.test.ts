import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../stack/paths.ts';
import { readPromptsFile } from './prompts-file.ts';

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'prompts '))));
afterAll(() => rmSync(dir, { recursive: true }));

function read(text: string): ReturnType<typeof readPromptsFile> {
  const file = join(dir, 'prompts.jsonl');
  writeFileSync(file, text);
  return readPromptsFile(file);
}

it('reads prompts, passes over empty lines and other members', () => {
  expect(read('{"prompt":"a","id":7}\n\n{"prompt":"b","stream":true}\r\n')).toEqual([
    { prompt: 'a', stream: false },
    { prompt: 'b', stream: true },
  ]);
});

describe('a faulty line', () => {
  it.each([
    ['{"prompt":"a"}\n{"prompt":', 2, 'not JSON'],
    ['[1]', 1, 'not an object'],
    ['{"prompt":"a"}\n\n{"text":"b"}', 3, '"prompt" must be a text'],
    ['{"prompt":" "}', 1, '"prompt" must be a text'],
    ['{"prompt":"a","stream":"yes"}', 1, '"stream" must be true or false'],
  ])('%j is named by file and line', (text, line, what) => {
    expect(() => read(text)).toThrow(`${join(dir, 'prompts.jsonl')}:${line}: ${what}`);
  });

  it('is none where there are no prompts, or no file', () => {
    expect(() => read('\n')).toThrow(/holds no prompts/);
    expect(() => readPromptsFile(join(dir, 'nothing.jsonl'))).toThrow(/cannot be read/);
  });
});

it('our own workload has 300 prompts, 35 to 40 percent of them exact repeats, and some streams', () => {
  const prompts = readPromptsFile(join(ROOT, 'infra', 'local', 'data', 'demo-prompts.jsonl'));
  expect(prompts).toHaveLength(300);
  const repeats = 1 - new Set(prompts.map((one) => one.prompt)).size / prompts.length;
  expect(repeats).toBeGreaterThanOrEqual(0.35);
  expect(repeats).toBeLessThanOrEqual(0.4);
  expect(prompts.filter((one) => one.stream).length).toBeGreaterThan(10);
});
