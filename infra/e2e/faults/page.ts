import { join } from 'node:path';
import { ROOT } from '../../local/src/stack/paths.ts';
import { CASES } from './cases.ts';
import { rowsOf, type Row } from './fault-case.ts';
import { inWords } from './outcome.ts';
import { pairsTable } from './pairs/pairs-table.ts';
import type { PortkeyRecord } from './portkey-record.ts';
import type { Seen } from './seen.ts';

/** The committed page. */
export const PAGE_FILE = join(ROOT, 'infra', 'docs', 'faults.md');

const NONE = '–';

/** The page, from what was seen. */
export function page(seen: Seen, portkey: PortkeyRecord): string {
  const rows = rowsOf(CASES).map((row) => `| ${cells(row, seen, portkey).join(' | ')} |`);
  return `# What a client sees when something fails

Written by \`npm run faults --workspace=infra\`, do not edit. Each line was played against real processes in front of an
upstream whose faults are programmed: the core alone, the edge with a core behind it, and Portkey ${portkey.version} from npm
(\`-- --portkey\`; last on ${portkey.date}, with hono 4.9.7 and @hono/node-server 1.14.0, without which it cannot stream).
\`npm run test:full\` plays Isartor's part again, and fails where an outcome or this page differs.

| fault | | Isartor, core | Isartor, edge | Portkey ${portkey.version} |
|---|---|---|---|---|
${rows.join('\n')}

**How to read it.** \`same\`: as at the core. Calls are those that the provider got; Isartor asks a provider once more where
that may help. *As sent*: byte for byte what the provider sent. *Error event*: the stream ends with the error in its dialect's form,
\`data: {"error":…}\` or \`event: error\`.
*Broken off*: the client's connection breaks, so that the answer cannot be taken for whole. *Silently cut*: it can. *No end*: the
client gave up after 6 s. After each fault the same question was asked again, of a sound provider: nothing of a fault was
served from a cache, where \`cached\` does not say so.

**Clocks.** *At once* is less than 0.6 s. The suite runs with short clocks: the provider's first byte and silence in the
middle 1 s (\`ISARTOR__CLOCKS__FIRST_BYTE_SECS\` 110, \`__BETWEEN_BYTES_SECS\` 60 by default), the whole answer 4 s
(\`__PLAIN_SECS\` 110, \`__STREAM_SECS\` 900). Portkey has its defaults, which bound none of these.

**A client that leaves** is timed from its leaving to the provider seeing the connection close: within 100 ms in two of three
rounds.

¹ In bare workerd, because wrangler's development proxy, which \`npm start\` puts before the Worker, would hide it. What is true
of workerd itself: a connection that is *reset* is noticed at once, plain or streamed. One that is *closed* is noticed when workerd
next writes to it, that is with the next token; in a stream that is silent with the next keep-alive comment, at most 15 s later;
and before a plain answer not at all, for the client may have closed its own half only. Then the core's clock ends the call
(\`after 1 s\` above). Cloudflare's network stands before workerd in production and has its own way of telling.

Under \`npm start\`, behind that proxy, only one way of leaving is asserted: a close in a stream that goes on. Of the others
none was passed on at once in trials; they are left to the core's clocks. That is a limit of local development.

## Every surface before every provider

\`/v1/chat/completions\`, \`/v1/responses\`, \`/v1/messages\` and Gemini's \`generateContent\`, each before a provider of OpenAI's, of
Anthropic's and of Gemini's API, at the core: twelve pairs, of which four speak one API on both sides and eight are translated. The
four are played through the edge too (in bare workerd). Each line is one outcome, the same for every such pair
(\`npm run test:full\` plays them all), but for a client that leaves by a close: through the edge that is noticed as the table
above has it. \`its own\`: an error of the shape that the caller's dialect has.

| fault | | one API | translated |
|---|---|---|---|
${pairsTable()}
`;
}

function cells(row: Row, seen: Seen, portkey: PortkeyRecord): string[] {
  const { fault, form } = row;
  const core = seen.get('core', row);
  const edge = seen.get(fault.edge, row);
  const peer = portkey.outcomes[fault.title]?.[form];
  const mark = fault.edge === 'workerd' ? '¹' : '';
  const atCore = core === undefined ? NONE : inWords(core);
  const atEdge = edge === undefined ? NONE : inWords(edge);
  const shown = atEdge === atCore && edge !== undefined ? 'same' : atEdge;
  return [fault.title, form, atCore, `${shown}${mark}`, peer === undefined ? NONE : inWords(peer)];
}
