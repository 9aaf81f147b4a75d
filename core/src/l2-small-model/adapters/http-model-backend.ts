import { GatewayError, isJsonObject, parseJson, type JsonObject } from '@isartor/shared';
import { OpenAiClient } from '../../upstream/openai/client.ts';
import { tracedCall } from '../../upstream/traced-call.ts';
import { readText } from '../../upstream/transport/read-text.ts';
import type { UpstreamCall, UpstreamReply } from '../../upstream/upstream.port.ts';
import type { LabelQuestion, LogprobsTold, ModelBackend, ServedModel, ServerLoad } from '../model-backend.port.ts';
import { labelProbability } from './label-probability.ts';
import type { Protocol } from './protocol.ts';
import { readLoad } from './read-load.ts';

/** A pool is near: who takes longer to accept a connection is not there. */
const CONNECT_MS = 1_000;

/** How to reach one server of the pool. */
export interface HttpModelBackendOptions {
  /** Root without a slash at its end. */
  readonly url: string;
  /** The host by name, where the URL has an address: connected to is the address, and asked and checked is the name. */
  readonly host?: string | undefined;
  readonly apiKey: string | undefined;
  /** Longest silence within an answer. */
  readonly betweenBytesMs: number;
}

/** A model server behind HTTP; what is a kind's own is its protocol's. */
export class HttpModelBackend implements ModelBackend {
  readonly name: string;
  readonly url: string;
  readonly asksUsage: boolean;
  readonly ignores: ReadonlySet<string>;
  readonly logprobs: LogprobsTold;
  private readonly client: OpenAiClient;
  /** As it is asked. */
  private readonly root: string;

  constructor(
    private readonly protocol: Protocol,
    { url, host, apiKey, betweenBytesMs }: HttpModelBackendOptions,
  ) {
    this.name = protocol.name;
    this.url = url;
    this.asksUsage = protocol.asksUsage;
    this.ignores = protocol.ignores;
    this.logprobs = protocol.logprobs;
    const { hostname } = new URL(url);
    this.root = host === undefined ? url : url.replace(`//${hostname}`, `//${host}`);
    this.client = new OpenAiClient({
      url: `${this.root}/v1`,
      address: host === undefined ? undefined : hostname.replaceAll(/[[\]]/g, ''),
      apiKey,
      connectMs: CONNECT_MS,
      betweenBytesMs,
    });
  }

  call(call: UpstreamCall): Promise<UpstreamReply> {
    return this.client.call(call);
  }

  async health(signal: AbortSignal): Promise<'ready' | 'loading'> {
    const { status } = await this.client.read(this.root + this.protocol.healthPath, signal);
    if (status === 200) return 'ready';
    if (status === 503) return 'loading';
    throw new GatewayError('upstream_error', `Its health route answers ${status}.`);
  }

  async servedModels(signal: AbortSignal): Promise<readonly ServedModel[]> {
    const { status, text } = await this.client.read(this.root + this.protocol.modelsPath, signal);
    const models = status === 200 ? this.protocol.readModels(parsedObject(text)) : undefined;
    if (models === undefined) throw new GatewayError('upstream_error', `It does not say what it serves (${status}).`);
    return models;
  }

  async load(signal: AbortSignal): Promise<ServerLoad | undefined> {
    const { load } = this.protocol;
    if (load === undefined) return undefined;
    const { status, text } = await this.client.read(this.root + load.path, signal);
    return status === 200 ? readLoad(text, load.names) : undefined;
  }

  async labelProbability(question: LabelQuestion, signal: AbortSignal): Promise<number | undefined> {
    const { model, messages, labels, requestId } = question;
    const body = {
      model,
      messages,
      ...this.protocol.constrain(labels),
      max_tokens: 1,
      temperature: 0,
      logprobs: true,
      top_logprobs: this.protocol.topLogprobs,
    };
    const call = {
      operation: 'openai.chat',
      model,
      body: new TextEncoder().encode(JSON.stringify(body)),
      query: '',
      headers: [],
      stream: false,
      requestId,
      signal,
    } as const;
    const reply = await tracedCall(this, call);
    const text = await readText(reply);
    if (reply.status !== 200) {
      throw new GatewayError('upstream_error', `The question for a label was refused (${reply.status}).`);
    }
    return labelProbability(parsedObject(text), labels);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function parsedObject(text: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below, without quoting it.
  }
  throw new GatewayError('upstream_error', 'The model server answered something that is not a JSON object.');
}
