import { Inject, Injectable } from '@nestjs/common';
import type { Answer } from '../pipeline/answer.ts';
import type { Layer } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { inNativeForm } from '../upstream/native-form.ts';
import { FallbackChain } from './fallback-chain.ts';

/** L3: the cloud models, asked when nothing above answered. */
@Injectable()
export class CloudLayer implements Layer {
  readonly name = 'l3';

  constructor(@Inject(FallbackChain) private readonly chain: FallbackChain) {}

  async handle(context: RequestContext): Promise<Answer> {
    const { addedUsage, ...said } = await this.chain.ask(context);
    const usageLater = said.body.kind === 'events' ? context.trail : undefined;
    const answer: Answer = { ...said, layer: this.name, upstreamFault: said.status >= 400, usageLater };
    if (context.operation === 'native.chat') return inNativeForm(answer, 3);
    return addedUsage ? { ...answer, hidesUsage: true } : answer;
  }
}
