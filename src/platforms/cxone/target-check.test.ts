// Tests what is said of agents and skills before a transfer, and how agents' states are read and set.

import { describe, expect, it } from 'vitest';
import { call, queue, type Scripted, scriptedCxone } from '../../../test/contract/scripted-cxone.ts';
import type { AgentId } from '../../ids.ts';

describe('cxonePlatform: agents', () => {
  const state =
    (agentStateName: string, more: object = {}): Scripted =>
    (_, path) =>
      path === '/agents/4492/states'
        ? { status: 200, json: { agentStates: [{ agentId: 4492, agentStateName, ...more }] } }
        : undefined;
  const agent = { kind: 'agent', agentId: '4492' as AgentId } as const;

  it.each([
    ['Available', {}, 'yes', undefined],
    ['Available', { isACW: true }, 'no', 'agent-busy'],
    ['Unavailable', { isACW: true }, 'no', 'agent-busy'],
    ['InboundContact', {}, 'no', 'agent-busy'],
    ['OutboundConsult', {}, 'no', 'agent-busy'],
    ['Unavailable', { outStateId: 101 }, 'no', 'agent-away'],
    ['LoggedOut', {}, 'no', 'agent-away'],
    ['LoggedIn', {}, 'unknown', undefined],
  ])('an agent who is %s %j is free for a call: %s', async (name, more, free, code) => {
    await using world = await scriptedCxone(state(name, more));
    const expected = { free, agentId: '4492', ...(code && { code }) };
    expect(await world.platform.checkTarget(agent, 'voice', call)).toEqual({ kind: 'done', value: expected });
  });

  it('knows of the digital side only who is not there at all', async () => {
    for (const [name, free] of [
      ['Unavailable', 'unknown'],
      ['LoggedOut', 'no'],
    ] as const) {
      await using world = await scriptedCxone(state(name));
      expect(await world.platform.checkTarget(agent, 'webchat', call)).toMatchObject({ value: { free } });
    }
  });

  it('refuses ids that are no agent of the ACD with a sentence that says what one is (seed 002)', async () => {
    await using world = await scriptedCxone();
    const agentId = 'nice-usr-4492' as AgentId;
    for (const outcome of [
      await world.platform.checkTarget({ kind: 'agent', agentId }, 'voice', call),
      await world.platform.presence(agentId, call),
      await world.platform.setPresence(agentId, 'Available', call),
    ]) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'not-found' });
      expect(outcome.kind !== 'done' && outcome.detail).toMatch(/whole number, such as 4492.*agents\?searchString=/);
    }
    expect(world.api()).toEqual([]);
  });

  it('says that it has no such agent', async () => {
    await using world = await scriptedCxone((_, path) =>
      path === '/agents/4492/states' ? { status: 200, json: { agentStates: [] } } : undefined,
    );
    expect(await world.platform.checkTarget(agent, 'voice', call)).toMatchObject({
      kind: 'rejected',
      code: 'not-found',
    });
  });

  it.each([
    [{ agentsLoggedIn: 0, agentsAvailable: 0 }, 'no', 'queue-unstaffed'],
    [{ agentsLoggedIn: 2, agentsAvailable: 0 }, 'unknown', undefined],
    [{ agentsLoggedIn: 2, agentsAvailable: 1 }, 'yes', undefined],
    [{}, 'unknown', undefined],
  ])('a skill of %j is free: %s', async (counts, free, code) => {
    await using world = await scriptedCxone((_, path) =>
      path === '/skills/1001/activity' ? { status: 200, json: { skillActivity: [counts] } } : undefined,
    );
    const target = { kind: 'queue', queueName: 'Billing' } as const;
    const expected = { free, queue, ...(code && { code }) };
    expect(await world.platform.checkTarget(target, 'voice', call)).toEqual({ kind: 'done', value: expected });
  });

  it('reads and sets states by name and code; who worked on a contact is given back as available', async () => {
    await using world = await scriptedCxone(state('Unavailable', { outStateId: 103 }));
    const { platform } = world;
    expect(await platform.presence(agent.agentId, call)).toEqual({ kind: 'done', value: { id: 'Unavailable:103' } });
    const set = async (presence: string) => (await platform.setPresence(agent.agentId, presence, call)) as unknown;
    expect(await set('Unavailable:103')).toEqual({ kind: 'done', value: { id: 'Unavailable:103' } });
    expect(await set('Unavailable')).toEqual({ kind: 'done', value: { id: 'Unavailable' } });
    expect(await set('InboundContact')).toEqual({ kind: 'done', value: { id: 'Available' } });
    expect(await set('On a boat')).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(world.api().slice(1)).toEqual([
      'POST /agents/4492/state?state=Unavailable&outStateId=103',
      'POST /agents/4492/state?state=Unavailable',
      'POST /agents/4492/state?state=Available',
    ]);
  });
});
