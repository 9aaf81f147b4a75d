import { describe, expect, it } from 'vitest';
import { headerList } from './header-list-type.ts';

describe('a list of headers', () => {
  it('is text or a mapping; names come out in lower case', () => {
    const headers = { authorization: 'Bearer a=b', 'x-scope': '1' };
    expect(headerList().parse('Authorization=Bearer a=b, X-Scope=1')).toEqual(headers);
    expect(headerList().parse({ Authorization: 'Bearer a=b', 'X-Scope': '1' })).toEqual(headers);
    expect(headerList().parse(' ')).toEqual({});
  });

  it.each(['nothing', 'a b=c', '=x', 'x=', 'x=a\nb', Array.from({ length: 17 }, (_, at) => `h${at}=v`).join(',')])(
    '%j is none, and what stood there is not repeated',
    (text) => {
      const result = headerList().safeParse(`first=secret,${text}`);
      expect(result.success).toBe(false);
      expect(result.error?.message).toMatch(/has no header at position \d+; write/);
      expect(result.error?.message).not.toContain('secret');
    },
  );
});
