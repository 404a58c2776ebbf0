import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vconOf } from './vcon.ts';
import type { VconFacts, VconHandoff } from './vcon-facts.ts';

const T0 = Date.UTC(2026, 10, 20);
const ID = '01934f00-0000-7000-8000-000000000001';

const handoff: VconHandoff = {
  id: `${ID}.1`,
  kind: 'escalation',
  leg: 0,
  from: 0,
  queue: { id: 'q-1', name: 'BillingDisputes_Tier2' },
  because: 'requested',
  requestedAt: T0 + 2_000,
  settled: { at: T0 + 3_000, outcome: 'completed' },
  briefing: 'Be kind.',
  summary: 'Escalated by bot from voice.',
  loss: [{ field: 'manifest', limit: '256 bytes', carriedBy: 'reference' }],
  manifest: { state: 'kept', ref: 'ref-1', manifest: { trigger: 'CustomerRequested', zeta: 1 } },
};

const facts: VconFacts = {
  id: ID,
  direction: 'inbound',
  openedAt: T0,
  changedAt: T0 + 9_000,
  customer: { phone: '+14155551234', email: 'ada@example.com', name: 'Ada', customerId: 'ACC-1' },
  context: { intent: 'billing_dispute' },
  contextAt: T0 + 1_000,
  masked: [],
  legs: [{ platform: 'genesys_cloud', externalId: 'conv-1', channel: 'voice', attachedAt: T0, state: 'live' }],
  holders: [
    { kind: 'bot', leg: 0 },
    { kind: 'queue', queueId: 'q-1', leg: 0 },
    { kind: 'agent', agentId: 'a-7', queueId: 'q-1', leg: 0 },
  ],
  handoffs: [handoff],
};

const sms = {
  platform: 'genesys_cloud',
  externalId: 'sms-1',
  channel: 'sms',
  attachedAt: T0 + 5,
  state: 'moved',
} as const;

describe('the container (draft-ietf-vcon-vcon-core §4.1)', () => {
  it('is named after the interaction and dated by it, so that every export of it is the same vCon', () => {
    const { vcon, uuid, extensions, created_at, updated_at, subject } = vconOf(facts);
    expect({ vcon, uuid, extensions, created_at, updated_at, subject }).toEqual({
      vcon: '0.4.0',
      uuid: ID,
      extensions: ['CC'],
      created_at: '2026-11-20T00:00:00.000Z',
      updated_at: '2026-11-20T00:00:09.000Z',
      subject: 'billing_dispute',
    });
    expect(vconOf(facts)).toEqual(vconOf(structuredClone(facts)));
  });

  it('has no subject where no intent is known', () => {
    expect(vconOf({ ...facts, context: {} })).not.toHaveProperty('subject');
  });
});

describe('parties (§4.2)', () => {
  it('are the customer, who attaches, and each holder once, with what is known of them', () => {
    const again = {
      ...facts,
      holders: [...facts.holders, { kind: 'bot' }, { kind: 'agent', agentId: 'a-8' }],
    } as const;
    expect(vconOf(again).parties).toEqual([
      { type: 'person', role: 'customer', tel: '+14155551234', mailto: 'ada@example.com', name: 'Ada' },
      { type: 'organization', org: 'Throughline' },
      { type: 'bot', role: 'virtual-agent' },
      { role: 'queue', name: 'BillingDisputes_Tier2', uuid: 'q-1' },
      { type: 'person', role: 'agent', uuid: 'a-7' },
      { type: 'person', role: 'agent', uuid: 'a-8' },
    ]);
  });

  it('say nothing that is not known', () => {
    const holders = [
      { kind: 'agent' },
      { kind: 'queue', queueId: 'q-9' },
      { kind: 'queue' },
      { kind: 'none' },
    ] as const;
    expect(vconOf({ ...facts, customer: {}, holders, handoffs: [] }).parties).toEqual([
      { type: 'person', role: 'customer' },
      { type: 'organization', org: 'Throughline' },
      { type: 'person', role: 'agent' },
      { role: 'queue', uuid: 'q-9' },
      { role: 'queue' },
    ]);
  });

  it('hold the queue that a handoff led to though nobody saw it hold the conversation', () => {
    const queue = { name: 'General_Support' };
    const { parties, dialog } = vconOf({
      ...facts,
      holders: [{ kind: 'bot', leg: 0 }],
      handoffs: [{ ...handoff, queue }],
    });
    expect(parties.at(-1)).toEqual({ role: 'queue', name: 'General_Support' });
    expect(dialog.at(-1)).toMatchObject({ type: 'transfer', transfer_target: parties.length - 1 });
  });
});

