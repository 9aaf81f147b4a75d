import { GatewayError, geminiPath, OPERATION_SPECS, SseFramer } from '@isartor/shared';
import { errorInBody } from '../../upstream/error-inside.ts';
import type { Upstream, UpstreamCall, UpstreamReply } from '../../upstream/upstream.port.ts';
import { ProviderRefusal } from './provider-refusal.ts';
import type { Target } from './targets.ts';

/** The longest plain answer that is translated, in bytes: it is held whole, and several times over. */
const MAX_PLAIN_BYTES = 16 * 1024 * 1024;
/** Most calls for one answer: where Gemini's ends with a token to go on with, the library goes on by itself. */
const MAX_CALLS = 8;
/** What a stream may send before its answer begins, in bytes: the library keeps all of it until then. */
const MAX_UNBEGUN_BYTES = 1024 * 1024;
/** The library's request headers that can change the answer; it sends them where a body needs them. */
const OWN_HEADERS = ['anthropic-beta'] as const;

/**
 * Carries a library's requests by way of a provider of ours, with its address, credentials and clocks: of the library's
 * own requests only the bodies count, and headers that their meaning hangs on.
 */
export class Carrier {
  /** The provider's reply, once its headers are in; of several the last. */
  reply: UpstreamReply | undefined;
  private calls = 0;
  private begun = false;

  constructor(
    private readonly provider: Pick<Upstream, 'call'>,
    private readonly target: Target,
    private readonly call: UpstreamCall,
  ) {}

  /** Whether there is an earlier part of the answer, which has been paid for. */
  get goesOn(): boolean {
    return this.calls > 1;
  }

  /** The stream's answer has begun: from here on its pieces are passed on, and not kept. */
  streamBegins(): void {
    this.begun = true;
  }

  /** Throws a ProviderRefusal for every status but 200, and what the provider's adapter throws. */
  readonly fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    this.calls += 1;
    if (this.calls > MAX_CALLS) throw new GatewayError('upstream_error', 'The provider does not come to an end.');
    const reply = await this.provider.call(this.callWith(init ?? {}));
    this.reply = reply;
    if (reply.status !== 200) throw await ProviderRefusal.of(reply);
    const body = this.call.stream ? ReadableStream.from(this.wholeEvents(reply)) : await this.wholeBody(reply);
    return new Response(body, { headers: { 'content-type': contentTypeOf(reply) } });
  };

  private async wholeBody({ body }: UpstreamReply): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      if (size === 0) this.call.onFirstByte?.();
      size += chunk.byteLength;
      if (size > MAX_PLAIN_BYTES) throw new GatewayError('upstream_error', 'The answer is too long to be translated.');
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks, size);
    const message = errorInBody(bytes);
    if (message !== undefined) throw new GatewayError('upstream_error', message);
    return bytes;
  }

  /** A stream by whole events: the library would collect an endless one, and take for the end what breaks off in one. */
  private async *wholeEvents({ body }: UpstreamReply): AsyncGenerator<Uint8Array, void> {
    const framer = new SseFramer();
    let size = 0;
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (!this.begun && size > MAX_UNBEGUN_BYTES) {
        throw new GatewayError('upstream_error', 'The provider sent too much before its answer began.');
      }
      for (const { bytes, whole } of framer.push(chunk)) {
        if (!whole) throw new GatewayError('upstream_error', 'An event of the stream is too long to be translated.');
        yield bytes;
      }
    }
    if (framer.pending > 0) {
      throw new GatewayError('stream_interrupted', 'The provider ended its stream in the middle of an event.');
    }
  }

  private callWith(init: RequestInit): UpstreamCall {
    const { call, target } = this;
    const isGemini = target === 'gemini.generate';
    const method = call.stream ? 'streamGenerateContent' : 'generateContent';
    return {
      ...call,
      operation: target,
      body: new TextEncoder().encode(typeof init.body === 'string' ? init.body : ''),
      path: isGemini ? geminiPath({ version: 'v1beta', model: call.model, method }) : undefined,
      query: isGemini && call.stream ? '?alt=sse' : '',
      headers: [...inertHeaders(call), ...ownHeaders(init)],
    };
  }
}

/** The client's headers that mean the same to every provider. */
function inertHeaders({ operation, headers }: UpstreamCall): UpstreamCall['headers'] {
  const { answerHeaders } = OPERATION_SPECS[operation];
  return headers.filter(([name]) => !answerHeaders.includes(name));
}

function ownHeaders({ headers }: RequestInit): [string, string][] {
  const sent = new Headers(headers);
  return OWN_HEADERS.flatMap((name): [string, string][] => {
    const value = sent.get(name);
    return value === null ? [] : [[name, value]];
  });
}

function contentTypeOf({ headers }: UpstreamReply): string {
  const contentType = headers['content-type'];
  return typeof contentType === 'string' ? contentType : 'application/json';
}

/** A plain body. What is an error is not left to the library, which reads an answer into much. */
