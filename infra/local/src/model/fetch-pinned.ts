import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { PinnedFile } from './pinned-model.ts';

/** How long is waited for what, in ms. */
export interface FetchWaits {
  /** For an answer's head, and for each next byte. */
  readonly silenceMs: number;
  /** For one file in all. */
  readonly totalMs: number;
  /** After a failure; twice as long after each further one without a byte in between. */
  readonly retryMs: number;
}

export const WAITS: FetchWaits = { silenceMs: 30_000, totalMs: 3_600_000, retryMs: 1_000 };
/** Failures in a row without a byte in between. */
const MOST_FAILURES = 5;
const LONGEST_RETRY_MS = 15_000;

/** What no second try mends. */
class Final extends Error {}

/**
 * Has a file in its place that is byte for byte the pinned one. Asks nobody where it is there already; goes on where an
 * earlier try broke off (`<file>.part`), and puts the file in place only when it is whole. Throws an Error that names the
 * address and what is wrong.
 *
 * @param tell hears how many bytes are there
 */
export async function fetchPinned(
  url: string,
  file: string,
  pinned: PinnedFile,
  tell: (bytes: number) => void,
  waits: FetchWaits = WAITS,
): Promise<void> {
  if ((await digestOf(file, pinned.bytes)) === pinned.sha256) return tell(pinned.bytes);
  const part = `${file}.part`;
  const deadline = AbortSignal.timeout(waits.totalMs);
  for (let failures = 0; ;) {
    const before = await sizeOf(part);
    try {
      await fetchRest(url, part, pinned, tell, deadline, waits.silenceMs);
      await check(url, part, pinned, before);
      await rename(part, file);
      return;
    } catch (error) {
      if (error instanceof Final) throw error;
      const why = reasonOf(error);
      if (deadline.aborted)
        throw new Error(`${url}: not there after ${waits.totalMs / 1_000} s: ${why}`, { cause: error });
      failures = (await sizeOf(part)) > before ? 1 : failures + 1;
      if (failures >= MOST_FAILURES) throw new Error(`${url}: ${why}, ${failures} times in a row`, { cause: error });
      await pause(Math.min(waits.retryMs * 2 ** (failures - 1), LONGEST_RETRY_MS));
    }
  }
}

/** Appends what is missing, or begins anew where the server does not give a part. */
async function fetchRest(
  url: string,
  part: string,
  { bytes }: PinnedFile,
  tell: (bytes: number) => void,
  deadline: AbortSignal,
  silenceMs: number,
): Promise<void> {
  const from = await sizeOf(part);
  if (from === bytes) return;
  if (from > bytes) await rm(part);
  const silence = new AbortController();
  const clock = setTimeout(() => silence.abort(new Error(`no byte within ${silenceMs / 1_000} s`)), silenceMs);
  try {
    const signal = AbortSignal.any([deadline, silence.signal]);
    const resumes = from > 0 && from < bytes;
    const headers = { 'accept-encoding': 'identity', ...(resumes && { range: `bytes=${from}-` }) };
    const answer = await fetch(url, { headers, signal });
    const goesOn = await accepted(url, answer, resumes ? from : 0, part);
    let done = goesOn ? from : 0;
    const target = await open(part, goesOn ? 'a' : 'w');
    try {
      for await (const chunk of bytesOf(answer)) {
        clock.refresh();
        done += chunk.byteLength;
        if (done > bytes) {
          await rm(part, { force: true });
          throw new Final(`${url} sends more than the ${bytes} bytes that are pinned`);
        }
        await target.write(chunk);
        tell(done);
      }
      await target.sync();
    } finally {
      await target.close();
    }
    if (done < bytes) throw new Error(`the answer ended after ${done} of ${bytes} bytes`);
  } finally {
    clearTimeout(clock);
    silence.abort();
  }
}

async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body;
}

/** Whether the answer goes on at `from`; false: it is the whole file. Throws where it is neither. */
async function accepted(url: string, answer: Response, from: number, part: string): Promise<boolean> {
  const { status } = answer;
  if (status === 206 && answer.headers.get('content-range')?.startsWith(`bytes ${from}-`) === true) return true;
  if (status === 200) return false;
  // A part that the server does not know how to go on with is none.
  if (status === 206 || status === 416) await rm(part, { force: true });
  if (status >= 400 && status < 500 && ![408, 416, 429].includes(status)) throw new Final(`${url} answers ${status}`);
  throw new Error(`the server answers ${status}`);
}

/** A whole file that is not the pinned one is thrown away; what an earlier run had begun may have been spoilt by then. */
async function check(url: string, part: string, { bytes, sha256 }: PinnedFile, resumedAt: number): Promise<void> {
  const found = await digestOf(part, bytes);
  if (found === sha256) return;
  await rm(part, { force: true });
  if (resumedAt > 0) throw new Error('the part of an earlier try and the rest do not fit');
  throw new Final(`${url} has the sha256 ${found}, not ${sha256}`);
}

/** The SHA-256 of a file of that length, in hex; undefined where there is none. */
async function digestOf(file: string, bytes: number): Promise<string | undefined> {
  if ((await sizeOf(file)) !== bytes) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** In bytes; 0 where there is no file. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** What fetch says of a broken connection stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
