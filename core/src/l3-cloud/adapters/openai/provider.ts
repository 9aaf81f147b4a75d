import { OpenAiClient } from '../../../upstream/openai/client.ts';
import type { UpstreamCall, UpstreamReply } from '../../../upstream/upstream.port.ts';
import type { Provider, ProviderOptions } from '../../provider.port.ts';

/** Every server that speaks OpenAI's API at a URL. */
export class OpenAiProvider implements Provider {
  readonly name: string;
  readonly dialect = 'openai';
  readonly defaultModel: string;
  readonly asksUsage: boolean;
  readonly weight: number | undefined;
  readonly firstByteMs: number | undefined;
  private readonly client: OpenAiClient;

  constructor(options: ProviderOptions) {
    this.name = options.name;
    this.defaultModel = options.defaultModel;
    this.asksUsage = options.asksUsage;
    this.weight = options.weight;
    this.firstByteMs = options.firstByteMs;
    this.client = new OpenAiClient(options);
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
