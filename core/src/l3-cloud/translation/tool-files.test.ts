import type { LanguageModelV4Prompt, LanguageModelV4ToolResultPart } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { withToolFilesAsUsers } from './tool-files.ts';

const FILE = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } } as const;

function resultOf(id: string, output: LanguageModelV4ToolResultPart['output']): LanguageModelV4ToolResultPart {
  return { type: 'tool-result', toolCallId: id, toolName: 'look', output };
}

test('files of tools follow as the user’s, and several texts are one', () => {
  const prompt: LanguageModelV4Prompt = [
    {
      role: 'tool',
      content: [
        resultOf('a', { type: 'content', value: [{ type: 'text', text: 'One' }, FILE, { type: 'text', text: 'two' }] }),
        resultOf('b', { type: 'content', value: [FILE] }),
        resultOf('c', { type: 'text', value: 'plain' }),
        resultOf('d', { type: 'error-text', value: 'no such city' }),
      ],
    },
    { role: 'user', content: [{ type: 'text', text: 'And?' }] },
  ];
  expect(withToolFilesAsUsers(prompt)).toEqual([
    {
      role: 'tool',
      content: [
        resultOf('a', { type: 'text', value: 'One\ntwo' }),
        resultOf('b', { type: 'text', value: 'The result is a file, which follows.' }),
        resultOf('c', { type: 'text', value: 'plain' }),
        resultOf('d', { type: 'text', value: 'Error: no such city' }),
      ],
    },
    {
      role: 'user',
      content: [{ type: 'text', text: 'From look (a):' }, FILE, { type: 'text', text: 'From look (b):' }, FILE],
    },
    prompt[1],
  ]);
});
