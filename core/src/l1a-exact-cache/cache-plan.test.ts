import { ANONYMOUS, type CacheDirectives, type Principal } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { cachePlan } from './cache-plan.ts';

const SETTINGS = { enabled: true, answers: true, ttlSecs: 300, staleSecs: 3600, shareUsers: false, disabledLayers: [] };
const PLAIN: CacheDirectives = {
  noCache: false,
  noStore: false,
  ttlSecs: undefined,
  bypass: new Set(),
  session: undefined,
  volatile: undefined,
};

interface Case {
  readonly directives?: Partial<CacheDirectives>;
  readonly principal?: Partial<Principal>;
  readonly uncacheable?: string;
  readonly enabled?: boolean;
  readonly answers?: boolean;
}

function plan({ directives = {}, principal = {}, uncacheable, enabled = true, answers = true }: Case) {
  const request = { directives: { ...PLAIN, ...directives }, principal: { ...ANONYMOUS, ...principal }, uncacheable };
  return cachePlan(request, { ...SETTINGS, enabled, answers });
}

describe('cachePlan', () => {
  it.each<[string, Case, { read: boolean; store: boolean; why: string | undefined }]>([
    ['reads and stores by default', {}, { read: true, store: true, why: undefined }],
    ['does nothing where the cache is off', { enabled: false }, { read: false, store: false, why: 'off' }],
    ['only stores for the semantic cache alone', { answers: false }, { read: false, store: true, why: 'off' }],
    [
      'does nothing for a key without a cache',
      { principal: { cache: 'off' } },
      { read: false, store: false, why: 'off' },
    ],
    ['does nothing for no-store', { directives: { noStore: true } }, { read: false, store: false, why: 'no-store' }],
    [
      'does nothing when bypassed',
      { directives: { bypass: new Set(['l1a']) } },
      { read: false, store: false, why: 'bypassed' },
    ],
    [
      'goes on when another layer is bypassed',
      { directives: { bypass: new Set(['l2']) } },
      { read: true, store: true, why: undefined },
    ],
    ['names the rule of what is not cacheable', { uncacheable: 'store' }, { read: false, store: false, why: 'store' }],
    [
      'stores without reading for no-cache',
      { directives: { noCache: true } },
      { read: false, store: true, why: 'no-cache' },
    ],
    [
      'lets no-store win over no-cache',
      { directives: { noCache: true, noStore: true } },
      { read: false, store: false, why: 'no-store' },
    ],
  ])('%s', (_what, given, wanted) => {
    expect(plan(given)).toMatchObject(wanted);
  });

  it.each([
    [undefined, undefined, undefined],
    [10, undefined, 10],
    [undefined, 20, 20],
    [10, 20, 10],
    [20, 10, 10],
    [0, 20, 0],
  ])('limits the age to the smaller of key (%s s) and request (%s s)', (ofKey, ofRequest, wanted) => {
    expect(plan({ principal: { ttlSecs: ofKey }, directives: { ttlSecs: ofRequest } }).ttlSecs).toBe(wanted);
  });
});
