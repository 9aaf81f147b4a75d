import { errorBody, GatewayError, isJsonObject, parseJson } from '@isartor/shared';
import { callWithCredential } from '../credentials/call-with-credential.ts';
import { SharedCredential } from '../credentials/shared-credential.ts';
import { callHeaders } from '../transport/call-headers.ts';
import { HttpClient, type HttpClientOptions } from '../transport/client.ts';
import { readText } from '../transport/read-text.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { awsCredentials, type AwsCredentials } from './aws-credentials.ts';
import { anthropicStream } from './event-stream.ts';
import { bedrockRequest } from './request.ts';
import { signedHeaders } from './sign.ts';

const EVENT_STREAM = 'application/vnd.amazon.eventstream';

/** How to reach Amazon Bedrock. */
export interface BedrockClientOptions extends HttpClientOptions {
  /** Of the provider, for messages. */
  readonly name: string;
  /** `https://bedrock-runtime.REGION.amazonaws.com` */
  readonly url: string;
  /** What requests are signed for. */
  readonly region: string;
  /** A Bedrock API key; undefined: requests are signed with the workload's credentials. */
  readonly apiKey: string | undefined;
}

/** HTTP to Anthropic's and OpenAI's models on Bedrock: their APIs in the form that Bedrock gives them. */
export class BedrockClient {
  private readonly http: HttpClient;
  private readonly credentials: SharedCredential<AwsCredentials>;

  constructor(private readonly options: BedrockClientOptions) {
    const { name, region } = options;
    this.http = new HttpClient(options);
    this.credentials = new SharedCredential(name, () => awsCredentials(region));
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const { apiKey, region, url: base } = this.options;
    const { path, body, headers } = bedrockRequest(call);
    const url = `${base}${path}`;
    const { signal } = call;
    const sent = callHeaders({ ...call, headers });
    const send = (proof: string[]): Promise<UpstreamReply> =>
      this.http.send(url, { method: 'POST', body, headers: [...sent, ...proof], signal });
    const reply =
      apiKey === undefined
        ? await callWithCredential(this.credentials, signal, async (credentials) =>
            send(await signedHeaders(url, body, region, credentials)),
          )
        : await send(['authorization', `Bearer ${apiKey}`]);
    return call.operation === 'anthropic.messages' ? inAnthropicForm(reply) : reply;
  }

  /** The runtime does not tell which models may be asked. */
  listModels(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}

/** An answer is Anthropic's as it is; a stream and an error are in AWS's form. */
async function inAnthropicForm(reply: UpstreamReply): Promise<UpstreamReply> {
  if (reply.status >= 400) return anthropicError(reply);
  if (reply.headers['content-type'] !== EVENT_STREAM) return reply;
  const { EventStreamCodec } = await import('@smithy/eventstream-codec');
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes).toString('utf8'),
    (text) => Buffer.from(text, 'utf8'),
  );
  const headers = { ...reply.headers, 'content-type': 'text/event-stream; charset=utf-8' };
  return { ...reply, headers, body: anthropicStream(reply.body, codec) };
}

async function anthropicError(reply: UpstreamReply): Promise<UpstreamReply> {
  const { status } = reply;
  const message = messageIn(await readText(reply)) ?? 'Bedrock refused the request without saying why.';
  const error = new GatewayError('upstream_error', message, { status });
  const bytes = Buffer.from(JSON.stringify(errorBody('anthropic', error)));
  const headers = { ...reply.headers, 'content-type': 'application/json' };
  return { ...reply, headers, body: onlyPart(bytes) };
}

function messageIn(text: string): string | undefined {
  try {
    const body = parseJson(text);
    const message = isJsonObject(body) ? (body['message'] ?? body['Message']) : undefined;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

async function* onlyPart(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
