import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { CoreAnswer, SeenRequest } from './core-answer.ts';
import { PROGRAM } from './core-answer.ts';
import { portOf } from './port-of.ts';

interface Program {
  answers: CoreAnswer[];
  seen: SeenRequest[];
  /** Told when a connection of this program closes before its answer is complete. */
  readonly closed: PromiseWithResolvers<void>;
  /** Told when an answer that waits may go out. */
  readonly go: PromiseWithResolvers<void>;
}

/** A core that does what it was told by `PUT /__program/<id>`; what nobody told it to do is a loud 599. */
export async function startFakeCore(): Promise<{ url: string; server: Server }> {
  const programs = new Map<string, Program>();
  const server = createServer((request, response) => {
    handle(programs, request, response).catch((error: unknown) =>
      response.destroy(new Error('the fake core failed', { cause: error })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${portOf(server.address())}`, server };
}

async function handle(
  programs: Map<string, Program>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, verb, id = ''] = (request.url ?? '').split('/');
  if (verb === '__program') {
    const { body } = await readAll(request);
    const answers: CoreAnswer[] = JSON.parse(body);
    programs.set(id, { answers, seen: [], closed: Promise.withResolvers(), go: Promise.withResolvers() });
    response.end();
  } else if (verb === '__seen') {
    response.end(JSON.stringify(programs.get(id)?.seen ?? []));
  } else if (verb === '__closed') {
    await programs.get(id)?.closed.promise;
    response.end();
  } else if (verb === '__go') {
    programs.get(id)?.go.resolve();
    response.end();
  } else if (request.url === '/readyz') {
    response.end('{"status":"ready"}');
  } else {
    await play(programs.get(String(request.headers[PROGRAM])), request, response);
  }
}

async function play(program: Program | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = program?.answers.length === 1 ? program.answers[0] : program?.answers.shift();
  if (program === undefined || answer === undefined) {
    response.writeHead(599).end('the fake core was not told what to answer');
    return;
  }
  response.on('close', () => {
    if (!response.writableFinished) program.closed.resolve();
  });
  if (answer.instead === 'reset') request.socket.destroy();
  const { length, body } = answer.early === true ? { length: 0, body: '' } : await readAll(request);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  program.seen.push({ method: request.method ?? '', url: request.url ?? '', headers, bodyLength: length, body });
  if (answer.instead !== undefined) return;
  if (answer.waitFor === 'go') await program.go.promise;
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  for (const chunk of answer.chunks ?? []) response.write(chunk);
  const { onGo } = answer;
  if (onGo !== undefined) void program.go.promise.then(() => response.write(onGo));
  if (answer.ticks !== undefined) {
    const timer = setInterval(() => response.write(answer.ticks), 20);
    response.on('close', () => clearInterval(timer));
    return;
  }
  if (answer.ending === 'cut') setImmediate(() => response.destroy());
  else if (answer.ending !== 'hold') response.end();
}

async function readAll(request: IncomingMessage): Promise<{ length: number; body: string }> {
  let length = 0;
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (body.length < 65_536) body += chunk.toString('utf8');
  }
  return { length, body };
}
