import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from './line-buffer.ts';

/** An output that notes each write and takes it when it is told to. */
function slowOutput() {
  const written: string[] = [];
  const taken: (() => void)[] = [];
  const out = new Writable({
    highWaterMark: 1,
    write: (chunk, _encoding, done) => {
      written.push(String(chunk));
      taken.push(done);
    },
  });
  return { out, written, takeOne: () => taken.shift()?.() };
}

const turn = () => new Promise(setImmediate);

describe('LineBuffer', () => {
  it('writes the lines of one turn together, in order', async () => {
    const { out, written } = slowOutput();
    const buffer = new LineBuffer(out);
    buffer.write('a\n');
    buffer.write('b\n');
    expect(written).toEqual([]);
    await turn();
    expect(written).toEqual(['a\nb\n']);
  });

  it('holds lines while the reader is behind, and says how many it had to drop', async () => {
    const { out, written, takeOne } = slowOutput();
    const buffer = new LineBuffer(out);
    buffer.write('first\n');
    await turn();
    buffer.write(`${'x'.repeat(1024 * 1024 - 2)}\n`);
    buffer.write('lost\n');
    buffer.write('lost\n');
    await turn();
    expect(written).toHaveLength(1);
    takeOne();
    await turn();
    expect(written[1]).toMatch(/^x+\n\{"level":40,"msg":"log lines dropped","count":2\}\n$/);
  });

  it('does not mind an output that is gone', async () => {
    const { out } = slowOutput();
    const buffer = new LineBuffer(out);
    out.destroy(new Error('EPIPE'));
    buffer.write('nobody reads this\n');
    await turn();
    expect(out.destroyed).toBe(true);
  });
});
