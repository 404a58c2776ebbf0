// Tests how a contact of the ACD looks to us.

import { describe, expect, it } from 'vitest';
import { contactView, phaseOf } from './contact-view.ts';
import { type WireContact, wireContact } from './cxone-wire.ts';

const wire = (fields: Record<string, unknown> = {}): WireContact =>
  wireContact.parse({ contactId: 700, masterContactId: 700, contactStartDate: '2026-11-20T10:00:00Z', ...fields });
const view = (fields: Record<string, unknown> = {}, externalId = '700') => contactView(wire(fields), externalId);
const states = (fields: Record<string, unknown>) =>
  view(fields).parties.map(({ id, role, state }) => `${role} ${state} ${id}`);

describe('phaseOf', () => {
  it.each([
    [{ stateName: 'PreQueue' }, 'script'],
    [{ contactStateName: 'In Queue' }, 'queue'],
    [{ stateName: 'Routing', agentId: 4492 }, 'offered'],
    [{ stateName: 'Active', agentId: 4492 }, 'agent'],
    [{ stateName: 'HOLD', agentId: 4492 }, 'agent'],
    [{ stateName: 'Active', agentId: 0 }, 'script'],
    [{ stateName: 'Transferred' }, 'outside'],
    [{ stateName: 'EndContact' }, 'ended'],
    [{ stateName: 'a word of tomorrow', contactStateCategory: 'InQueue' }, 'queue'],
    [{ stateName: 'a word of tomorrow' }, 'script'],
    [{ stateName: 'a word of tomorrow', agentId: 4492 }, 'agent'],
    [{}, 'script'],
    [{ stateName: 'Active', agentId: 4492, endReason: 'Agent Hung Up' }, 'ended'],
    [{ isActive: false }, 'ended'],
    [{ totalDurationSeconds: 0 }, 'ended'],
  ])('%j is %s', (fields, phase) => {
    expect(phaseOf(wire(fields))).toBe(phase);
  });
});

describe('contactView', () => {
  it('shows a customer whom a script serves', () => {
    expect(view({ stateName: 'PreQueue' })).toEqual({
      ended: false,
      parties: [
        { id: '700.customer', role: 'customer', state: 'connected' },
        { id: '700.script', role: 'bot', state: 'connected' },
      ],
      transfers: [],
    });
  });

  it('shows who waits in a queue, whom it rings, and who has the customer', () => {
    expect(states({ stateName: 'InQueue', skillId: 1001 })).toEqual([
      'customer connected 700.customer',
      'bot ended 700.script',
      'queue connected 700.queue.1001',
    ]);
    expect(states({ stateName: 'Routing', skillId: 1001, agentId: 4492 }).slice(2)).toEqual([
      'queue connected 700.queue.1001',
      'agent alerting 700.agent.4492',
    ]);
    expect(states({ stateName: 'Active', skillId: 1001, agentId: 4492 }).slice(2)).toEqual([
      'agent connected 700.agent.4492',
    ]);
    expect(view({ stateName: 'Active', skillId: 1001, agentId: 4492 }).parties.at(-1)).toMatchObject({
      agentId: '4492',
      queueId: '1001',
    });
  });

  it('does not show whom the customer has been with: another stay there would pass for the old one', () => {
    expect(states({ stateName: 'PreQueue', skillId: 1001, agentId: 4492 })).toEqual([
      'customer connected 700.customer',
      'bot connected 700.script',
    ]);
    expect(states({ stateName: 'Transferred', skillId: 1001, agentId: 4492 }).slice(2)).toEqual([
      'other connected 700.outside',
    ]);
  });

  it('shows that it is over', () => {
    const over = view({ stateName: 'EndContact', skillId: 1001, agentId: 4492 });
    expect(over.ended).toBe(true);
    expect(over.parties.every((party) => party.state === 'ended')).toBe(true);
  });

  it('keeps the customer the same in a later contact, whose other parties are its own', () => {
    const parties = contactView(wire({ contactId: 701, stateName: 'Active', agentId: 4493 }), '700').parties;
    expect(parties.map((party) => party.id)).toEqual(['700.customer', '701.script', '701.agent.4493']);
  });

  it('tells a transfer to a number, on the way or done, with a time that is the same in every look', () => {
    const issuedAt = Date.UTC(2026, 10, 20, 10);
    const transfers = (fields: Record<string, unknown>) =>
      view({ transferIndicatorName: 'External', ...fields }).transfers;
    expect(transfers({ stateName: 'PreQueue', lastUpdateTime: '2026-11-20T10:05:00Z' })).toEqual([
      { state: 'pending', issuedAt },
    ]);
    expect(transfers({ stateName: 'Transferred' })).toEqual([{ state: 'complete', issuedAt }]);
    expect(transfers({ stateName: 'EndContact' })).toEqual([{ state: 'complete', issuedAt }]);
    expect(transfers({ stateName: 'EndContact', contactStartDate: 5 })).toEqual([{ state: 'complete', issuedAt: 5 }]);
    expect(transfers({ stateName: 'EndContact', contactStartDate: 'never' })).toEqual([
      { state: 'complete', issuedAt: 1 },
    ]);
  });

  it('tells of none while a queue or an agent has the customer: one that failed leaves its indicator behind', () => {
    for (const stateName of ['InQueue', 'Routing', 'Active'])
      expect(view({ transferIndicatorName: 'External', stateName, agentId: 4492, skillId: 1001 }).transfers).toEqual(
        [],
      );
    expect(view({ transferIndicatorName: 'ReSkill', stateName: 'EndContact' }).transfers).toEqual([]);
  });

  it('shows who is outside beside the customer', () => {
    expect(states({ stateName: 'Transferred', skillId: 1001 }).at(-1)).toBe('other connected 700.outside');
  });
});

describe('wireContact', () => {
  const record = { contactId: 700, masterContactId: '699', stateName: 'InQueue', skillId: 1001 };

  it('reads both shapes, flat and one level down, in either case of letters', () => {
    const capital = { ContactId: 700, MasterContactId: 699, StateName: 'InQueue', SkillId: '1001' };
    for (const body of [record, { businessUnitId: 1, contactId: record }, capital]) {
      expect(wireContact.parse(body)).toMatchObject({ contactId: '700', masterContactId: '699', skillId: '1001' });
    }
  });

  it('drops what is personal', () => {
    const read = wireContact.parse({ ...record, fromAddress: '+14155551234', firstName: 'Ada', lastName: 'L.' });
    expect(JSON.stringify(read)).not.toMatch(/415|Ada/);
  });

  it('refuses what is no contact', () => {
    for (const body of [undefined, null, 'no', [], {}, { contactId: null }, { contactId: {} }, { contactId: 0 }])
      expect(wireContact.safeParse(body).success, JSON.stringify(body)).toBe(false);
  });
});
