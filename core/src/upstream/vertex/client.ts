import { callWithCredential } from '../credentials/call-with-credential.ts';
import { SharedCredential } from '../credentials/shared-credential.ts';
import { callHeaders } from '../transport/call-headers.ts';
import { HttpClient, type HttpClientOptions } from '../transport/client.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { googleToken } from './google-token.ts';
import { vertexRequest } from './request.ts';

/** How to reach Vertex AI. */
export interface VertexClientOptions extends HttpClientOptions {
  /** Of the provider, for messages. */
  readonly name: string;
  /** `https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION` */
  readonly url: string;
}

/** HTTP to Gemini's and Anthropic's models on Vertex: their APIs at Google's addresses, with Google's tokens. */
export class VertexClient {
  private readonly http: HttpClient;
  private readonly token: SharedCredential<string>;

  constructor(private readonly options: VertexClientOptions) {
    const { name, url } = options;
    const [, project] = /\/projects\/([^/]+)/.exec(url) ?? [];
    this.http = new HttpClient(options);
    this.token = new SharedCredential(name, () => googleToken(project));
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const { path, body } = vertexRequest(call);
    const { signal } = call;
    const url = `${this.options.url}${path}`;
    return callWithCredential(this.token, signal, (token) => {
      const headers = [...callHeaders(call), 'authorization', `Bearer ${token}`];
      return this.http.send(url, { method: 'POST', body, headers, signal });
    });
  }

  /** Vertex does not tell which of its models a project may ask. */
  listModels(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}
