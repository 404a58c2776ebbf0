// Tests that a signal interrupts what a script is doing, and that our scripts then do what docs/vendors/cxone says: nobody waits for ever.

import { describe, expect, it } from 'vitest';
import { driveCxone } from '../../../test/twins/cxone-driver.ts';
import type { CxoneTwinOptions } from './cxone-twin.ts';

const ENTRY = '+18885551900';
const OUTSIDE = '+18005550110';
const TIER2 = '1002';

type Answer = (reply: object) => void;

/** A caller of the entry script, whose questions are answered one by one. */
async function withCaller(options: Partial<CxoneTwinOptions> = {}) {
  const asked: unknown[] = [];
  const answers: Answer[] = [];
  const world = await driveCxone({ entry: { url: 'http://service.test' }, ...options }, async (input, init) => {
    asked.push(await new Request(input, init).json());
    return new Promise((resolve) => answers.push((reply) => resolve(Response.json(reply))));
  });
  const { control, create, clock, acd } = world;
  const employ = async (answersHow: string) =>
    (await control('POST', '/agents', { name: 'Ada', queues: ['General_Support'], answers: answersHow })).body.agentId;
  const id = await create({ channel: 'voice', from: '+14155551234', to: ENTRY });
  const answer = async (n: number, reply: object) => {
    await clock.advance(0);
    answers[n]?.({ found: 'true', ...reply });
    await clock.advance(0);
  };
  /** Takes effect 250 ms later. */
  const signal = (p1: string, p2: string) => acd('POST', `/interactions/${id}/signal`, { p1, p2 });
  return { ...world, id, asked, answer, signal, employ, seen: () => world.view(id) };
}

describe('the entry script, interrupted', () => {
  it.each([
    ['Context', 'intent=billing'],
    ['Escalate', '9999'],
    ['Dance', ''],
  ])('loses the answer that it waits for to a signal (%s %s), and asks again', async (p1, p2) => {
    const { clock, asked, answer, signal, seen } = await withCaller();
    await signal(p1, p2);
    await clock.advance(250);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
    await answer(0, { skillId: '1003' });
    expect(await seen()).toMatchObject({ holder: 'bot' });
    await answer(1, { skillId: TIER2 });
    expect(await seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 } });
  });

  it('hears its answer no more once a signal has let the caller go', async () => {
    const { clock, asked, answer, signal, events } = await withCaller();
    await signal('Transfer', OUTSIDE);
    await clock.advance(250);
    await answer(0, { skillId: TIER2 });
    expect(asked).toHaveLength(1);
    expect(events()).not.toContain('queued');
  });

  it('H3: waits anew for the agent that it asked for, and no longer than that', async () => {
    const { clock, answer, signal, employ, seen, events } = await withCaller({ entryTimeoutMs: 5_000 });
    await answer(0, { targetAgentId: await employ('hangs'), fallbackSkillId: TIER2 });
    await clock.advance(4_000);
    await signal('Context', 'intent=billing');
    await clock.advance(5_249);
    expect(await seen()).toMatchObject({ state: 'routing', variables: { intent: 'billing' } });
    await clock.advance(1);
    expect(await seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 }, targetAgentId: null });
    expect(events()).toEqual(['queued', 'signalled:context', 'returned:target-timeout', 'queued']);
  });

  it('H3: waits on for its agent, with its time-out, when a transfer by a signal has failed', async () => {
    const { clock, answer, signal, employ, seen, control } = await withCaller({ entryTimeoutMs: 5_000 });
    await answer(0, { targetAgentId: await employ('manual'), fallbackSkillId: TIER2 });
    await control('POST', '/faults', { match: { path: '>' }, fault: 'fail-call', times: 1 });
    await signal('Transfer', OUTSIDE);
    await clock.advance(250);
    expect(await seen()).toMatchObject({ state: 'routing', transfers: [{ state: 'failed' }] });
    await clock.advance(5_000);
    expect(await seen()).toMatchObject({ state: 'queued', skill: { id: TIER2 }, targetAgentId: null });
  });

  it('does not take back who was answered, whatever is signalled afterwards', async () => {
    const { clock, answer, signal, employ, seen } = await withCaller({ entryTimeoutMs: 5_000 });
    await answer(0, { targetAgentId: await employ('auto'), fallbackSkillId: TIER2 });
    await clock.advance(1_000);
    await signal('Context', 'intent=billing');
    await clock.advance(60_000);
    expect(await seen()).toMatchObject({ state: 'active' });
  });
});
