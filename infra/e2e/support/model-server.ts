import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { createStandin } from '../../local/src/standin/standin.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** The options of each server's own command line that the Compose files use, and how it calls the name it serves under. */
const SERVERS: Readonly<
  Record<string, { readonly options: ParseArgsOptionsConfig; readonly needs: readonly string[] }>
> = {
  'llama-cpp': {
    options: {
      host: text,
      port: text,
      'hf-repo': text,
      'hf-file': text,
      alias: text,
      'ctx-size': text,
      'n-gpu-layers': text,
      metrics: flag,
    },
    needs: ['host', 'port', 'hf-repo', 'hf-file', 'alias'],
  },
  'vllm-openai': {
    options: {
      model: text,
      'served-model-name': text,
      host: text,
      port: text,
      'max-model-len': text,
      'gpu-memory-utilization': text,
    },
    needs: ['model', 'served-model-name', 'host', 'port'],
  },
  tei: { options: { 'model-id': text, port: text }, needs: ['model-id', 'port'] },
};

/**
 * Stands in for llama.cpp's server, vLLM or TEI: refuses a command line that it does not know, and speaks as much of the
 * protocol as the three have in common (`/health`, OpenAI's routes). Its answers are the stand-in's, no model's.
 * @throws Error when the command line is not one of that server
 */
export async function startModelServer(
  name: string,
  command: readonly string[],
  port: number,
): Promise<{ stop(): Promise<void> }> {
  const server = SERVERS[name];
  if (server === undefined) throw new Error(`${name} is no model server`);
  const { values } = parseArgs({ args: [...command], options: server.options, strict: true });
  const missing = server.needs.filter((option) => !values[option]);
  if (missing.length > 0) throw new Error(`${name} is started without --${missing.join(', --')}`);
  const standin = createStandin({ tokensPerSecond: 1_000 });
  const listening = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/health') response.end('{"status":"ok"}');
    else standin.emit('request', request, response);
  }).listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    stop: async () => {
      const closed = once(listening, 'close');
      listening.close();
      listening.closeAllConnections();
      await closed;
    },
  };
}
