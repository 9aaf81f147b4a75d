import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseJson } from '../json/json-value.ts';
import type { SseEvent } from '../sse/sse-event.ts';

/** Real traffic of Anthropic's; third-party data, so it lies beside the repository and not in it. */
const FOLDER = fileURLToPath(new URL('../../../../shared/transcripts/anthropic/', import.meta.url).href);
const present = existsSync(FOLDER);
if (!present) process.stderr.write('skipped: no recorded traffic at ../shared/transcripts beside the repository\n');

/** Names of the plain answers there; none where there is no recorded traffic. */
export const plainMessages: readonly string[] = present ? globSync('*.json', { cwd: FOLDER }).toSorted() : [];

/** One stream of a recording: some recordings hold the streams of several turns, one after the other. */
export interface RecordedStream {
  readonly name: string;
  readonly events: readonly SseEvent[];
}

/** Every recorded stream, one a `message_stop`. */
export const messageStreams: readonly RecordedStream[] = present
  ? globSync('*.chunks.txt', { cwd: FOLDER }).toSorted().flatMap(streamsOf)
  : [];

/** A recorded file. */
export function readRecorded(file: string): string {
  return readFileSync(`${FOLDER}${file}`, 'utf8');
}

function streamsOf(file: string): RecordedStream[] {
  const streams: SseEvent[][] = [[]];
  for (const data of readRecorded(file).split('\n')) {
    if (data === '') continue;
    const said = parseJson(data);
    const event = isJsonObject(said) && typeof said['type'] === 'string' ? said['type'] : '';
    streams.at(-1)?.push({ event, data });
    if (event === 'message_stop') streams.push([]);
  }
  const whole = streams.filter((events) => events.length > 0);
  return whole.map((events, turn) => ({ name: whole.length === 1 ? file : `${file}, turn ${turn + 1}`, events }));
}
