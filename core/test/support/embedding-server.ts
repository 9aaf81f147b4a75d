import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { readModelFolder } from '../../src/l1b-semantic-cache/adapters/model-folder.ts';
import { OnnxEmbedder } from '../../src/l1b-semantic-cache/adapters/onnx-embedder.ts';

/** What the server does instead of answering. */
export type ServerFault =
  'none' | 'short-vectors' | 'hang' | 'cut' | 'not-json' | 'wrong-shape' | 'too-long' | { readonly status: number };

/** A real HTTP server with a real model behind text-embeddings-inference's API, or behind OpenAI's. */
export interface TestEmbeddingServer {
  readonly url: string;
  /** Paths of the requests so far. */
  readonly requests: string[];
  fault: ServerFault;
  /** Model that it says it serves. */
  model: string;
  close(): Promise<void>;
}

const WINDOW = 256;

interface Tokens {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/** The library's own declarations do not resolve under NodeNext. */
interface TextTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): Tokens;
}

/** All that a request of either API may hold. */
interface RequestBody {
  readonly inputs: string;
  readonly truncate?: boolean;
  readonly add_special_tokens: boolean;
  readonly input: readonly string[];
}

export async function testEmbeddingServer(dir: string, api: 'tei' | 'openai', port = 0): Promise<TestEmbeddingServer> {
  const model = new OnnxEmbedder({ ...readModelFolder(dir), window: WINDOW });
  model.start();
  const json = JSON.parse(readFileSync(join(dir, 'tokenizer.json'), 'utf8'));
  const tokenizer = new (Tokenizer as new (tokenizer: object, config: object) => TextTokenizer)(json, {});
  const idsOf = (text: string, add: boolean): Tokens => tokenizer.encode(text, { add_special_tokens: add });
  // The port's rules are the server's own here: what the embedder would refuse is embedded all the same.
  const vectorOf = async (text: string): Promise<number[]> => {
    const embedding = await model.embed(text, 15_000);
    const length = self.fault === 'short-vectors' ? 8 : undefined;
    if (embedding.kind === 'vector') return [...embedding.vector].slice(0, length);
    return Array.from({ length: 8 }, () => 1);
  };
  const self: TestEmbeddingServer = {
    url: '',
    requests: [],
    fault: 'none',
    model: 'test/model',
    close: () => Promise.resolve(),
  };
  const answers: Record<string, (body: RequestBody) => Promise<[number, unknown]>> = {
    'GET /info': async () => [200, { model_id: self.model, model_sha: 'abc', max_input_length: WINDOW }],
    'POST /tokenize': async ({ inputs, add_special_tokens: add }) => [
      200,
      [simpleTokens(idsOf(inputs, add), idsOf(inputs, false).ids.length)],
    ],
    'POST /embed': async ({ inputs, truncate }) => {
      const { length } = idsOf(inputs, true).ids;
      if (length > WINDOW && truncate !== true) {
        const error = `\`inputs\` must have less than ${WINDOW} tokens. Given: ${length}`;
        return [413, { error, error_type: 'Validation' }];
      }
      return [200, [await vectorOf(inputs)]];
    },
  };
  const openai: typeof answers = {
    'POST /v1/embeddings': async ({ input }) => {
      const data = await Promise.all(
        input.map(async (text: string, index: number) => ({
          object: 'embedding',
          index,
          embedding: await vectorOf(text),
        })),
      );
      return [200, { object: 'list', model: self.model, data, usage: { prompt_tokens: 1, total_tokens: 1 } }];
    },
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    self.requests.push(`${request.method} ${request.url}`);
    const body = await textOf(request);
    const answer = (api === 'tei' ? answers : openai)[`${request.method} ${request.url}`];
    const { fault } = self;
    if (fault === 'hang') return;
    if (fault === 'cut') return void response.writeHead(200).write('[[0.1,', () => response.destroy());
    if (fault === 'not-json') return void response.end('<html>');
    if (fault === 'wrong-shape') return void response.end('{"vectors":[]}');
    if (fault === 'too-long') return void response.end(`[[${'0.1,'.repeat(600_000)}0.1]]`);
    if (typeof fault === 'object')
      return void response.writeHead(fault.status).end('{"error":"x","error_type":"Overloaded"}');
    const [status, value] = answer === undefined ? [404, {}] : await answer(body === '' ? {} : JSON.parse(body));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.assign(self, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await model.close();
    },
  });
}

/**
 * As text-embeddings-inference tells them: `special` is the tokenizer's special tokens mask, which marks what the
 * template adds around a text and never what the text itself comes to, be it `[UNK]` or a `[PAD]` that it spells.
 */
function simpleTokens({ ids, tokens }: Tokens, ownLength: number): object[] {
  const before = ids.length > ownLength ? 1 : 0;
  return ids.map((id, at) => {
    const special = at < before || at >= before + ownLength;
    return { id, text: tokens[at], special, start: special ? null : at, stop: special ? null : at + 1 };
  });
}
