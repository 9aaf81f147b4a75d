import { GatewayError, type Operation } from '@isartor/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InflightBudget, type InflightLease } from '../inflight/inflight-budget.ts';
import { KnownBodies } from './known-bodies.ts';
import type { KeyScope } from './key-facts.ts';
import { parseBody } from './parse-body.ts';

const BODIES = [
  '{"model":"m","messages":[{"role":"user","content":"a"}]}',
  '{"model":"m","messages":[{"role":"user","content":"a"}],"stream":true}',
  '{ "model":"m","messages":[{"role":"user","content":"a"}]}',
  '{"model":"m","messages":[{"role":"user","content":"\u00e4"}],"store":true}',
  '{"messages":[],"prompt":"x","input":"x","stream":true,"stream_options":{"include_usage":true}}',
  '{"messages":7,"prompt":7,"input":{}}',
  '{"messages":',
];

const scopes = fc.record({
  tenant: fc.constantFrom('a', 'b'),
  operation: fc.constantFrom<Operation>('openai.chat', 'openai.completions', 'openai.embeddings'),
  session: fc.constantFrom(undefined, 's', 't'),
  beta: fc.constantFrom(undefined, 'x', 'y,x', 'x, y'),
  pathParameters: fc.constantFrom<Record<string, string>>({}, { 'api-version': '1' }),
});
type Drawn = typeof scopes extends fc.Arbitrary<infer Value> ? Value : never;

function scopeOf({ session, beta, ...drawn }: Drawn): KeyScope {
  return {
    ...drawn,
    header: (name) => (name === 'openai-beta' ? beta : undefined),
    directives: { noCache: false, noStore: false, ttlSecs: undefined, bypass: new Set(), session, volatile: undefined },
    shareUsers: false,
    sampled: true,
  };
}

function lease(maxBytes = 1_000_000): InflightLease {
  return new InflightBudget({ maxRequests: 9, maxBytes }).admit('a');
}

/** All that a body came to, its parsed form included, or the code of its refusal. */
function outcome(text: string, scope: KeyScope, known: KnownBodies): unknown {
  try {
    const { request, facts } = parseBody(Buffer.from(text), scope, lease(), known);
    const { body, model, stream, operation, scan } = request;
    return { facts, body, model, stream, operation, values: scan.values };
  } catch (error) {
    return error instanceof GatewayError ? error.code : error;
  }
}

describe('parseBody', () => {
  it('says of a body that it has seen what it says of one that it has not, in every order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...BODIES), scopes), { maxLength: 30 }), (requests) => {
        const known = new KnownBodies();
        for (const [text, drawn] of requests) {
          const scope = scopeOf(drawn);
          expect(outcome(text, scope, known)).toEqual(outcome(text, scope, new KnownBodies()));
        }
      }),
    );
  });

  it('charges the parsed form of a body that it has seen when it is asked for', () => {
    const known = new KnownBodies();
    const scope = scopeOf({
      tenant: 'a',
      operation: 'openai.chat',
      session: undefined,
      beta: undefined,
      pathParameters: {},
    });
    const bytes = Buffer.from(BODIES[0] ?? '');
    const first = lease();
    parseBody(bytes, scope, first, known);
    const second = lease();
    const { request } = parseBody(bytes, scope, second, known);
    expect(second.bytes).toBe(0);
    expect(request.body).toMatchObject({ model: 'm' });
    expect(request.scan).toBeDefined();
    expect(second.bytes).toBe(first.bytes);
  });
});
