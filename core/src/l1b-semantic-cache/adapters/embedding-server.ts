import { Agent, request } from 'undici';
import { z } from 'zod';
import { currentSpan, inSpan } from '../../telemetry/current-span.ts';
import { GEN_AI_EMBEDDINGS, GEN_AI_OPERATION, GEN_AI_PROVIDER } from '../../telemetry/semantic-names.ts';
import { EmbedderError, type Embedding } from '../embedder.port.ts';
import { spellsSpecialToken, usesUnprovenScript } from './plain-text-rules.ts';
import {
  FRAMED_PROBE,
  probedTokenRules,
  UNKNOWN_PROBES,
  unrepresentableTokens,
  type ProbedToken,
  type ProbedTokenRules,
} from './probed-token-rules.ts';

/** A vector of 4 096 numbers written out at full length is 90 KB. */
const MAX_REPLY_BYTES = 1024 * 1024;
/** What is longer may be beyond a window of 256 tokens, which not every server would say. */
const MAX_UNMEASURED_CHARS = 512;
const CONNECTIONS = 16;

const INFO = z.object({ model_id: z.string().min(1), model_sha: z.string().nullish() });
const VECTOR = z.array(z.number()).min(1).max(8_192);
const EMBEDDED = z.array(VECTOR).length(1);
/** Of the one text its tokens. `special` marks what the template adds, never what the text itself comes to. */
const TOKENS = z.array(z.array(z.object({ id: z.int(), special: z.boolean() }))).length(1);
const OPENAI_EMBEDDED = z.object({
  model: z.string().optional(),
  data: z.array(z.object({ embedding: VECTOR })).length(1),
});

/** What kind of server it is, which decides what it is asked. `name` names its model. */
export type Kind = { readonly name: string } & (
  { readonly api: 'tei'; readonly rules: ProbedTokenRules } | { readonly api: 'openai' }
);

interface Reply {
  readonly status: number;
  readonly json: unknown;
}

/** An embedding server by its documented API: Hugging Face's text-embeddings-inference, else OpenAI's `/v1/embeddings`. */
export class EmbeddingServer {
  private readonly agent = new Agent({ connections: CONNECTIONS });

  /** `url`: the server's root. `model`: what to ask for; only OpenAI's API has the choice. */
  constructor(
    private readonly url: string,
    private readonly model: string | undefined,
  ) {}

  /** Finds out which API it speaks and which model it serves. Throws EmbedderError. */
  async inspect(signal: AbortSignal): Promise<Kind> {
    const reply = await this.ask('GET', '/info', undefined, signal);
    const { status, json } = reply;
    // Says nothing of its API: text-embeddings-inference speaks OpenAI's too, which tells less.
    if (status === 429 || status >= 500) expectOk(reply);
    const info = status === 200 ? INFO.safeParse(json).data : undefined;
    if (info !== undefined) {
      const name = `tei ${info.model_id}@${info.model_sha ?? 'unpinned'}`;
      return { api: 'tei', name, rules: await this.probe(signal) };
    }
    const { vector, model } = await this.embedOpenAi('probe', signal);
    return { api: 'openai', name: `openai ${model ?? this.model ?? 'default'} ${vector.length}` };
  }

