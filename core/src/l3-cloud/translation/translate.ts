import { randomUUID } from 'node:crypto';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import {
  GatewayError,
  hasExactIntegers,
  isJsonObject,
  parseJson,
  type JsonObject,
  type JsonValue,
} from '@isartor/shared';
import type { Upstream, UpstreamCall, UpstreamReply } from '../../upstream/upstream.port.ts';
import type { Provider } from '../provider.port.ts';
import { Carrier } from './carrier.ts';
import { languageModel } from './language-model.ts';
import { libraryFault } from './library-fault.ts';
import { NotTranslatableError } from './not-translatable-error.ts';
import { ProviderRefusal } from './provider-refusal.ts';
import { rehearse } from './rehearse.ts';
import { suitedCall } from './suited-call.ts';
import type { AnswerLabel, ModelCall, Surface } from './surface.port.ts';
import { SURFACES } from './surfaces.ts';
import { targetOf } from './targets.ts';
import { TranslatedStream } from './translated-stream.ts';

/** The library's model of a provider, reached by this. */
type MakeModel = (fetch: Carrier['fetch']) => Promise<LanguageModelV4>;

/** What is to be known of a provider to translate for it. */
type AskedProvider = Pick<Provider, 'name' | 'dialect' | 'serves' | 'asksUsage'>;

/**
 * A provider as one that speaks the API of a call, for that call. Throws a NotTranslatableError that names what of the
 * request would be lost.
 *
 * @param own what is called with the provider's own form of the request, and answers in the provider's own form
 */
export async function translate(
  provider: AskedProvider,
  own: Pick<Upstream, 'call'>,
  call: Omit<UpstreamCall, 'signal'>,
): Promise<Upstream> {
  const surface = SURFACES.get(call.operation);
  if (surface === undefined) throw new GatewayError('internal', `${call.operation} is not translated.`);
  const read = withoutDefaults(requestOf(surface, call));
  const target = targetOf(provider, call.model, read);
  const suited = suitedCall(target, call.model, read);
  refuseSilentLoss(provider, surface, suited);
  const asked = await rehearse(target, call.model, surface, suited);
  const makeModel: MakeModel = (fetch) => languageModel(target, call.model, { fetch, asksUsage: provider.asksUsage });
  return {
    name: provider.name,
    call: (timed) => ask(makeModel, new Carrier(own, target, timed), surface, asked, timed),
  };
}

function requestOf(surface: Surface, call: Omit<UpstreamCall, 'signal'>): ModelCall {
  try {
    return surface.readRequest(bodyOf(call));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new NotTranslatableError(error.message, error.param);
  }
}

function bodyOf({ body }: Pick<UpstreamCall, 'body'>): JsonObject {
  const text = new TextDecoder().decode(body);
  if (!hasExactIntegers(text)) {
    throw new NotTranslatableError('The request holds a number with more digits than can be translated.', undefined);
  }
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new GatewayError('invalid_request', 'The body must be a JSON object.');
  return value;
}

/** What the library leaves out for Gemini without a word: there, calls cannot be had one at a time. */
function refuseSilentLoss(
  { dialect, name }: AskedProvider,
  { fieldNames }: Surface,
  { providerOptions }: ModelCall,
): void {
  if (dialect !== 'gemini' || providerOptions?.['anthropic']?.['disableParallelToolUse'] !== true) return;
  const param = fieldNames.providerOptions;
  throw new NotTranslatableError(`${param ?? 'One call at a time'} cannot be put to ${name}.`, param);
}

/** Values that change nothing are not held against a provider that does not know their names. */
function withoutDefaults(call: ModelCall): ModelCall {
  const { frequencyPenalty, presencePenalty, topP, ...rest } = call;
  return {
    ...rest,
    ...(frequencyPenalty === undefined || frequencyPenalty === 0 ? {} : { frequencyPenalty }),
    ...(presencePenalty === undefined || presencePenalty === 0 ? {} : { presencePenalty }),
    ...(topP === undefined || topP === 1 ? {} : { topP }),
  };
}

async function ask(
  makeModel: MakeModel,
  carrier: Carrier,
  surface: Surface,
  asked: ModelCall,
  call: UpstreamCall,
): Promise<UpstreamReply> {
  const model = await makeModel(carrier.fetch);
  const label: AnswerLabel = {
    id: randomUUID().replaceAll('-', ''),
    model: call.model,
    createdSecs: Math.floor(Date.now() / 1_000),
    tools: asked.tools,
  };
  try {
    if (call.stream) return await streamed(model, asked, surface, label, carrier);
    const answer = await model.doGenerate(asked);
    if (answer.content.length === 0 && answer.finishReason.raw === undefined) throw noAnswer();
    const body = surface.writeAnswer(answer, label);
    return replyWith(carrier, 'application/json', chunkOf(isListed(call) ? [body] : body), () => undefined);
  } catch (error) {
    // The library lets go of a stream whose first event is an error, and the provider would go on.
    carrier.reply?.abandon();
    const fault = libraryFault(error);
    // To ask once more would be to pay once more.
    if (carrier.goesOn) throw new GatewayError('upstream_error', fault.message, { retryable: false, cause: fault });
    if (fault instanceof ProviderRefusal) return fault.replyFor(call.operation, isListed(call));
    throw fault;
  }
}

/** Gemini's stream without `alt=sse` is one JSON list: here of the whole answer, which reads as a stream of one piece. */
function isListed({ path, stream }: UpstreamCall): boolean {
  return !stream && path?.endsWith(':streamGenerateContent') === true;
}

async function streamed(
  model: LanguageModelV4,
  asked: ModelCall,
  surface: Surface,
  label: AnswerLabel,
  carrier: Carrier,
): Promise<UpstreamReply> {
  const { stream } = await model.doStream(asked);
  carrier.streamBegins();
  const body = new TranslatedStream(stream, surface.writeStream(label), {
    answered: () => carrier.reply?.answered?.(),
    abandon: () => carrier.reply?.abandon(),
  });
  return replyWith(carrier, 'text/event-stream', body, () => void body.return());
}

function replyWith(
  { reply }: Carrier,
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  abandon: () => void,
): UpstreamReply {
  return {
    status: 200,
    headers: { ...reply?.headers, 'content-type': contentType, 'content-length': undefined },
    body,
    abandon,
  };
}

function noAnswer(): GatewayError {
  return new GatewayError('upstream_error', 'The provider answered, but neither with anything nor with a reason.');
}

async function* chunkOf(body: JsonValue): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(new TextEncoder().encode(JSON.stringify(body)));
}
