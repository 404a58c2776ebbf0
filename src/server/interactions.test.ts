// Tests the interactions as resources.

import { describe, expect, it } from 'vitest';
import { CXONE, GENESYS, serve } from '../../test/contract/served.ts';

const seed = {
  platform: GENESYS,
  externalId: 'conv-voice-uuid-001',
  channel: 'voice',
  direction: 'inbound',
  customer: {
    phone: '+14155551234',
    email: 'Ada@example.org',
    customerId: 'ACC-992837',
    name: 'Ada',
    segment: 'enterprise',
  },
  context: {
    intent: 'billing_dispute',
    authenticationStatus: 'verified',
    accountNumber: 'ACC-992837',
    previousQueue: 'billing_specialists',
    holdDurationSec: 42,
    dtmfSequence: ['1', '3', '0'],
    complianceFlags: ['pci_dss', 'hipaa'],
    sentiment: 'frustrated',
    attributes: { Product_Type: 'card' },
  },
};

describe('POST /v1/interactions', () => {
  it('answers 201 with the documented shape', async () => {
    await using served = await serve();
    const { status, body, headers } = await served.post('/v1/interactions', seed);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/interactions/${body.id}`);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-/),
      version: 2,
      channel: 'voice',
      direction: 'inbound',
      customer: seed.customer,
      context: seed.context,
      loss: [],
      legs: [{ platform: GENESYS, externalId: 'conv-voice-uuid-001', channel: 'voice', state: 'live' }],
      holder: { kind: 'bot', epoch: 1 },
      handoff: null,
      wrapup: null,
      survey: null,
      createdAt: '2026-11-20T00:00:00.000Z',
      endedAt: null,
    });
  });

  it('answers 200 with the same id for a conversation that is known', async () => {
    await using served = await serve();
    const first = await served.post('/v1/interactions', seed);
    const again = await served.post('/v1/interactions', { ...seed, context: { intent: 'other' } });
    expect([again.status, again.body.id]).toEqual([200, first.body.id]);
    expect(again.body.context).toEqual(first.body.context);
  });

  it('makes one interaction of a conversation however many ask at once', async () => {
    await using served = await serve();
    const all = await Promise.all(Array.from({ length: 20 }, () => served.post('/v1/interactions', seed)));
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(19);
    expect((await served.get('/v1/interactions')).body.entities).toHaveLength(1);
  });

  it('masks keyed card digits and keeps menu choices, and says which (PCI DSS 3.4, H4)', async () => {
    await using served = await serve();
    const dtmfSequence = ['1', ...'4111111111111111', '3'];
    const { body } = await served.post('/v1/interactions', { ...seed, context: { ...seed.context, dtmfSequence } });
    expect(JSON.stringify(body.context)).not.toContain(JSON.stringify([...'411111111111']).slice(1, -1));
    expect(body.loss).toEqual([{ field: 'context.dtmfSequence', limit: 'pci_dss', carriedBy: 'masked' }]);
    expect((body.customer as Record<string, unknown>).piiMasked).toBe(true);
  });

  it.each([
    ['a phone that is not E.164', { customer: { phone: '415-555-1234' } }, 'customer.phone'],
    ['a phone of an impossible length', { customer: { phone: '+1415' } }, 'customer.phone'],
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['an unknown field of the customer', { customer: { colour: 'red' } }, 'customer.colour'],
    ['an unknown channel', { channel: 'fax' }, 'channel'],
    ['a missing conversation', { externalId: undefined }, 'externalId'],
    ['a wrong type', { context: { holdDurationSec: '42' } }, 'context.holdDurationSec'],
  ])('refuses %s, naming the field', async (_, change, path) => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/interactions', { ...seed, ...change });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toContainEqual({ path, message: expect.any(String) });
  });

  it('refuses a platform that is not configured and lists those that are', async () => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/interactions', { ...seed, platform: 'genesys' });
    expect([status, body.code]).toEqual([400, 'unknown-platform']);
    expect(body.platforms).toEqual([GENESYS, CXONE, 'throughline']);
  });

  it('takes an interaction that is anchored here', async () => {
    await using served = await serve();
    const { status } = await served.post('/v1/interactions', { ...seed, platform: 'throughline', channel: 'webchat' });
    expect(status).toBe(201);
  });
});

describe('reading interactions', () => {
  it.each(['conv-1', '01934f00-0000-7000-8000-00000000aaaa', '390871234567'])(
    'finds by id and by the conversation %s',
    async (externalId) => {
      await using served = await serve();
      const id = await served.open(externalId);
      expect((await served.get(`/v1/interactions/${id}`)).body.id).toBe(id);
      const found = await served.get(`/v1/interactions?platform=${GENESYS}&externalId=${externalId}`);
      expect([found.status, found.body.id]).toEqual([200, id]);
    },
  );

  it.each([
    '%2B14155550000',
    '+14155550000',
    '%2B1%20(415)%20555-0000',
    'tel:4155550000',
    'ada@example.org',
    'sip:ada',
  ])('refuses %s in a URL and points to the search, without repeating it', async (externalId) => {
    await using served = await serve();
    const { status, body, text } = await served.get(`/v1/interactions?platform=${GENESYS}&externalId=${externalId}`);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toEqual([{ path: 'externalId', message: expect.stringContaining('/v1/interactions/search') }]);
    expect(text).not.toMatch(/5550000|555-0000|ada/);
  });

  it.each([
    '/v1/interactions/01934f00-0000-7000-8000-00000000ffff',
    `/v1/interactions?platform=${GENESYS}&externalId=nobody`,
    '/v1/interactions/nonsense/journal',
  ])('answers 404 for %s', async (path) => {
    await using served = await serve();
    const { status, body } = await served.get(path);
    expect([status, body.code]).toEqual([404, 'interaction-not-found']);
  });

  it('lists newest first, page by page, without anything personal', async () => {
    await using served = await serve();
    const ids = [];
    for (const n of [1, 2, 3])
      ids.push(await served.open(`conv-${n}`, { customer: seed.customer, context: seed.context }));
    const first = await served.get('/v1/interactions?limit=2');
    expect((first.body.entities as { id: string }[]).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const second = await served.get(`/v1/interactions?limit=2&cursor=${first.body.cursor}`);
    expect((second.body.entities as { id: string }[]).map(({ id }) => id)).toEqual([ids[0]]);
    expect(second.body.cursor).toBeNull();
    for (const personal of ['+1415', 'Ada', 'ACC-992837', 'conv-']) expect(first.text).not.toContain(personal);
  });

  it('filters the list by phase, holder, channel and time', async () => {
    await using served = await serve();
    const voice = await served.open('conv-1');
    await served.open('conv-2', { channel: 'email' });
    served.vendor.held.add('Inspect');
    await served.post(`/v1/interactions/${voice}/handoffs`, { kind: 'escalation' });
    const found = async (query: string) =>
      ((await served.get(`/v1/interactions?${query}`)).body.entities as unknown[]).length;
    expect(await found('phase=preparing')).toBe(1);
    expect(await found('phase=confirming')).toBe(0);
    expect(await found('holder=bot')).toBe(2);
    expect(await found('channel=email')).toBe(1);
    expect(await found('since=2026-11-19T00:00:00Z')).toBe(2);
    expect(await found('since=2026-11-21T00:00:00%2B01:00')).toBe(0);
  });

  it('lists what has settled under that phase, until the next handoff opens', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const settled = async () => (await served.get('/v1/interactions?phase=settled')).body.entities;
    expect(await settled()).toEqual([]);
    await served.post(
      `/v1/interactions/${id}/handoffs`,
      { kind: 'escalation', queue: 'Nowhere' },
      { prefer: 'wait=10' },
    );
    expect(await settled()).toEqual([expect.objectContaining({ id, phase: 'settled', outcome: 'refused' })]);
    served.vendor.held.add('Inspect');
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    expect(await settled()).toEqual([]);
  });

  it.each(['preparing', 'offered', 'committing', 'confirming', 'compensating', 'settled'])(
    'filters by the phase %s, as every handoff may have it',
    async (phase) => {
      await using served = await serve();
      expect((await served.get(`/v1/interactions?phase=${phase}`)).status).toBe(200);
    },
  );

  it.each([
    'limit=0',
    'limit=201',
    'limit=many',
    'phase=dancing',
    'since=yesterday',
    'colour=red',
    'platform=x',
    'cursor=garbage',
    'cursor=',
  ])('refuses the query %s', async (query) => {
    await using served = await serve();
    const { status, body } = await served.get(`/v1/interactions?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });
});

