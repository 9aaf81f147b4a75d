import { GatewayError, HEADER, decodeMetaHeader } from '@isartor/shared';
import type { CoreHealth } from './core-health.ts';
import type { CoreCall, CoreReply } from './call-core.ts';
import { callCore, discard } from './call-core.ts';
import { headersToClient } from './core-headers.ts';
import type { EdgeLayer, EdgeRequest } from './edge-context.ts';
import type { Settings } from './env.ts';
import type { CallerBody } from './read-body.ts';
import { readBody } from './read-body.ts';
import { serverTiming } from './server-timing.ts';

/** What the layer needs. */
export interface ForwardParts {
  readonly settings: Settings;
  readonly cores: CoreHealth;
  readonly now: () => number;
}

/** The core's own clock runs out first by so much, so that its error arrives rather than ours. */
const GRACE_SECS = 5;
/** A long body is still on its way while the clock runs; the core gives it 30 s. */
const LONG_BODY_SECS = 30;
/** Takes the place of an answer that the cache's own replaces: nobody sees it. */
const UNREAD = 499;
/** How long a core may take to say that it is ready, before a long body goes to it. */
const PROBE_MS = 1_000;

/** The last layer: asks the cores in order, and lets body and stream through in both directions. */
export function forwardToCore(parts: ForwardParts): EdgeLayer {
  return async (c) => {
    const began = parts.now();
    const left = nobodyWaits(c);
    const overdue = new AbortController();
    const body = await bodyToSend(c);
    const waitSecs = parts.settings.firstByteSecs + GRACE_SECS + (body?.kind === 'long' ? LONG_BODY_SECS : 0);
    const timer = setTimeout(() => overdue.abort(), waitSecs * 1000);
    try {
      const call = coreCall(c, body, parts.settings, { left, signal: AbortSignal.any([left, overdue.signal]) });
      const response =
        body?.kind === 'long' ? await askHealthiest(call, parts.cores) : await askInOrder(call, parts.cores);
      c.get('timings').push(['core', parts.now() - began]);
      return toClient(c, response);
    } catch (error) {
      if (c.get('answered')?.aborted === true) return new Response(null, { status: UNREAD });
      if (overdue.signal.aborted && !left.aborted)
        throw new GatewayError('upstream_timeout', `The core did not answer within ${waitSecs} s.`);
      throw error;
    } finally {
      // From the first byte on, the core keeps the time.
      clearTimeout(timer);
    }
  };
}

/** Aborted when the client has gone, or has been answered by the cache meanwhile. */
function nobodyWaits(c: EdgeRequest): AbortSignal {
  const answered = c.get('answered');
  const client = c.req.raw.signal;
  return answered === undefined ? client : AbortSignal.any([client, answered]);
}

/** Where no layer above has read it, it is read here: what is whole can be sent to another core. */
async function bodyToSend(c: EdgeRequest): Promise<CallerBody | undefined> {
  return c.get('body') ?? (c.req.raw.body === null ? undefined : readBody(c.req.raw));
}

function coreCall(
  c: EdgeRequest,
  body: CallerBody | undefined,
  settings: Settings,
  signals: Pick<CoreCall, 'left' | 'signal'>,
): CoreCall {
  const url = c.get('url');
  return {
    method: c.req.method,
    target: url.pathname + url.search,
    headers: c.req.raw.headers,
    requestId: c.get('requestId'),
    body,
    edgeSecret: settings.edgeSecret,
    traceparent: c.get('trace')?.traceparent,
    ...signals,
  };
}

async function askInOrder(call: CoreCall, cores: CoreHealth): Promise<Response> {
  let overloaded: Response | undefined;
  for (const url of cores.inOrder()) {
    const reply = await ask(url, call, cores).catch(async (error: unknown) => {
      if (overloaded !== undefined) await discard(overloaded);
      throw error;
    });
    if (reply.kind !== 'overloaded' && reply.kind !== 'unreachable' && overloaded !== undefined)
      await discard(overloaded);
    if (reply.kind === 'answer') return reply.response;
    if (reply.kind === 'redirected') throw redirected();
    if (reply.kind === 'overloaded') {
      if (overloaded !== undefined) await discard(overloaded);
      overloaded = reply.response;
    }
  }
  if (overloaded !== undefined) return overloaded;
  throw unreachable();
}

/** Once bytes of a streamed body have left there is no second try, so the core is chosen before. */
async function askHealthiest(call: CoreCall, cores: CoreHealth): Promise<Response> {
  const reply = await ask(await healthiest(call, cores), call, cores);
  switch (reply.kind) {
    case 'answer':
    case 'overloaded':
      return reply.response;
    case 'redirected':
      throw redirected();
    case 'unreachable':
      throw unreachable();
    default:
      return reply satisfies never;
  }
}

async function healthiest(call: CoreCall, cores: CoreHealth): Promise<string> {
  const ordered = cores.inOrder();
  const [first = ''] = ordered;
  if (ordered.length === 1 || cores.isKnownGood(first)) return first;
  for (const url of ordered) {
    if (await isReady(url, call.signal)) return url;
    cores.failed(url);
  }
  return first;
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
    const response = await fetch(`${url}/readyz`, { redirect: 'manual', signal: bounded });
    await discard(response);
    return response.status === 200;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

async function ask(url: string, call: CoreCall, cores: CoreHealth): Promise<CoreReply> {
  const reply = await callCore(url, call).catch((error: unknown) => {
    // It kept silent until our clock ran out: others go first for a while. That nobody waits any more says nothing about it.
    if (!call.left.aborted) cores.failed(url);
    throw error;
  });
  if (reply.kind === 'unreachable') cores.failed(url);
  else cores.answered(url);
  return reply;
}

function toClient(c: EdgeRequest, response: Response): Response {
  const stored = response.headers.get(HEADER.stored);
  if (stored !== null) {
    c.set('stored', decodeMetaHeader(stored));
    c.set('storedDigest', response.headers.get(HEADER.storedDigest));
  }
  const headers = headersToClient(response.headers);
  const own = c.get('timings').map(([name, ms]): [string, number] => [`edge-${name}`, ms]);
  headers.append('server-timing', serverTiming(own));
  return new Response(response.body, { status: response.status, headers });
}

function unreachable(): GatewayError {
  return new GatewayError(
    'upstream_unreachable',
    'No core of this gateway can be reached just now. Try again shortly.',
    {
      retryAfterSecs: 1,
    },
  );
}

function redirected(): GatewayError {
  return new GatewayError(
    'upstream_unreachable',
    "The gateway's core answers with a redirect: its operator should set ISARTOR__CORE_URL to the address it leads to.",
  );
}
