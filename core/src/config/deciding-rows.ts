import { z } from 'zod';
import { parsedList } from './listed-records.ts';

const MAX_ROWS = 256;

/** A table of which the first row that is about a request decides about it. */
export interface DecidingRows<Row> {
  /** A row as an operator writes it; `place` is where it stands, such as `[3]`. */
  readonly read: (item: unknown, place: string) => { readonly row: Row } | { readonly fault: string };
  /** Whether the one decides about all that the other, which comes after it, is about. */
  readonly covers: (earlier: Row, later: Row) => boolean;
  /** What is to be written, for messages and the reference. */
  readonly doc: string;
}

/** The type of a setting that is such a table: JSON text, or the same as a YAML list. */
export function decidingRows<Row>({ read, covers, doc }: DecidingRows<Row>) {
  return z
    .union([z.string(), z.array(z.record(z.string(), z.unknown()))])
    .transform((given, context): readonly Row[] => {
      const fault = (message: string): never => {
        context.addIssue({ code: 'custom', message: `cannot be used: ${message}` });
        return z.NEVER;
      };
      const list = typeof given === 'string' ? parsedList(given) : given;
      if (list === undefined) return fault('it must be a JSON list of objects; check its brackets and quotes');
      if (list.length > MAX_ROWS) return fault(`it has more than ${MAX_ROWS} rows; put those that agree together`);
      const rows: Row[] = [];
      for (const [index, item] of list.entries()) {
        const result = read(item, `[${index}]`);
        if ('fault' in result) return fault(result.fault);
        const { row } = result;
        const covering = rows.findIndex((earlier) => covers(earlier, row));
        if (covering >= 0) return fault(`[${index}] is never reached: all it is about is decided by [${covering}]`);
        rows.push(row);
      }
      return rows;
    })
    .describe(doc);
}
