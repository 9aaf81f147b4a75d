import { readFileSync } from 'node:fs';
import { readLogRecord, type LogRecord } from '@isartor/core/estimate';
import { reason } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';

/** Reads a request log; empty lines are passed over. @throws Fault naming the line that is wrong */
export function readLogFile(file: string): readonly LogRecord[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault(`${file} cannot be read: ${reason(error)}`);
  }
  const records = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [recordOf(line, file, at + 1)]));
  if (records.length === 0) throw new Fault(`${file} holds no request`);
  return records;
}

function recordOf(line: string, file: string, number: number): LogRecord {
  try {
    return readLogRecord(line);
  } catch (error) {
    throw new Fault(`${file}, line ${number}: ${reason(error)}`);
  }
}