describe('POST /v1/interactions/search', () => {
  it.each([{ phone: '+14155551234' }, { email: 'ada@EXAMPLE.org' }, { customerId: 'acc-992837' }])(
    'finds by %j and answers summaries only',
    async (by) => {
      await using served = await serve();
      const { body } = await served.post('/v1/interactions', seed);
      const found = await served.post('/v1/interactions/search', by);
      expect(found.status).toBe(200);
      expect(found.body.entities).toEqual([expect.objectContaining({ id: body.id, channel: 'voice', holder: 'bot' })]);
      expect(found.text).not.toContain('Ada');
    },
  );

  it.each(['+14155551234', 'conv-1'])('finds by the conversation %s', async (externalId) => {
    await using served = await serve();
    const id = await served.open(externalId, { channel: 'sms' });
    const { status, body } = await served.post('/v1/interactions/search', { platform: GENESYS, externalId });
    expect(status).toBe(200);
    expect(body).toEqual({ entities: [expect.objectContaining({ id, channel: 'sms' })], cursor: null });
  });

  it.each([
    {},
    { phone: '+14155551234', email: 'ada@example.org' },
    { phone: '4155551234' },
    { name: 'Ada' },
    { platform: GENESYS },
    { externalId: 'conv-1' },
    { platform: GENESYS, externalId: '' },
    { platform: GENESYS, externalId: 'conv-1', customerId: 'ACC-992837' },
  ])('refuses %j', async (by) => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/interactions/search', by);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('answers 405 to %s: it is no interaction of that name', async (method) => {
    await using served = await serve();
    const { status, headers } = await served.call(method, '/v1/interactions/search');
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('finds nobody where nobody is', async () => {
    await using served = await serve();
    for (const by of [{ phone: '+14155551234' }, { platform: GENESYS, externalId: '+14155551234' }]) {
      expect((await served.post('/v1/interactions/search', by)).body.entities).toEqual([]);
    }
  });
});

describe('changing an interaction', () => {
  it('merges a patch into the context: null removes, objects merge (RFC 7396)', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/interactions', seed);
    for (const type of ['application/merge-patch+json', 'application/json']) {
      const patched = await served.call(
        'PATCH',
        `/v1/interactions/${body.id}/context`,
        { intent: 'refund', sentiment: null, attributes: { Tier: 'gold' } },
        { 'content-type': type },
      );
      expect(patched.status).toBe(200);
      const { sentiment: _, ...rest } = seed.context;
      const attributes = { Product_Type: 'card', Tier: 'gold' };
      expect(patched.body.context).toEqual({ ...rest, intent: 'refund', attributes });
    }
  });

  it('refuses a patch with unknown fields', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await served.call('PATCH', `/v1/interactions/${id}/context`, { mood: 'good' });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it.each([
    ['wrapup', { code: 'resolved', notes: 'Refunded.' }],
    ['survey', { score: 5, comment: 'Quick.' }],
  ])('records the %s once', async (name, record) => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const first = await served.post(`/v1/interactions/${id}/${name}`, record);
    expect([first.status, first.body[name]]).toEqual([200, record]);
    const again = await served.post(`/v1/interactions/${id}/${name}`, record);
    expect([again.status, again.body.code]).toEqual([409, 'already-recorded']);
  });

  it.each([
    ['wrapup', { code: 'resolved' }, 'notes'],
    ['survey', { score: 5 }, 'comment'],
  ])(
    'masks what people wrote freely in the %s as the flags ask, and nothing without (PCI DSS 3.3)',
    async (name, record, field) => {
      await using served = await serve();
      const given = { ...record, [field]: 'Card 4111 1111 1111 1111 refused.' };
      const flagged = await served.open('conv-1', { context: { complianceFlags: ['pci_dss'] } });
      const masked = await served.post(`/v1/interactions/${flagged}/${name}`, given);
      expect(masked.body[name]).toMatchObject(record);
      expect(masked.text).toMatch(/Card \S.*1111 refused/);
      for (const path of ['', '/journal']) {
        expect((await served.get(`/v1/interactions/${flagged}${path}`)).text).not.toContain('4111 1111');
      }
      const free = await served.open('conv-2');
      expect((await served.post(`/v1/interactions/${free}/${name}`, given)).body[name]).toEqual(given);
    },
  );

  it('answers 404 for an interaction that is not there', async () => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/interactions/none/wrapup', { code: 'x', notes: 'y' });
    expect([status, body.code]).toEqual([404, 'interaction-not-found']);
  });
});