describe('dialog (§4.3)', () => {
  it('has each leg in its mode, without content, with those who are known to have spoken in it', () => {
    const { dialog } = vconOf({ ...facts, legs: [...facts.legs, sms] });
    expect(dialog.slice(0, 2)).toEqual([
      {
        type: 'recording',
        start: '2026-11-20T00:00:00.000Z',
        parties: [0, 2, 4],
        application: 'genesys_cloud',
        interaction_id: 'conv-1',
        interaction_type: 'voice',
      },
      {
        type: 'text',
        start: '2026-11-20T00:00:00.005Z',
        parties: [0],
        application: 'genesys_cloud',
        interaction_id: 'sms-1',
        interaction_type: 'sms',
      },
    ]);
  });

  it('names the customer last in the conversation that we began (§4.3.4)', () => {
    const { dialog } = vconOf({ ...facts, direction: 'outbound', legs: [...facts.legs, sms] });
    expect(dialog.slice(0, 2)).toMatchObject([{ parties: [2, 4, 0] }, { parties: [0] }]);
  });

  it('has a completed handoff as a transfer, which MUST NOT contain parties or content (§4.3.14)', () => {
    expect(vconOf(facts).dialog.at(-1)).toEqual({
      type: 'transfer',
      start: '2026-11-20T00:00:02.000Z',
      transferee: 0,
      transferor: 2,
      transfer_target: 3,
      original: 0,
      target_dialog: 0,
    });
  });

  it('goes from one conversation to another where the handoff went to another platform, and to the agent it was for', () => {
    const across = { ...sms, platform: 'nice_cxone', channel: 'voice' } as const;
    const transfer: VconHandoff = { ...handoff, kind: 'transfer', queue: { name: '' }, agentId: '4492', to: 1 };
    const { parties, dialog, analysis } = vconOf({ ...facts, legs: [...facts.legs, across], handoffs: [transfer] });
    expect(parties.at(-1)).toEqual({ type: 'person', role: 'agent', uuid: '4492' });
    expect(dialog.at(-1)).toMatchObject({ original: 0, target_dialog: 1, transfer_target: parties.length - 1 });
    expect(analysis.at(-1)?.body).toMatchObject({ kind: 'transfer', agentId: '4492' });
    expect(analysis.at(-1)?.body).not.toHaveProperty('queue');
  });

  it.each([
    ['the queue itself held the conversation already', 1],
    ['nobody held it', 3],
    ['it is not known who did', -1],
  ])('does not say who let go where %s', (_, from) => {
    const holders = [...facts.holders, { kind: 'none' }] as const;
    const transfer = vconOf({ ...facts, holders, handoffs: [{ ...handoff, from }] }).dialog.at(-1);
    expect(transfer).toMatchObject({ type: 'transfer', transfer_target: 3 });
    expect(transfer).not.toHaveProperty('transferor');
  });

  it.each(['refused', 'cancelled', 'compensated', 'dead_lettered', undefined])(
    'has no transfer for a handoff that is not known to have moved the customer (%s)',
    (outcome) => {
      const { settled: _, ...open } = handoff;
      const other = outcome === undefined ? open : { ...open, settled: { at: T0 + 3_000, outcome } };
      const { dialog, attachments, analysis } = vconOf({ ...facts, handoffs: [other, { ...handoff, id: `${ID}.2` }] });
      expect(dialog.map(({ type }) => type)).toEqual(['recording', 'transfer']);
      expect(attachments.map((one) => one.dialog)).toEqual([0, 0, 0, 1, 1]);
      expect(analysis.filter(({ type }) => type === 'report').map((one) => one.dialog)).toEqual([0, [0, 1]]);
    },
  );
});

