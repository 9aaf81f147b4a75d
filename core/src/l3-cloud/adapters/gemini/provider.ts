import { GeminiClient } from '../../../upstream/gemini/client.ts';
import type { UpstreamCall, UpstreamReply } from '../../../upstream/upstream.port.ts';
import type { Provider, ProviderOptions } from '../../provider.port.ts';

/** Gemini, and every server that speaks its API at a URL. */
export class GeminiProvider implements Provider {
  readonly name: string;
  readonly dialect = 'gemini';
  readonly defaultModel: string;
  /** Its streams always tell their usage. */
  readonly asksUsage = false;
  readonly weight: number | undefined;
  readonly firstByteMs: number | undefined;
  private readonly client: GeminiClient;

  constructor(options: ProviderOptions) {
    this.name = options.name;
    this.defaultModel = options.defaultModel;
    this.weight = options.weight;
    this.firstByteMs = options.firstByteMs;
    this.client = new GeminiClient(options);
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