describe('GET /v1/interactions/{id}/journal', () => {
  type Entry = { version: number; type: string; body: Record<string, unknown>; hash: string; prevHash: string };

  it('answers every event oldest first, each chained to the one before (H8)', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/interactions', seed);
    await served.post(`/v1/interactions/${body.id}/wrapup`, { code: 'resolved', notes: 'secret notes' });
    const events = (await served.get(`/v1/interactions/${body.id}/journal`)).body.events as Entry[];
    expect(events.map(({ version, type }) => [version, type])).toEqual([
      [1, 'InteractionOpened'],
      [2, 'LegAttached'],
      [3, 'WrapupRecorded'],
    ]);
    expect(events[0]?.prevHash).toBe('0'.repeat(64));
    expect(events.slice(1).map(({ prevHash }) => prevHash)).toEqual(events.slice(0, -1).map(({ hash }) => hash));
    expect(events[0]?.body).toMatchObject({ customer: seed.customer });
    expect(events[2]?.body).toEqual({ code: 'resolved', notes: 'secret notes' });
    expect(events[0]).toMatchObject({ at: '2026-11-20T00:00:00.000Z', actor: 'api:admin-key' });
  });

  it('leaves out what is personal when it is asked to', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/interactions', seed);
    await served.post(`/v1/interactions/${body.id}/wrapup`, { code: 'resolved', notes: 'secret notes' });
    const masked = await served.get(`/v1/interactions/${body.id}/journal?masked=true`);
    for (const personal of ['+1415', 'Ada', 'ACC-', 'secret', 'conv-']) expect(masked.text).not.toContain(personal);
    const events = masked.body.events as Entry[];
    expect(events[0]?.body).toMatchObject({ channel: 'voice', intent: 'billing_dispute' });
  });
});
