import { describe, expect, test } from 'vitest';
import { checkContentHeaders } from './content-type.ts';

const check = (headers: Record<string, string>) => () => {
  checkContentHeaders((name) => headers[name]);
};
const refused: unknown = expect.objectContaining({ code: 'unsupported_media_type', status: 415 });
const json = 'application/json';

describe('the content headers', () => {
  test.each<[string, Record<string, string>]>([
    ['JSON', { 'content-type': json }],
    ['JSON in capitals', { 'content-type': 'Application/JSON' }],
    ['UTF-8', { 'content-type': `${json}; charset=utf-8` }],
    ['UTF-8 in capitals and quotes', { 'content-type': `${json};charset="UTF-8"` }],
    ['UTF-8 by its short name', { 'content-type': `${json}; charset=utf8` }],
    ['another parameter', { 'content-type': `${json}; profile=latin1` }],
    ['the identity coding', { 'content-type': json, 'content-encoding': 'Identity' }],
    ['an empty coding', { 'content-type': json, 'content-encoding': '' }],
  ])('let %s pass', (_, headers) => {
    expect(check(headers)).not.toThrow();
  });

  test.each<[string, Record<string, string>]>([
    ['no type', {}],
    ['another type', { 'content-type': 'text/plain' }],
    ['a type that only begins like JSON', { 'content-type': 'application/json-patch+json' }],
    ['another charset', { 'content-type': `${json}; charset=latin1` }],
    ['another charset beside UTF-8', { 'content-type': `${json}; charset=utf-8; charset=utf-16` }],
    ['a compressed body', { 'content-type': json, 'content-encoding': 'gzip' }],
    ['a compressed body beside identity', { 'content-type': json, 'content-encoding': 'identity, br' }],
  ])('refuse %s', (_, headers) => {
    expect(check(headers)).toThrow(refused);
  });
});
