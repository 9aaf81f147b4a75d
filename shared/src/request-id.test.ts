import { describe, expect, test } from 'vitest';
import { requestIdFrom } from './request-id.ts';

describe('request ids', () => {
  test.each(['a', 'Req_1.2-3', 'x'.repeat(128)])('the caller may name the request %j', (id) => {
    expect(requestIdFrom(id)).toBe(id);
  });

  test.each([undefined, '', 'x'.repeat(129), 'a b', 'a\nb', 'é', 'a"b', '${jndi}'])('%j is replaced', (id) => {
    expect(requestIdFrom(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(requestIdFrom(id)).not.toBe(requestIdFrom(id));
  });
});
