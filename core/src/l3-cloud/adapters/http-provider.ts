import type { Operation, ProviderDialect } from '@isartor/shared';
import type { UpstreamCall, UpstreamReply } from '../../upstream/upstream.port.ts';
import type { Provider, ProviderOptions } from '../provider.port.ts';
import { createClient, type Client } from './create-client.ts';

/** A provider by its API: OpenAI, Anthropic, Gemini, every server that speaks one of the three at a URL, and the clouds that serve them in a form of their own. */
export class HttpProvider implements Provider {
  readonly name: string;
  readonly serves: ReadonlySet<Operation> | undefined;
  readonly defaultModel: string;
  readonly asksUsage: boolean;
  readonly weight: number | undefined;
  readonly firstByteMs: number | undefined;
  private readonly client: Client;

  constructor(
    readonly dialect: ProviderDialect,
    options: ProviderOptions,
  ) {
    this.name = options.name;
    this.serves = options.serves && new Set(options.serves);
    this.defaultModel = options.defaultModel;
    // The others' streams always tell their usage.
    this.asksUsage = dialect === 'openai' && options.asksUsage;
    this.weight = options.weight;
    this.firstByteMs = options.firstByteMs;
    this.client = createClient(dialect, options);
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
