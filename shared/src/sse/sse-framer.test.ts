import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import vectors from '../../vectors/sse.json' with { type: 'json' };
import { parseSseFrame } from './parse-sse-frame.ts';
import { encodeSseEvent, SSE_KEEP_ALIVE, type SseEvent } from './sse-event.ts';
import { MAX_EVENT_BYTES, SseFramer, type SseFrame } from './sse-framer.ts';

const numRuns = inject('propertyRuns');
const encoder = new TextEncoder();

const bytesOf = (text: string): Uint8Array => encoder.encode(text);
const textOf = (frames: readonly SseFrame[]): string =>
  new TextDecoder().decode(Uint8Array.from(frames.flatMap((frame) => [...frame.bytes])));

/** Cuts bytes at the given places. */
function chunksOf(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.filter((at) => at <= bytes.length).toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

function framed(chunks: readonly Uint8Array[]): { frames: SseFrame[]; pending: number } {
  const framer = new SseFramer();
  const frames = chunks.flatMap((chunk) => framer.push(chunk));
  return { frames, pending: framer.pending };
}

/** The events in a text, by the standard's rules and none of the code under test: a blank line dispatches. */
function eventsIn(text: string): string[] {
  const events: string[] = [];
  let data: string[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  lines.pop();
  for (const line of lines) {
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    else if (line === '' && data.length > 0) events.push(data.splice(0).join('\n'));
  }
  return events;
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.constantFrom('data: 1', 'data: {"x":"漢🙂"}', ': comment', 'event: ping', 'data:', '');
const stream = fc.array(fc.tuple(line, lineEnd), { maxLength: 24 }).map((lines) => lines.flat().join(''));

describe('cutting a stream into events', () => {
  test.each(vectors.streams)('$name: the same wherever one chunk ends', ({ text, frames, events, rest }) => {
    const bytes = bytesOf(text);
    for (let at = 0; at <= bytes.length; at += 1) {
      const cut = framed(chunksOf(bytes, [at]));
      expect(textOf(cut.frames) + rest).toBe(text);
      expect(cut.pending).toBe(bytesOf(rest).length);
      const meanings = cut.frames.map((frame) => parseSseFrame(frame.bytes));
      expect(meanings.filter((event) => event !== undefined)).toEqual(events.filter((event) => event !== null));
    }
    const whole = framed([bytes]);
    expect(whole.frames.map((frame) => textOf([frame]))).toEqual(frames);
    expect(whole.frames.map((frame) => parseSseFrame(frame.bytes) ?? null)).toEqual(events);
  });

  test('an event goes out with the very byte that ends it, whatever the line ends', () => {
    fc.assert(
      fc.property(stream, (text) => {
        const framer = new SseFramer();
        const out: string[] = [];
        const bytes = bytesOf(text);
        for (let at = 0; at < bytes.length; at += 1) {
          for (const frame of framer.push(bytes.subarray(at, at + 1))) {
            const event = parseSseFrame(frame.bytes);
            if (event !== undefined) out.push(event.data);
          }
          expect(out).toEqual(eventsIn(new TextDecoder().decode(bytes.subarray(0, at + 1))));
        }
      }),
      { numRuns },
    );
  });

  test('no byte is lost or moved, however the chunks fall, and all but the pending ones are out', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 12 }), (text, places) => {
        const { frames, pending } = framed(chunksOf(bytesOf(text), places));
        const out = textOf(frames);
        expect(text.startsWith(out)).toBe(true);
        expect(bytesOf(out).length + pending).toBe(bytesOf(text).length);
        expect(frames.every((frame) => frame.whole)).toBe(true);
      }),
      { numRuns },
    );
  });

  test('whole events in one chunk are views of it: nothing is copied', () => {
    const one = bytesOf('data: 1\n\n');
    expect(framed([one]).frames[0]?.bytes).toBe(one);
    const several = bytesOf('data: 1\n\ndata: 2\n\ndata: 3');
    for (const { bytes } of framed([several]).frames) expect(bytes.buffer).toBe(several.buffer);
  });

  test('an empty chunk changes nothing', () => {
    const framer = new SseFramer();
    framer.push(bytesOf('data: 1\r'));
    expect(framer.push(new Uint8Array(0))).toEqual([]);
    expect(textOf(framer.push(bytesOf('\n\r\n')))).toBe('data: 1\r\n\r\n');
    expect(framer.pending).toBe(0);
  });

  test('pending is 0 exactly between two events', () => {
    const framer = new SseFramer();
    expect(framer.pending).toBe(0);
    framer.push(bytesOf('data'));
    expect(framer.pending).toBe(4);
    framer.push(bytesOf(': 1\n'));
    expect(framer.pending).toBe(8);
    framer.push(bytesOf('\nd'));
    expect(framer.pending).toBe(1);
  });
});

