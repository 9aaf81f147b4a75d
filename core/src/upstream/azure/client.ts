import { GatewayError, OPERATION_SPECS } from '@isartor/shared';
import type { AzureIdentity } from '../../config/azure-identity.ts';
import { callWithCredential } from '../credentials/call-with-credential.ts';
import { SharedCredential } from '../credentials/shared-credential.ts';
import { callHeaders } from '../transport/call-headers.ts';
import { HttpClient, type HttpClientOptions } from '../transport/client.ts';
import { modelNames } from '../transport/model-names.ts';
import { readText } from '../transport/read-text.ts';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { entraToken } from './entra-token.ts';
import { azureUrl, modelsUrl, type AzureAddress } from './url.ts';

/** How to reach an Azure OpenAI resource. */
export interface AzureClientOptions extends HttpClientOptions, AzureAddress {
  /** Of the provider, for messages. */
  readonly name: string;
  /** Undefined: it is asked with Entra ID's tokens. */
  readonly apiKey: string | undefined;
  readonly identity: AzureIdentity;
}

/** HTTP to OpenAI's models on Azure: their API at Azure's addresses, with Azure's credentials. */
export class AzureClient {
  private readonly http: HttpClient;
  private readonly token: SharedCredential<string>;

  constructor(private readonly options: AzureClientOptions) {
    const { name, identity } = options;
    this.http = new HttpClient(options);
    this.token = new SharedCredential(name, (signal) => entraToken(this.http, identity, signal));
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const url = azureUrl(this.options, OPERATION_SPECS[call.operation].upstreamPath, call);
    const { body, signal } = call;
    return this.withHeaders(signal, (credentials) =>
      this.http.send(url, { method: 'POST', body, headers: [...callHeaders(call), ...credentials], signal }),
    );
  }

  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    const url = modelsUrl(this.options);
    const reply = await this.withHeaders(signal, (headers) => this.http.send(url, { method: 'GET', headers, signal }));
    const text = await readText(reply);
    if (reply.status !== 200)
      throw new GatewayError('upstream_error', `The list of models was refused (${reply.status}).`);
    return modelNames(text);
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private withHeaders(
    signal: AbortSignal,
    send: (headers: string[]) => Promise<UpstreamReply>,
  ): Promise<UpstreamReply> {
    const { apiKey } = this.options;
    return apiKey === undefined
      ? callWithCredential(this.token, signal, (token) => send(['authorization', `Bearer ${token}`]))
      : send(['api-key', apiKey]);
  }
}
