import { GatewayError, OPERATION_SPECS } from '@isartor/shared';
import { HttpClient, type HttpClientOptions } from '../transport/client.ts';
import { modelNames } from '../transport/model-names.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { credentialHeaders, requestHeaders } from './request.ts';

/** The most that the list of models takes a page. */
const MODELS_PAGE = 1_000;

/** How to reach a server that speaks Anthropic's API. */
export interface AnthropicClientOptions extends HttpClientOptions {
  /** API base with its version, without a trailing slash: `https://api.anthropic.com/v1`. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

/** HTTP to a server that speaks Anthropic's API. */
export class AnthropicClient {
  private readonly http: HttpClient;

  constructor(private readonly options: AnthropicClientOptions) {
    this.http = new HttpClient(options);
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const url = `${this.options.url}${OPERATION_SPECS[call.operation].upstreamPath}${call.query}`;
    const headers = requestHeaders(call, this.options.apiKey);
    return this.http.send(url, { method: 'POST', body: call.body, headers, signal: call.signal });
  }

  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    const url = `${this.options.url}/models?limit=${MODELS_PAGE}`;
    const { status, text } = await this.http.read(url, credentialHeaders(this.options.apiKey, []), signal);
    if (status !== 200) throw new GatewayError('upstream_error', `The list of models was refused (${status}).`);
    return modelNames(text);
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}
