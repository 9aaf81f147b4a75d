import {
  geminiPath,
  OPERATION_SPECS,
  parseRequest,
  toChatBody,
  upstreamHeaders,
  withIncludeUsage,
  withMembers,
  withModel,
  type JsonObject,
} from '@isartor/shared';
import { headerPairs } from '../pipeline/header-pairs.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { UpstreamCall } from './upstream.port.ts';

/** The model name that leaves the choice to Isartor. */
export const AUTO_MODEL = 'isartor/auto';

/** A request in the form in which one server gets it. */
export interface PreparedCall {
  readonly call: Omit<UpstreamCall, 'signal'>;
  /** The model that is asked. */
  readonly model: string;
  /** The stream will carry a usage chunk that the client did not ask for. */
  readonly addedUsage: boolean;
}

/**
 * Makes a server's request out of the client's: the client's bytes, but for the model that is asked, and for the
 * question for a stream's usage where the server understands it, and members that we ask for beside it.
 */
export function prepareCall(
  context: RequestContext,
  model: string,
  asksUsage: boolean,
  asks: JsonObject = {},
): PreparedCall {
  const { body, addedUsage } = bodyFor(context, model, asksUsage);
  const { target } = context.request;
  return {
    model,
    addedUsage,
    call: {
      operation: context.operation,
      model,
      body: withMembers(body, asks),
      path: target === undefined ? undefined : geminiPath({ ...target, model }),
      query: context.upstreamQuery,
      headers: upstreamHeaders(context.operation, headerPairs(context.rawHeaders)),
      stream: context.request.stream,
      requestId: context.id,
    },
  };
}

function bodyFor(
  { operation, request }: RequestContext,
  model: string,
  asksUsage: boolean,
): { body: Uint8Array; addedUsage: boolean } {
  if (operation === 'native.chat') return { body: toChatBody(request, model), addedUsage: false };
  // Its model stands in the path.
  if (request.target !== undefined) return { body: request.bytes, addedUsage: false };
  const bytes = request.model === model ? request.bytes : withModel(request, model);
  if (!request.stream || !asksUsage || !OPERATION_SPECS[operation].asksStreamUsage)
    return { body: bytes, addedUsage: false };
  const asking = withIncludeUsage(bytes === request.bytes ? request : parseRequest(operation, bytes));
  return { body: asking ?? bytes, addedUsage: asking !== undefined };
}
