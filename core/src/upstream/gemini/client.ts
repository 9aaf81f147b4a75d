import { GatewayError } from '@isartor/shared';
import { HttpClient, type HttpClientOptions } from '../transport/client.ts';
import { geminiModelNames } from './model-names.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { credentialHeaders, requestHeaders } from './request.ts';

/** The most that the list of models takes a page. */
const MODELS_PAGE = 1_000;

/** How to reach a server that speaks Gemini's API. */
export interface GeminiClientOptions extends HttpClientOptions {
  /** API base with its version, without a trailing slash: `https://generativelanguage.googleapis.com/v1beta`. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

/** HTTP to a server that speaks Gemini's API. */
export class GeminiClient {
  private readonly http: HttpClient;
  /** The base without its version: each call names its own. */
  private readonly root: string;

  constructor(private readonly options: GeminiClientOptions) {
    this.http = new HttpClient(options);
    this.root = options.url.replace(/\/v1(?:beta)?$/, '');
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const url = `${this.root}${call.path ?? ''}${call.query}`;
    const headers = requestHeaders(call, this.options.apiKey);
    return this.http.send(url, { method: 'POST', body: call.body, headers, signal: call.signal });
  }

  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    const url = `${this.options.url}/models?pageSize=${MODELS_PAGE}`;
    const { status, text } = await this.http.read(url, credentialHeaders(this.options.apiKey), signal);
    if (status !== 200) throw new GatewayError('upstream_error', `The list of models was refused (${status}).`);
    return geminiModelNames(text);
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}
