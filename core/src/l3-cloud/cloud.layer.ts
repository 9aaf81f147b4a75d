import { Inject, Injectable } from '@nestjs/common';
import {
  answerHeadersFromUpstream,
  GatewayError,
  parseRequest,
  toChatBody,
  upstreamHeaders,
  withIncludeUsage,
  withModel,
} from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { Layer } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { CallClock, Clocks } from './clocks.ts';
import { inNativeForm } from './native-form.ts';
import { Provider, type ProviderReply } from './provider.port.ts';
import { isEventStream, readEvents, readPlainBody } from './read-reply.ts';

/** The model name that leaves the choice to Isartor. */
export const AUTO_MODEL = 'isartor/auto';

/** Refusals of our own credentials or budget: our fault, and not the caller's to see. */
const REFUSALS_OF_US: ReadonlySet<number> = new Set([401, 402, 403, 407]);

/** L3: the cloud model, asked when nothing above answered. */
@Injectable()
export class CloudLayer implements Layer {
  readonly name = 'l3';

  constructor(
    @Inject(Provider) private readonly provider: Provider,
    @Inject(Clocks) private readonly clocks: Clocks,
  ) {}

  async handle(context: RequestContext): Promise<Answer> {
    const { stream } = context.request;
    const model = this.modelFor(context);
    const { body, addedUsage } = this.bodyFor(context, model);
    const clock = new CallClock(context.signal, stream ? this.clocks.streamMs : this.clocks.plainMs);
    let reply: ProviderReply;
    try {
      reply = await this.provider.call({
        operation: context.operation,
        body,
        query: context.upstreamQuery,
        headers: upstreamHeaders(context.operation, pairs(context.rawHeaders)),
        stream,
        requestId: context.id,
        signal: clock.signal,
      });
      this.checkRefusal(reply);
    } catch (error) {
      clock.stop();
      throw error;
    }
    const answer = await this.answerOf(reply, clock, model);
    if (context.operation === 'native.chat') return inNativeForm(answer);
    return addedUsage ? { ...answer, hidesUsage: true } : answer;
  }

  private modelFor(context: RequestContext): string {
    const asked = context.request.model;
    return asked === undefined || asked === AUTO_MODEL ? this.provider.defaultModel : asked;
  }

  /** The client's bytes, but for a model put in where the client left it open and the question for a stream's usage. */
  private bodyFor(context: RequestContext, model: string): { body: Uint8Array; addedUsage: boolean } {
    const { request } = context;
    if (context.operation === 'native.chat') return { body: toChatBody(request, model), addedUsage: false };
    const named = request.model === model ? request : parseRequest(context.operation, withModel(request, model));
    const asking = this.provider.asksUsage ? withIncludeUsage(named) : undefined;
    return { body: asking ?? named.bytes, addedUsage: asking !== undefined };
  }

  private checkRefusal(reply: ProviderReply): void {
    const redirected = reply.status >= 300 && reply.status < 400;
    if (!redirected && !REFUSALS_OF_US.has(reply.status)) return;
    reply.abandon();
    throw new GatewayError(
      'upstream_refused_us',
      `The provider ${this.provider.name} refused the gateway's own credentials or address (${reply.status}). This is for the operator to mend.`,
    );
  }

  private async answerOf(reply: ProviderReply, clock: CallClock, model: string): Promise<Answer> {
    const common = {
      status: reply.status,
      headers: answerHeadersFromUpstream(flatHeaders(reply)),
      layer: this.name,
      provider: this.provider.name,
      model,
      upstreamFault: reply.status >= 400,
    } as const;
    if (reply.status === 200 && isEventStream(reply)) {
      return { ...common, body: { kind: 'events', events: readEvents(reply, clock) } };
    }
    return { ...common, body: await readPlainBody(reply, clock) };
  }
}

function* pairs(raw: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? '', raw[index + 1] ?? ''];
}

function* flatHeaders(reply: ProviderReply): Generator<[string, string]> {
  for (const [name, value] of Object.entries(reply.headers)) {
    if (value !== undefined) yield [name, typeof value === 'string' ? value : value.join(', ')];
  }
}
