import { expect, test } from 'vitest';
import { routeList } from './route-list-type.ts';

const messageOf = (given: unknown): string | undefined => routeList().safeParse(given).error?.issues[0]?.message;

test('reads a list, as JSON text and as it is in YAML', () => {
  const rows = [
    { tenant: 'legal', decide: 'l3' },
    { model: 'isartor/auto', header: 'X-Team=search = all', decide: 'classifier', threshold: 0.7 },
    { decide: 'l2' },
  ];
  const read = [
    { model: undefined, tenant: 'legal', header: undefined, decide: 'never', threshold: undefined },
    {
      model: 'isartor/auto',
      tenant: undefined,
      header: { name: 'x-team', value: 'search = all' },
      decide: 'classifier',
      threshold: 0.7,
    },
    { model: undefined, tenant: undefined, header: undefined, decide: 'always', threshold: undefined },
  ];
  expect(routeList().parse(rows)).toEqual(read);
  expect(routeList().parse(JSON.stringify(rows))).toEqual(read);
});

test.each([
  ['no list', '{', /must be a JSON list/],
  ['no decision', [{ model: 'a' }], /\[0\]\.decide is missing or not usable; write `probe`/],
  ['a decision that is none', [{ decide: 'maybe' }], /\[0\]\.decide .* `l2` or `l3`/],
  ['a member that is not known', [{ decide: 'l2', modle: 'a' }], /\[0\] has no member modle; did you mean model\?/],
  ['a header without a value', [{ decide: 'l2', header: 'x-team' }], /\[0\]\.header .* such as x-team=search/],
  ['a threshold beyond 1', [{ decide: 'probe', threshold: 2 }], /\[0\]\.threshold .* a number from 0 to 1/],
  ['a threshold of nothing', [{ decide: 'l2', threshold: 0.2 }], /\[0\]\.threshold has no meaning beside "l2"/],
  ['a row behind one for all', [{ decide: 'l2' }, { model: 'a', decide: 'l3' }], /\[1\] is never reached.*\[0\]/],
])('refuses %s, and says where', (_, given, message) => {
  expect(messageOf(given)).toMatch(message);
});

test('rows that only overlap are both of use', () => {
  const rows = [
    { model: 'a', tenant: 't', decide: 'l2' },
    { model: 'a', decide: 'l3' },
    { tenant: 't', decide: 'l3' },
  ];
  expect(routeList().parse(rows)).toHaveLength(3);
});
