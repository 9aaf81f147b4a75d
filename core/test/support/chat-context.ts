import { ANONYMOUS, clientWantsUsage, parseRequest, readCacheDirectives, type JsonObject } from '@isartor/shared';
import { chatRequest } from '@isartor/shared/testing';
import type { RequestContext } from '../../src/pipeline/request-context.ts';

/** A minimal chat request on its way through the layers. `overrides` take the place of members of its body. */
export function chatContext(overrides: JsonObject = {}, signal = new AbortController().signal): RequestContext {
  return contextOf(chatRequest('Hello', overrides), signal);
}

/** A chat request with this body on its way through the layers. */
export function contextOf(body: JsonObject, signal = new AbortController().signal): RequestContext {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const request = parseRequest('openai.chat', bytes);
  const header = () => undefined;
  return {
    id: 'test',
    principal: ANONYMOUS,
    operation: 'openai.chat',
    request,
    directives: readCacheDirectives(header),
    uncacheable: undefined,
    digest: 'digest',
    header,
    rawHeaders: [],
    upstreamQuery: '',
    wantsUsage: clientWantsUsage(request),
    signal,
    trail: { timings: [], faults: [] },
    hold: () => () => undefined,
  };
}
