import { GatewayError, OPERATION_SPECS } from '@isartor/shared';
import { HttpClient, type HttpClientOptions } from '../transport/client.ts';
import { modelNames } from '../transport/model-names.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { requestHeaders } from './request.ts';

/** How to reach an OpenAI-compatible server. */
export interface OpenAiClientOptions extends HttpClientOptions {
  /** API base with its version, without a trailing slash: `https://api.openai.com/v1`. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

/** HTTP to a server that speaks OpenAI's API. */
export class OpenAiClient {
  private readonly http: HttpClient;

  constructor(private readonly options: OpenAiClientOptions) {
    this.http = new HttpClient(options);
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const url = `${this.options.url}${OPERATION_SPECS[call.operation].upstreamPath}${call.query}`;
    const headers = requestHeaders(call, this.options.apiKey);
    return this.http.send(url, { method: 'POST', body: call.body, headers, signal: call.signal });
  }

  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    const { status, text } = await this.read(`${this.options.url}/models`, signal);
    if (status !== 200) throw new GatewayError('upstream_error', `The list of models was refused (${status}).`);
    return modelNames(text);
  }

  /** What a GET of `url` says, whole; throws where it is longer than any description of a server. */
  async read(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const headers = this.options.apiKey === undefined ? [] : ['authorization', `Bearer ${this.options.apiKey}`];
    return this.http.read(url, headers, signal);
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}
