// Tests what is done with a case of the digital side, over the wire.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import {
  call,
  chat,
  inScript,
  queue,
  type Scripted,
  scriptedCxone,
  withAgent,
} from '../../../test/contract/scripted-cxone.ts';
import type { ParticipantId, PlatformName } from '../../ids.ts';
import { cxonePlatform } from './cxone-platform.ts';

describe('cxonePlatform: digital cases', () => {
  const aCase = { id: 5000001, contactId: '800', status: 'open', routingQueueId: 'rq-1' };
  const digital =
    (json: object, acd: object | undefined = undefined): Scripted =>
    ({ method }, path) => {
      if (method === 'GET' && path === '/dfo/3.0/contacts/5000001') return { status: 200, json };
      if (path === '/contacts/800') return acd === undefined ? { status: 404 } : { status: 200, json: acd };
      if (path.startsWith('/skills?'))
        return {
          status: 200,
          json: { skills: [{ skillId: 2001, skillName: 'Billing_Digital', routingQueueId: 'rq-1' }] },
        };
      return undefined;
    };
  const parties = async (special: Scripted) => {
    await using world = await scriptedCxone(special);
    await world.platform.queues(call);
    const view = await world.platform.look(chat, call);
    if (view.kind !== 'done') throw new Error(view.code);
    return view.value.parties.map(({ id, role, state }) => `${role} ${state} ${id}`);
  };

  it('shows where a case is by its contact in the ACD, under the ids that scripts use', async () => {
    const acd = { ...withAgent, contactId: 800, masterContactId: 800 };
    expect(await parties(digital(aCase, acd))).toEqual([
      'customer connected 5000001.customer',
      'bot ended 800.script',
      'agent connected 800.agent.4492',
    ]);
    const byABot = { ...aCase, inboxAssigneeUser: { id: 9, isBotUser: true } };
    expect((await parties(digital(byABot, acd))).at(-1)).toBe('bot connected 800.agent.4492');
    expect(await parties(digital({ ...aCase, status: 'closed' }, acd))).toContain('customer ended 5000001.customer');
  });

  it('shows as much as the case alone says where the ACD has no contact of it', async () => {
    expect(await parties(digital(aCase))).toEqual([
      'customer connected 5000001.customer',
      'bot ended 800.script',
      'queue connected 800.queue.2001',
    ]);
    expect((await parties(digital({ ...aCase, inboxAssigneeUser: { id: 7 } }))).at(-1)).toBe(
      'agent connected 800.agent.7',
    );
    expect(await parties(digital({ id: '5000001', status: 'new' }))).toEqual([
      'customer connected 5000001.customer',
      'bot connected 5000001.script',
    ]);
    const byABot = { ...aCase, inboxAssigneeUser: { id: 9, isBotUser: true } };
    expect((await parties(digital(byABot)))[1]).toBe('bot connected 800.script');
    expect(await parties(digital({ ...aCase, status: 'trashed' }))).toContain('queue ended 800.queue.2001');
  });

  it('writes custom fields, our id among them where the tenant has one for it, and empties them by name', async () => {
    const customer = '5000001.customer' as ParticipantId;
    await using world = await scriptedCxone(digital(aCase), { tagField: 'throughline_id' });
    const { platform } = world;
    await platform.attachContext(chat, { customer, attributes: { intent: 'billing' }, tag: 'our-id' }, call);
    await platform.overwriteContext(chat, { what: 'attributes', customer, names: ['intent'] }, call);
    await platform.overwriteContext(chat, { what: 'tag' }, call);
    expect(
      world.server.asked.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.parse(body) as unknown),
    ).toEqual([
      [
        { ident: 'intent', value: 'billing' },
        { ident: 'throughline_id', value: 'our-id' },
      ],
      [{ ident: 'intent', value: '' }],
      [{ ident: 'throughline_id', value: '' }],
    ]);
    await using without = await scriptedCxone(digital(aCase));
    expect(await without.platform.overwriteContext(chat, { what: 'tag' }, call)).toEqual({ kind: 'done', value: null });
    expect(without.api()).toEqual(['GET /dfo/3.0/contacts/5000001']);
  });

  it('names the custom fields that must exist when the tenant refuses them, and refuses what no field holds', async () => {
    const customer = '5000001.customer' as ParticipantId;
    const errors = [{ message: 'Unknown identifier', errorCode: 'E1' }];
    await using world = await scriptedCxone((asked, path) =>
      asked.method === 'PUT' ? { status: 422, json: { errors, uid: 'u-1' } } : digital(aCase)(asked, path),
    );
    const attach = (value: string) =>
      world.platform.attachContext(chat, { customer, attributes: { intent: value, 'a.b': 'c' }, tag: 't' }, call);
    const refused = await attach('billing');
    expect(refused).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(refused.kind !== 'done' && refused.detail).toBe(
      'E1 Unknown identifier (uid u-1) Custom fields that must exist in the tenant: intent, a.b.',
    );
    const asked = world.api().length;
    expect(await attach('x'.repeat(1_025))).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(world.api()).toHaveLength(asked);
  });

  it('moves a case to a skill by REST where who should leave is there, and closes it', async () => {
    await using world = await scriptedCxone(digital(aCase, { ...inScript, contactId: 800 }));
    const transfer = { leaving: '800.script' as ParticipantId, queue };
    expect(await world.platform.transferToQueue(chat, transfer, call)).toEqual({ kind: 'done', value: null });
    expect(JSON.parse(world.server.asked.at(-1)!.body)).toEqual({ skillId: 1001 });
    expect(world.api().at(-1)).toBe('PUT /dfo/3.0/contacts/5000001/routing-queue');
    const gone = { leaving: '800.agent.1' as ParticipantId, queue };
    expect(await world.platform.transferToQueue(chat, gone, call)).toMatchObject({
      kind: 'rejected',
      code: 'conflict',
    });
    expect(await world.platform.closeLeg(chat, call)).toEqual({ kind: 'done', value: null });
    expect(JSON.parse(world.server.asked.at(-1)!.body)).toEqual({ status: 'closed' });
  });

  it('says that nobody knows where the digital side is, where nobody says it', async () => {
    const clock = manualClock();
    const platform = cxonePlatform({
      name: 'nice_cxone' as PlatformName,
      issuerUrl: 'https://cxone.example',
      login: { kind: 'userhub', url: 'https://hub.example' },
      accessKeyId: 'KEY',
      accessKeySecret: 'hush',
      apiUrl: 'https://acd.example',
      apiVersion: 'v30.0',
      clock,
      rateLimitPerMinute: 600,
      attributeValueBytes: 256,
      settleMs: 0,
      letGoBy: 'TRANSFER',
      fetch: async () => Response.json({ access_token: 'TOKEN', expires_in: 3_600 }),
    });
    const outcome = await platform.look(chat, call);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(outcome.kind !== 'done' && outcome.detail).toContain('digitalUrl');
  });
});