describe('attachments (§4.4)', () => {
  const papers = (over: Partial<VconHandoff>) =>
    vconOf({ ...facts, handoffs: [{ ...handoff, ...over }] }).attachments.slice(1);

  it('begin with the customer, their matter, what was masked and what became of the legs (H4)', () => {
    const masked = [{ field: 'context.dtmfSequence', limit: 'pci_dss', carriedBy: 'masked' }] as const;
    expect(vconOf({ ...facts, masked, legs: [...facts.legs, sms] }).attachments[0]).toEqual({
      purpose: 'interaction_context',
      start: '2026-11-20T00:00:01.000Z',
      party: 1,
      dialog: 0,
      mediatype: 'application/json',
      encoding: 'json',
      body: {
        direction: 'inbound',
        customer: facts.customer,
        context: facts.context,
        masked,
        legs: [
          { dialog: 0, state: 'live' },
          { dialog: 1, state: 'moved' },
        ],
      },
    });
  });

  it('hold the manifest verbatim and the loss report of every handoff (H4)', () => {
    const of = {
      start: '2026-11-20T00:00:02.000Z',
      party: 1,
      dialog: 1,
      mediatype: 'application/json',
      encoding: 'json',
    };
    expect(papers({})).toEqual([
      { ...of, purpose: 'handoff_manifest', body: { trigger: 'CustomerRequested', zeta: 1 } },
      { ...of, purpose: 'loss_report', body: handoff.loss },
    ]);
    expect(papers({ loss: [] }).at(-1)).toEqual({ ...of, purpose: 'loss_report', body: [] });
  });

  it.each(['expired', 'withheld'] as const)('hold the reference only where the manifest is %s', (state) => {
    const [reference, loss] = papers({ manifest: { state, ref: 'ref-1' } });
    expect(reference).toMatchObject({ purpose: 'handoff_manifest_reference', body: { state, ref: 'ref-1' } });
    expect(loss).toMatchObject({ purpose: 'loss_report' });
  });

  it('hold no manifest where the bot gave none, and none is known of without a reference', () => {
    const { manifest: _, ...bare } = handoff;
    expect(papers({ manifest: { state: 'kept', ref: 'ref-1' } }).map(({ purpose }) => purpose)).toEqual([
      'loss_report',
    ]);
    const { attachments } = vconOf({ ...facts, handoffs: [bare] });
    expect(attachments.map(({ purpose }) => purpose)).toEqual(['interaction_context', 'loss_report']);
  });
});

describe('analysis (§4.5)', () => {
  it('has briefing and summary as summaries, and what came of the handoff as a report', () => {
    const report = { type: 'report', vendor: 'Throughline', mediatype: 'application/json', encoding: 'json' };
    const summary = { type: 'summary', vendor: 'Throughline', mediatype: 'text/plain', encoding: 'none', dialog: 0 };
    const settled = { at: T0 + 3_000, outcome: 'completed', reason: 'already-in-queue' };
    expect(vconOf({ ...facts, handoffs: [{ ...handoff, settled }] }).analysis).toEqual([
      { ...summary, schema: 'throughline/briefing', body: 'Be kind.' },
      { ...summary, schema: 'throughline/summary', body: 'Escalated by bot from voice.' },
      {
        ...report,
        schema: 'throughline/handoff',
        dialog: [0, 1],
        body: {
          handoffId: `${ID}.1`,
          kind: 'escalation',
          queue: { id: 'q-1', name: 'BillingDisputes_Tier2', because: 'requested' },
          requestedAt: '2026-11-20T00:00:02.000Z',
          outcome: 'completed',
          reason: 'already-in-queue',
          settledAt: '2026-11-20T00:00:03.000Z',
          manifestRef: 'ref-1',
        },
      },
    ]);
  });

  it('has nothing where nothing was written, and no outcome where none is known', () => {
    const { settled: _, manifest: __, ...open } = handoff;
    const { analysis } = vconOf({ ...facts, handoffs: [{ ...open, briefing: '', summary: '' }] });
    expect(analysis).toHaveLength(1);
    expect(analysis[0]).toMatchObject({ type: 'report', dialog: 0, body: { outcome: null } });
    expect(analysis[0]?.body).not.toHaveProperty('settledAt');
    expect(analysis[0]?.body).not.toHaveProperty('manifestRef');
    expect(vconOf({ ...facts, handoffs: [] }).analysis).toEqual([]);
  });

  it('has the wrap-up and the survey of the whole', () => {
    const over = { wrapup: { code: 'resolved', notes: 'refunded' }, survey: { score: 5 } };
    const { analysis } = vconOf({ ...facts, ...over, legs: [...facts.legs, sms], handoffs: [] });
    expect(analysis).toMatchObject([
      { type: 'report', schema: 'throughline/wrapup', dialog: [0, 1], body: over.wrapup },
      { type: 'report', schema: 'throughline/survey', dialog: [0, 1], body: over.survey },
    ]);
  });
});

