// Tests how a call leaves CXone, and what is refused before anything is asked.

import { describe, expect, it } from 'vitest';
import {
  call,
  chat,
  contact,
  phone,
  type Scripted,
  script,
  scriptedCxone,
  withAgent,
} from '../../../test/contract/scripted-cxone.ts';
import type { AgentId, ParticipantId } from '../../ids.ts';
import type { Departing } from '../platform.ts';

describe('cxonePlatform: leaving', () => {
  const departing: Departing = {
    way: 'signal',
    style: 'blind',
    leaving: script,
    address: '+14155550100',
    token: 'a-token',
    interactionId: 'i',
    reservationId: 'r',
  };
  const warm = {
    ...departing,
    way: 'agent-session',
    style: 'consult',
    leaving: '700.agent.4492' as ParticipantId,
    leavingAgent: '4492' as AgentId,
  } as const;
  const sessions: Scripted = (asked, path) =>
    path.startsWith('/agent-sessions/join')
      ? { status: 200, json: { sessionId: 's 1' } }
      : contact(withAgent)(asked, path);

  it('has its script let go, by the action that the tenant has chosen', async () => {
    for (const letGoBy of ['TRANSFER', 'BLINDXFER'] as const) {
      await using world = await scriptedCxone(undefined, { letGoBy });
      expect(await world.platform.transferAway(phone, departing, call)).toMatchObject({ kind: 'done' });
      const blindly = letGoBy === 'BLINDXFER' && { p4: 'BLINDXFER' };
      expect(world.signalled()).toEqual([{ p1: 'Transfer', p2: '+14155550100', p3: 'a-token', ...blindly }]);
      expect(world.platform.capabilities).toMatchObject({ reservation: 'entry-script', commit: ['signal', 'flow'] });
    }
  });

  it('has its agent dial, and join or let go, in a session of theirs where the tenant lets us in', async () => {
    await using world = await scriptedCxone(
      (asked, path) =>
        path.endsWith('/hierarchy')
          ? { status: 200, json: { childContacts: [{ contactId: 700 }, { contactId: 701 }] } }
          : sessions(asked, path),
      { agentSessions: { dialSkillId: '4001' } },
    );
    const { platform } = world;
    expect(platform.capabilities.commit).toEqual(['signal', 'flow', 'agent-session']);
    expect(await platform.transferAway(phone, warm, call)).toEqual({ kind: 'done', value: null });
    expect(world.api().slice(1)).toEqual([
      'POST /agent-sessions/join?asAgentId=4492',
      'POST /agent-sessions/s%201/dial-phone',
    ]);
    expect(JSON.parse(world.server.asked.at(-1)!.body)).toEqual({
      phoneNumber: '+14155550100',
      parentContactId: 700,
      skillId: 4001,
    });
    const ending = { accept: true, leaving: warm.leaving, leavingAgent: warm.leavingAgent };
    expect(await platform.endConsult(phone, ending, call)).toEqual({ kind: 'done', value: null });
    expect(world.api().at(-1)).toBe('POST /agent-sessions/s%201/interactions/transfer-calls');
  });

  it('lets the second call go and takes the customer off hold', async () => {
    for (const [resume, expected] of [
      [204, { kind: 'done', value: null }],
      [409, { kind: 'done', value: null }],
      [429, { kind: 'ambiguous', code: 'rate-limited' }],
    ] as const) {
      await using world = await scriptedCxone(
        (asked, path) => {
          if (path.endsWith('/hierarchy'))
            return { status: 200, json: { childContacts: [{ contactId: 700 }, { contactId: 701 }] } };
          return path.endsWith('/resume') ? { status: resume } : sessions(asked, path);
        },
        { agentSessions: {} },
      );
      const ending = { accept: false, leaving: warm.leaving, leavingAgent: warm.leavingAgent };
      expect(await world.platform.endConsult(phone, ending, call)).toEqual(expected);
      expect(world.api().slice(-2)).toEqual([
        'POST /agent-sessions/s%201/interactions/701/end',
        'POST /agent-sessions/s%201/interactions/700/resume',
      ]);
    }
  });

  it('has taken nothing when it could not join, whatever became of that', async () => {
    await using world = await scriptedCxone(
      (asked, path) => (path.includes('/join') ? { status: 500 } : sessions(asked, path)),
      { agentSessions: {} },
    );
    expect(await world.platform.transferAway(phone, warm, call)).toMatchObject({ kind: 'transient' });
    const ending = { accept: true, leaving: warm.leaving, leavingAgent: warm.leavingAgent };
    expect(await world.platform.endConsult(phone, ending, call)).toMatchObject({ kind: 'transient' });
  });

  it('refuses what cannot be, before anything is asked', async () => {
    const { leavingAgent: _, ...ofNobody } = warm;
    await using without = await scriptedCxone(sessions);
    await using world = await scriptedCxone(sessions, { agentSessions: {} });
    const ending = { accept: true, leaving: warm.leaving, leavingAgent: warm.leavingAgent };
    for (const outcome of [
      await without.platform.transferAway(phone, warm, call),
      await without.platform.endConsult(phone, ending, call),
      await world.platform.transferAway(phone, { ...departing, style: 'consult' }, call),
      await world.platform.transferAway(phone, { ...warm, style: 'blind' }, call),
      await world.platform.transferAway(phone, { ...warm, way: 'rest' }, call),
      await world.platform.transferAway(phone, ofNobody, call),
      await world.platform.endConsult(phone, { accept: true, leaving: warm.leaving }, call),
      await world.platform.transferAway(chat, departing, call),
      await world.platform.endConsult(chat, ending, call),
    ]) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    }
    expect([...world.api(), ...without.api()]).toEqual([]);
  });

  it('is rejected when who should leave is not there, and when nobody is being consulted', async () => {
    await using world = await scriptedCxone(undefined, { agentSessions: {} });
    const conflict = { kind: 'rejected', code: 'conflict' };
    expect(await world.platform.transferAway(phone, { ...departing, leaving: warm.leaving }, call)).toMatchObject(
      conflict,
    );
    await using alone = await scriptedCxone(
      (_, path) => (path.endsWith('/hierarchy') ? { status: 200, json: {} } : undefined),
      { agentSessions: {} },
    );
    const ending = { accept: false, leaving: warm.leaving, leavingAgent: warm.leavingAgent };
    expect(await alone.platform.endConsult(phone, ending, call)).toMatchObject(conflict);
  });

  it('reserves nothing, as nothing can be reserved (H3)', async () => {
    await using world = await scriptedCxone();
    const target = { kind: 'queue', queueName: 'Billing' } as const;
    const asked = { key: 'k', target, channel: 'voice', holdLimitMs: 15_000, context: {} } as const;
    for (const outcome of [await world.platform.reserve(asked, call), await world.platform.release('r', call)])
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(world.api()).toEqual([]);
  });
});
