import { describe, expect, it } from 'vitest';
import { formatRequest, readRequestRecord } from './request-line.ts';

const record = {
  v: 1,
  kind: 'isartor.request',
  requestId: 'id',
  path: '/v1/chat/completions',
  operation: 'openai.chat',
  status: 200,
  layer: 'l1a',
  edge: 'hit',
  cache: 'hit',
  ms: 3,
  model: 'gpt-4o-mini',
  provider: 'openai',
  usage: null,
  savedUsd: 0.000123,
};

const line = (changes: object): string | undefined => {
  const read = readRequestRecord(JSON.stringify({ ...record, ...changes }));
  return read && formatRequest(read);
};

describe('the line of a request', () => {
  it('has path, status, layer, edge, time and money', () => {
    expect(line({})).toBe('/v1/chat/completions    200  l1a  edge hit        3.0 ms  $0.000123 not spent');
  });

  it('has a dash where the Worker says nothing', () => {
    expect(line({ layer: null, edge: null, ms: null, savedUsd: 0, status: 404, path: '/x' })).toBe(
      '/x                      404  -    edge -            - ms  $0 not spent',
    );
  });

  it('lets no path steer the terminal', () => {
    expect(line({ path: '/\u001b[2Jx\n' })).toMatch(/^\/\?\[2Jx\? /);
  });

  it.each(['plain text', '{"v":1,"kind":"other"}', '{"v":2,"kind":"isartor.request"}', '{', '[]', 'null'])(
    'is made of request records alone, not of %s',
    (text) => {
      expect(readRequestRecord(text)).toBeUndefined();
    },
  );
});
