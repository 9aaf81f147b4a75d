import { Module } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { OpenAiProvider } from './adapters/openai/provider.ts';
import { Clocks } from './clocks.ts';
import { CloudLayer } from './cloud.layer.ts';
import { ModelCatalogue } from './model-catalogue.ts';
import { Provider } from './provider.port.ts';

/** L3. */
@Module({
  providers: [
    CloudLayer,
    ModelCatalogue,
    { provide: Provider, inject: [ConfigToken], useFactory: createProvider },
    { provide: Clocks, inject: [ConfigToken], useFactory: ({ clocks }: Config): Clocks => clocks },
  ],
  exports: [CloudLayer, ModelCatalogue, Provider],
})
export class CloudModule {}

function createProvider({ llm, clocks }: Config): Provider {
  return new OpenAiProvider({
    name: llm.provider,
    url: llm.url,
    apiKey: llm.apiKey,
    defaultModel: llm.model,
    asksUsage: llm.askUsage,
    firstByteMs: clocks.firstByteMs,
    betweenBytesMs: clocks.betweenBytesMs,
  });
}
