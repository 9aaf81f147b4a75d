import { describe, expect, it } from 'vitest';
import { mask } from './mask.ts';

describe('mask', () => {
  it.each([
    ['write to anna.maria+x@mail.example.co.uk, please', 'write to [email], please'],
    ['my key is sk-proj-abcdefghijklmnop1234', 'my key is [key]'],
    ['Authorization: Bearer abc.def-ghi_jkl', 'Authorization: [bearer]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', '[token]'],
    ['card 4111 1111 1111 1111, cvc 123', 'card [number], cvc 123'],
    ['call +49 (89) 1234-5678 today', 'call [number] today'],
    ['DE89 3704 0044 0532 0130 00 is mine', '[iban] is mine'],
    ['from 192.168.17.23', 'from [address]'],
  ])('%j becomes %j', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it.each(['In 2024 there were 365 days.', 'Version 1.2.3 of 12 parts', 'a@b', '{"temperature":0.7,"max_tokens":256}'])(
    'leaves %j alone',
    (text) => {
      expect(mask(text)).toBe(text);
    },
  );
});