describe('an event over 1 MiB', () => {
  const longest = (extra: number): Uint8Array => bytesOf(`data: ${'x'.repeat(MAX_EVENT_BYTES - 8 + extra)}\n\n`);

  test.each([[[]], [[500_000]], [[1, 1_000_000]], [[MAX_EVENT_BYTES]]])(
    'of exactly 1 MiB is whole (cut at %j)',
    (places) => {
      const { frames } = framed(chunksOf(longest(0), places));
      expect(frames.map(({ whole, bytes }) => [whole, bytes.length])).toEqual([[true, MAX_EVENT_BYTES]]);
    },
  );

  test.each([[[]], [[500_000]], [[1, 1_000_000]], [[MAX_EVENT_BYTES]]])(
    'is passed on in pieces (cut at %j)',
    (places) => {
      const { frames, pending } = framed(chunksOf(longest(1), places));
      expect(frames.every(({ whole }) => !whole)).toBe(true);
      expect(frames.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(MAX_EVENT_BYTES + 1);
      expect(pending).toBe(0);
    },
  );

  test('goes out as it arrives, is pending until its blank line, and leaves the next event whole', () => {
    const framer = new SseFramer();
    expect(framer.push(bytesOf(`data: ${'x'.repeat(MAX_EVENT_BYTES)}`)).map(({ whole }) => whole)).toEqual([false]);
    const more = framer.push(bytesOf('more'));
    expect(textOf(more)).toBe('more');
    expect(framer.pending).toBe(MAX_EVENT_BYTES + 10);
    const [end, next, ...others] = framer.push(bytesOf('\n\ndata: 2\n\n'));
    expect(end).toEqual({ bytes: bytesOf('\n\n'), whole: false, ends: true });
    expect(next).toEqual({ bytes: bytesOf('data: 2\n\n'), whole: true });
    expect(others).toEqual([]);
    expect(framer.pending).toBe(0);
  });

  test('costs time in proportion to its length, byte by byte and line by line', () => {
    // Either of these takes minutes if a byte is looked at, or copied, more than a few times.
    const framer = new SseFramer();
    const byte = bytesOf('x');
    for (let sent = 0; sent < MAX_EVENT_BYTES; sent += 1) framer.push(byte);
    expect(framer.pending).toBe(MAX_EVENT_BYTES);
    const lines = bytesOf(`${'data: x\n'.repeat(250_000)}\r\n`);
    expect(framed([lines]).pending).toBe(0);
  });
});

describe('writing events', () => {
  test('what is written is read back', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ':', '\n', '漢', '🙂', '"') });
    const word = fc.stringMatching(/^[a-z_.-]{1,12}$/);
    fc.assert(
      fc.property(text, fc.option(word, { nil: undefined }), fc.option(word, { nil: undefined }), (data, event, id) => {
        const written: SseEvent = {
          data,
          ...(event === undefined ? {} : { event }),
          ...(id === undefined ? {} : { id }),
        };
        const { frames, pending } = framed([bytesOf(encodeSseEvent(written))]);
        expect(pending).toBe(0);
        expect(frames.map((frame) => parseSseFrame(frame.bytes))).toEqual([written]);
      }),
      { numRuns },
    );
  });

  test('a carriage return in the data ends a line and not the event', () => {
    const { frames } = framed([bytesOf(encodeSseEvent({ data: 'a\r\rb\r\nc' }))]);
    expect(frames.map((frame) => parseSseFrame(frame.bytes)?.data)).toEqual(['a\n\nb\nc']);
  });

  test('the keep-alive is one frame that means nothing', () => {
    const { frames } = framed([bytesOf(SSE_KEEP_ALIVE)]);
    expect(frames.map((frame) => parseSseFrame(frame.bytes))).toEqual([undefined]);
  });
});