  /** Throws EmbedderError when the server does not do it. */
  async embed(kind: Kind, text: string, signal: AbortSignal): Promise<Embedding> {
    return inEmbeddingSpan(() =>
      kind.api === 'tei' ? this.embedTei(kind.rules, text, signal) : this.embedUnmeasured(text, signal),
    );
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  /** One text a request: how many it takes at a time is the server's to set. */
  private async probe(signal: AbortSignal): Promise<ProbedTokenRules> {
    const [framed, ...unknown] = await Promise.all([
      this.tokenize(FRAMED_PROBE, true, signal),
      ...UNKNOWN_PROBES.map((text) => this.tokenize(text, false, signal)),
    ]);
    return probedTokenRules(unknown.map(tokensOf), tokensOf(framed));
  }

  private async embedTei(rules: ProbedTokenRules, text: string, signal: AbortSignal): Promise<Embedding> {
    const [embedded, tokenized] = await Promise.all([
      this.ask('POST', '/embed', { inputs: text, normalize: true, truncate: false }, signal),
      this.tokenize(text, false, signal),
    ]);
    // Its word for what does not fit: the text is longer than the model's window.
    if (embedded.status === 413) return { kind: 'unrepresentable', why: 'beyond-window' };
    const tokens = tokensOf(tokenized);
    const why = unrepresentableTokens(rules, text, tokens);
    if (why !== undefined) return { kind: 'unrepresentable', why };
    const [vector] = parsed(EMBEDDED, expectOk(embedded));
    return { kind: 'vector', vector: normalised(vector ?? []), tokenIds: tokens.map(({ id }) => id) };
  }

  private tokenize(inputs: string, add: boolean, signal: AbortSignal): Promise<Reply> {
    return this.ask('POST', '/tokenize', { inputs, add_special_tokens: add }, signal);
  }

  /** This API tells neither tokens nor window: what it might not be able to represent is not asked. */
  private async embedUnmeasured(text: string, signal: AbortSignal): Promise<Embedding> {
    if (text.length > MAX_UNMEASURED_CHARS) return { kind: 'unrepresentable', why: 'beyond-window' };
    if (spellsSpecialToken(text)) return { kind: 'unrepresentable', why: 'special-token' };
    if (usesUnprovenScript(text)) return { kind: 'unrepresentable', why: 'unknown-token' };
    const { vector } = await this.embedOpenAi(text, signal);
    return { kind: 'vector', vector: normalised(vector) };
  }

  private async embedOpenAi(
    text: string,
    signal: AbortSignal,
  ): Promise<{ vector: number[]; model: string | undefined }> {
    const body = {
      input: [text],
      encoding_format: 'float',
      ...(this.model === undefined ? {} : { model: this.model }),
    };
    const { data, model } = parsed(OPENAI_EMBEDDED, expectOk(await this.ask('POST', '/v1/embeddings', body, signal)));
    return { vector: data[0]?.embedding ?? [], model };
  }

  private async ask(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Reply> {
    try {
      const reply = await request(`${this.url}${path}`, {
        method,
        dispatcher: this.agent,
        signal,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...traceHeaders(),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      let text = '';
      const decoder = new TextDecoder();
      for await (const piece of reply.body as AsyncIterable<Uint8Array>) {
        text += decoder.decode(piece, { stream: true });
        if (text.length > MAX_REPLY_BYTES)
          throw new EmbedderError('down', 'The embedding server sent too long a reply.');
      }
      return { status: reply.statusCode, json: jsonOf(text) };
    } catch (error) {
      if (error instanceof EmbedderError) throw error;
      if (signal.aborted) throw new EmbedderError('timeout', 'The embedding server did not answer in time.');
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
      throw new EmbedderError('down', `The embedding server is not reachable (${code}).`, { cause: error });
    }
  }
}

/** The server is told of the trace that asks it. */
function traceHeaders(): Record<string, string> {
  const { traceparent } = currentSpan();
  return traceparent === undefined ? {} : { traceparent };
}

function inEmbeddingSpan<Value>(work: () => Promise<Value>): Promise<Value> {
  const attributes = { [GEN_AI_OPERATION]: GEN_AI_EMBEDDINGS, [GEN_AI_PROVIDER]: 'embedding-sidecar' };
  const span = currentSpan().child(GEN_AI_EMBEDDINGS, 'client', attributes);
  return inSpan(span, work, (error) => (error instanceof EmbedderError ? error.fault : 'internal'));
}

function expectOk({ status, json }: Reply): unknown {
  if (status === 200) return json;
  const fault = status === 429 || status === 503 ? 'overloaded' : 'down';
  throw new EmbedderError(fault, `The embedding server answered ${status}.`);
}

function tokensOf(reply: Reply): readonly ProbedToken[] {
  return parsed(TOKENS, expectOk(reply)).flat();
}

function parsed<Value>(schema: z.ZodType<Value>, json: unknown): Value {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new EmbedderError('down', 'The embedding server answered something else than it documents.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function normalised(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  if (!Number.isFinite(length) || length === 0) {
    throw new EmbedderError('down', 'The embedding server gave a vector without a direction.');
  }
  return Float32Array.from(vector, (value) => value / length);
}