describe('any interaction', () => {
  const instant = fc.integer({ min: T0, max: T0 + 1e9 });
  const leg = fc.record({
    platform: fc.string(),
    externalId: fc.string(),
    channel: fc.constantFrom('voice', 'webchat', 'sms', 'message', 'email'),
    attachedAt: instant,
    state: fc.constantFrom('live', 'ended', 'moved'),
  });
  const holder = fc.record(
    {
      kind: fc.constantFrom('bot', 'queue', 'agent', 'none'),
      queueId: fc.constantFrom('q-1', 'q-2'),
      agentId: fc.constantFrom('a-1', 'a-2'),
      leg: fc.nat(2),
    },
    { requiredKeys: ['kind'] },
  );
  const settled = fc.record({ at: instant, outcome: fc.constantFrom('completed', 'refused') });
  const move = fc.record(
    {
      id: fc.constant(`${ID}.1`),
      kind: fc.constant('escalation'),
      leg: fc.constant(0),
      from: fc.integer({ min: -1, max: 6 }),
      queue: fc.record({ id: fc.constantFrom('q-1', 'q-3'), name: fc.string() }, { requiredKeys: ['name'] }),
      because: fc.string(),
      requestedAt: instant,
      settled,
      briefing: fc.string(),
      summary: fc.string(),
      loss: fc.constant([]),
      manifest: fc.record({ state: fc.constantFrom('kept', 'expired', 'withheld'), ref: fc.string() }),
    },
    {
      noNullPrototype: true,
      requiredKeys: ['id', 'kind', 'leg', 'from', 'queue', 'because', 'requestedAt', 'briefing', 'summary', 'loss'],
    },
  );
  const any = fc.record({
    legs: fc.tuple(leg, leg, leg),
    holders: fc.array(holder, { maxLength: 6 }),
    handoffs: fc.array(move, { maxLength: 4 }),
    direction: fc.constantFrom('inbound', 'outbound'),
  });

  it('gives the required fields, indexes that lead somewhere, and each known party once', () => {
    fc.assert(
      fc.property(any, (over) => {
        const { parties, dialog, attachments, analysis } = vconOf({ ...facts, ...over } as VconFacts);
        const isParty = (index: number) => index >= 0 && index < parties.length;
        const isDialog = (index: number) => index >= 0 && index < dialog.length;
        expect(new Set(parties.map((party) => JSON.stringify(party))).size).toBe(parties.length);
        for (const one of dialog) {
          expect(one.start).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
          expect(one).not.toHaveProperty('body');
          expect(one).not.toHaveProperty('url');
          if (one.type !== 'transfer') {
            expect(one.parties.every(isParty)).toBe(true);
            expect(new Set(one.parties).size).toBe(one.parties.length);
            expect(one.parties).toContain(0);
            continue;
          }
          expect([one.transferee, one.transfer_target, one.transferor ?? 0].every(isParty)).toBe(true);
          expect(one.transferor).not.toBe(one.transfer_target);
          expect([one.original, one.target_dialog].every((index) => dialog[index]?.type !== 'transfer')).toBe(true);
        }
        for (const { start, party, dialog: of } of attachments) {
          expect([typeof start, isParty(party), isDialog(of)]).toEqual(['string', true, true]);
        }
        for (const { type, vendor, dialog: of } of analysis) {
          expect([['summary', 'report'].includes(type), vendor, [of].flat().every(isDialog)]).toEqual([
            true,
            'Throughline',
            true,
          ]);
        }
        expect(attachments.filter(({ purpose }) => purpose === 'loss_report')).toHaveLength(over.handoffs.length);
      }),
    );
  });
});
