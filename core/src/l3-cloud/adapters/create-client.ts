import type { ProviderDialect } from '@isartor/shared';
import { AnthropicClient } from '../../upstream/anthropic/client.ts';
import { AzureClient } from '../../upstream/azure/client.ts';
import { BedrockClient } from '../../upstream/bedrock/client.ts';
import { GeminiClient } from '../../upstream/gemini/client.ts';
import { OpenAiClient } from '../../upstream/openai/client.ts';
import { VertexClient } from '../../upstream/vertex/client.ts';
import type { Provider, ProviderOptions } from '../provider.port.ts';

/** What speaks to a provider's server. */
export type Client = Pick<Provider, 'call' | 'listModels' | 'close'>;

const CLIENTS: Readonly<Record<ProviderDialect, new (options: ProviderOptions) => Client>> = {
  openai: OpenAiClient,
  anthropic: AnthropicClient,
  gemini: GeminiClient,
};

const MACHINE_IDENTITY = { kind: 'managed', endpoint: undefined, clientId: undefined } as const;

/** Of a cloud, what knows its addresses and credentials; of all others, what speaks their API. */
export function createClient(dialect: ProviderDialect, options: ProviderOptions): Client {
  const { azureIdentity: identity = MACHINE_IDENTITY } = options;
  if (options.preset === 'azure') return new AzureClient({ ...options, apiVersion: options.apiVersion, identity });
  if (options.preset === 'vertex') return new VertexClient(options);
  if (options.preset === 'bedrock') return new BedrockClient({ ...options, region: options.region ?? '' });
  return new CLIENTS[dialect](options);
}
