import { HEADER, type TenantRecord } from '@isartor/shared';
import { chatRequest } from '@isartor/shared/testing';
import { expect } from 'vitest';
import { layerOf, type RunningCore } from './start-core.ts';

const CHAT = '/v1/chat/completions';
export const CACHE = '/api/v1/cache';
export const ADMIN_KEY = 'admin-key-of-the-test';
export const PURGE = `${CACHE}?tenant=default`;

/** Asks the administration; `body` makes it JSON. */
export function admin(core: { origin: string }, method: string, path: string, body?: unknown, key = ADMIN_KEY) {
  return fetch(`${core.origin}${path}`, {
    method,
    headers: {
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

export interface AdminAnswer {
  readonly record: TenantRecord;
  readonly would_be?: TenantRecord;
  readonly message: string;
}

export async function answerOf(response: Response): Promise<AdminAnswer> {
  return (await response.json()) as AdminAnswer;
}

export async function recordOf(response: Response): Promise<TenantRecord> {
  const answer = await answerOf(response);
  expect([response.status, answer]).toEqual([200, { tenant: expect.any(String), record: expect.any(Object) }]);
  return answer.record;
}

/** Has a question answered and stored; the digest of its entry. */
export async function fill(core: RunningCore, text: string): Promise<string> {
  await (await core.post(CHAT, chatRequest(text))).text();
  const hit = await core.post(CHAT, chatRequest(text));
  expect(layerOf(hit)).toBe('l1a');
  await hit.text();
  return hit.headers.get(HEADER.entry) ?? '';
}

/** Who answers a question now, and what the cache says of it. */
export async function layerFor(core: RunningCore, text: string): Promise<string> {
  const response = await core.post(CHAT, chatRequest(text));
  await response.text();
  return `${layerOf(response)} ${response.headers.get(HEADER.cache)}`;
}
