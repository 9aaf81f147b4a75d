import { AnthropicClient } from '../../../upstream/anthropic/client.ts';
import type { UpstreamCall, UpstreamReply } from '../../../upstream/upstream.port.ts';
import type { Provider, ProviderOptions } from '../../provider.port.ts';

/** Anthropic, and every server that speaks its API at a URL. */
export class AnthropicProvider implements Provider {
  readonly name: string;
  readonly dialect = 'anthropic';
  readonly defaultModel: string;
  /** Its streams always tell their usage. */
  readonly asksUsage = false;
  readonly weight: number | undefined;
  readonly firstByteMs: number | undefined;
  private readonly client: AnthropicClient;

  constructor(options: ProviderOptions) {
    this.name = options.name;
    this.defaultModel = options.defaultModel;
    this.weight = options.weight;
    this.firstByteMs = options.firstByteMs;
    this.client = new AnthropicClient(options);
  }

  call(call: UpstreamCall): Promise<UpstreamReply> {
    return this.client.call(call);
  }

  listModels(signal: AbortSignal): Promise<readonly string[]> {
    return this.client.listModels(signal);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
