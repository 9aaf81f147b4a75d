import { describe, expect, inject, test } from 'vitest';
import type { CoreAnswer } from '../test/support/core-answer.ts';
import { CoreProgram } from './testing/core-program.ts';
import { EdgeUnderTest, KEY } from './testing/edge-under-test.ts';

const PATH = '/api/v1/feedback';
const REPORT = { entry: 'a'.repeat(64), wrong: true };
const TAKEN: CoreAnswer = { headers: { 'content-type': 'application/json' }, chunks: ['{"quarantined":true}'] };

describe('a report of a wrong answer', () => {
  test('goes to the core as it was sent, and its answer comes back', async () => {
    const core = await CoreProgram.on('coreA', TAKEN);
    const edge = new EdgeUnderTest();
    const answer = await edge.ask({ path: PATH, headers: core.headers, body: REPORT });
    expect([answer.status, answer.text, answer.headers.get('x-isartor-edge')]).toEqual([
      200,
      '{"quarantined":true}',
      'bypass',
    ]);
    const [seen] = await core.seen();
    expect(seen).toMatchObject({ method: 'POST', url: PATH, body: JSON.stringify(REPORT) });
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${KEY}` });
  });

  test('is never answered from what was answered before', async () => {
    const core = await CoreProgram.on('coreA', TAKEN);
    const edge = new EdgeUnderTest();
    for (let i = 0; i < 2; i += 1) await edge.ask({ path: PATH, headers: core.headers, body: REPORT });
    expect(await core.seen()).toHaveLength(2);
  });

  test('goes to another core where the first has no room', async () => {
    const overloaded: CoreAnswer = { status: 503, headers: { 'x-isartor-error': 'overloaded' }, chunks: ['"full"'] };
    const core = await CoreProgram.on('coreA', overloaded);
    await core.andOn('coreB', TAKEN);
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}` });
    const answer = await edge.ask({ path: PATH, headers: core.headers, body: REPORT });
    expect([answer.status, answer.text]).toEqual([200, '{"quarantined":true}']);
    expect((await core.seen(inject('coreB')))[0]?.body).toBe(JSON.stringify(REPORT));
  });

  test('needs a key, and the edge asks for it', async () => {
    const core = await CoreProgram.on('coreA', TAKEN);
    const headers = { ...core.headers, authorization: 'Bearer wrong' };
    const answer = await new EdgeUnderTest().ask({ path: PATH, headers, body: REPORT });
    expect(answer.status).toBe(401);
    expect(await core.seen()).toEqual([]);
  });
});
