// node fetch-pinned.ts URL FILE SHA256: downloads one file, and keeps it only when it is the one that was pinned.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const MOST_MS = 600_000;
const [url, file, sha256] = process.argv.slice(2);
if (url === undefined || file === undefined || sha256 === undefined) throw new Error('give URL, FILE and SHA256');
const answer = await fetch(url, { signal: AbortSignal.timeout(MOST_MS) });
if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
const bytes = Buffer.from(await answer.arrayBuffer());
const found = createHash('sha256').update(bytes).digest('hex');
if (found !== sha256) throw new Error(`${url} has the sha256 ${found}, not ${sha256}`);
writeFileSync(file, bytes);
