// Tests the CXone adapter over the wire: its credentials, its skills, and what it tells of refusals.

import { describe, expect, it } from 'vitest';
import { call, phone, scriptedCxone } from '../../../test/contract/scripted-cxone.ts';
import type { ExternalId } from '../../ids.ts';

describe('cxonePlatform: queues', () => {
  it('has the skills that are active, page by page, and finds one by exactly its name', async () => {
    const many = Array.from({ length: 501 }, (_, index) => ({
      skillId: index + 1,
      skillName: `S${index}`,
      isActive: index !== 7,
    }));
    await using world = await scriptedCxone((_, path) => {
      if (!path.startsWith('/skills?')) return undefined;
      const skip = Number(new URLSearchParams(path.split('?')[1]).get('skip'));
      return { status: 200, json: { skills: many.slice(skip, skip + 500) } };
    });
    const queues = await world.platform.queues(call);
    expect(queues.kind === 'done' && queues.value).toHaveLength(500);
    expect(world.api()).toEqual(['GET /skills?skip=0&top=500', 'GET /skills?skip=500&top=500']);
    expect(await world.platform.resolveQueue('S500', call)).toEqual({
      kind: 'done',
      value: { id: '501', name: 'S500' },
    });
    const miss = await world.platform.resolveQueue('s500', call);
    expect(miss).toMatchObject({ kind: 'rejected', code: 'queue-not-found-or-not-visible' });
    expect(miss.kind !== 'done' && miss.detail).toContain("close match: 'S500'");
  });

  it('reads a list that is not paged once', async () => {
    const all = Array.from({ length: 600 }, (_, index) => ({ skillId: index + 1, skillName: `S${index}` }));
    await using world = await scriptedCxone((_, path) =>
      path.startsWith('/skills?') ? { status: 200, json: { skills: all } } : undefined,
    );
    const queues = await world.platform.queues(call);
    expect(queues.kind === 'done' && queues.value).toHaveLength(600);
    expect(world.api()).toHaveLength(2);
  });
});

describe('cxonePlatform: credentials', () => {
  it('takes a fresh token ten minutes ahead, while the old one serves, and one for everybody', async () => {
    await using world = await scriptedCxone();
    const logins = () => world.server.asked.filter(({ path }) => path === '/auth/token').length;
    await Promise.all([world.platform.look(phone, call), world.platform.look(phone, call)]);
    expect(logins()).toBe(1);
    await world.clock.advance(49 * 60_000);
    await world.platform.look(phone, call);
    expect(logins()).toBe(1);
    await world.clock.advance(60_000);
    await Promise.all([world.platform.look(phone, call), world.platform.look(phone, call)]);
    await world.server.whenAsked(7);
    expect(logins()).toBe(2);
  });

  it('tells what the ACD says of a refusal, also where it says so in a header only', async () => {
    const headers = { icStatusDescription: 'No contact for +1 415 555 0100' };
    await using world = await scriptedCxone((_, path) =>
      path === '/contacts/700' ? { status: 404, headers } : undefined,
    );
    expect(await world.platform.look(phone, call)).toEqual({
      kind: 'rejected',
      code: 'not-found',
      detail: 'No contact for [number]',
    });
  });

  it('knows no contact whose id is no whole number, without asking', async () => {
    await using world = await scriptedCxone();
    const outcome = await world.platform.look({ externalId: 'gen-int-77' as ExternalId, channel: 'voice' }, call);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'not-found' });
    expect(world.api()).toEqual([]);
  });
});
