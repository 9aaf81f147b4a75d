import {
  errorBody,
  GatewayError,
  isJsonArray,
  isJsonObject,
  OPERATION_SPECS,
  parseJson,
  type ErrorCode,
  type Operation,
} from '@isartor/shared';
import { readText } from '../../upstream/transport/read-text.ts';
import type { UpstreamReply } from '../../upstream/upstream.port.ts';

/** What a refusal is called in the caller's dialect; any other status is the provider's fault. */
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'invalid_request'],
  [404, 'model_not_found'],
  [408, 'request_timeout'],
  [413, 'body_too_large'],
  [422, 'invalid_request'],
  [429, 'rate_limited'],
]);

/** A provider's refusal on its way through the library, which would read it in its own way. */
export class ProviderRefusal extends Error {
  private constructor(
    private readonly reply: UpstreamReply,
    private readonly text: string,
  ) {
    super(`The provider answered ${reply.status}.`);
  }

  /** Reads the reason; one that is endless or breaks off is none. */
  static async of(reply: UpstreamReply): Promise<ProviderRefusal> {
    const text = await readText(reply).catch(() => '');
    return new ProviderRefusal(reply, text);
  }

  /** The refusal in the caller's dialect, alone or as the one item of a list: the provider's status, headers and words. */
  replyFor(operation: Operation, inList: boolean): UpstreamReply {
    const { status, headers } = this.reply;
    const error = new GatewayError(CODES.get(status) ?? 'upstream_error', messageIn(this.text, status), { status });
    const said = errorBody(OPERATION_SPECS[operation].dialect, error);
    const body = new TextEncoder().encode(JSON.stringify(inList ? [said] : said));
    return {
      status,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': undefined },
      body: oneChunk(body),
      abandon: () => undefined,
    };
  }
}

/** All three dialects have it in the same place. */
function messageIn(text: string, status: number): string {
  const fallback = `The provider refused the request (${status}) without saying why.`;
  try {
    const parsed = parseJson(text);
    // Gemini's stream without SSE is a list.
    const body = isJsonArray(parsed) ? parsed[0] : parsed;
    const error = isJsonObject(body) ? body['error'] : undefined;
    const message = isJsonObject(error) ? error['message'] : undefined;
    return typeof message === 'string' && message !== '' ? message : fallback;
  } catch {
    return fallback;
  }
}

async function* oneChunk(chunk: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(chunk);
}
