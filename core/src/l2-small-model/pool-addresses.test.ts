import { expect, test } from 'vitest';
import { resolvedAddresses } from './pool-addresses.ts';

test('every address behind a name is a server of its own, by port and path', async () => {
  const asked: string[] = [];
  const addresses = resolvedAddresses(['http://pool:8081/base', 'http://[::1]'], async (host) => {
    asked.push(host);
    return host === 'pool'
      ? [
          { address: '10.0.0.2', family: 4 },
          { address: '10.0.0.1', family: 4 },
          { address: '10.0.0.2', family: 4 },
        ]
      : [{ address: host, family: 6 }];
  });
  expect(await addresses()).toEqual([
    { url: 'http://10.0.0.1:8081/base', host: 'pool' },
    { url: 'http://10.0.0.2:8081/base', host: 'pool' },
    { url: 'http://[::1]', host: '[::1]' },
  ]);
  expect(asked).toEqual(['pool', '::1']);
});
