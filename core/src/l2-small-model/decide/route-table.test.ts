import { expect, test } from 'vitest';
import { chatContext } from '../../../test/support/chat-context.ts';
import { FixedDecider } from './fixed-decider.ts';
import { RouteTable } from './route-table.ts';

const [usual, ofTenant, ofModel, ofTeam] = [true, false, true, false].map((answers) => new FixedDecider(answers));
const any = { model: undefined, tenant: undefined, header: undefined };

function contextOf(model: string | undefined, tenant = 'default', headers: Readonly<Record<string, string>> = {}) {
  const context = chatContext(model === undefined ? {} : { model });
  const request = model === undefined ? { ...context.request, model: undefined } : context.request;
  return { principal: { ...context.principal, tenant }, request, header: (name: string) => headers[name] };
}

test('the first row that is about a request decides, and else the usual decider', () => {
  if (usual === undefined || ofTenant === undefined || ofModel === undefined || ofTeam === undefined) throw new Error();
  const table = new RouteTable(
    [
      { ...any, tenant: 'legal', decider: ofTenant },
      { ...any, header: { name: 'x-team', value: 'search' }, model: 'm', decider: ofTeam },
      { ...any, model: 'isartor/auto', decider: ofModel },
    ],
    usual,
  );
  expect(table.deciderOf(contextOf('m', 'legal', { 'x-team': 'search' }))).toBe(ofTenant);
  expect(table.deciderOf(contextOf('m', 'default', { 'x-team': 'search' }))).toBe(ofTeam);
  expect(table.deciderOf(contextOf('m', 'default', { 'x-team': 'Search' }))).toBe(usual);
  expect(table.deciderOf(contextOf('other', 'default', { 'x-team': 'search' }))).toBe(usual);
  expect(table.deciderOf(contextOf('isartor/auto'))).toBe(ofModel);
  expect(table.deciderOf(contextOf(undefined))).toBe(ofModel);
});
