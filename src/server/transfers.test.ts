// Tests transfers to another platform over HTTP (seed 002): asked for once, held at the destination, read without the token, completed by an
// agent's verdict, and audited from clear columns alone.

import { describe, expect, it } from 'vitest';
import { CLAIMS, ENTRY_NUMBERS, LOBBY } from '../../test/contract/instant-crossing.ts';
import { CXONE, GENESYS, type Served, serve } from '../../test/contract/served.ts';
import type { InteractionId } from '../ids.ts';
import { handoffsIn } from './briefing-watch.ts';

const QUEUE = { platform: CXONE, queue: 'Claims' };
const AGENT = { platform: CXONE, agentId: '4492' };
const BLIND = { kind: 'transfer', to: QUEUE, transferType: 'blind', initiatedBy: 'agent' };
type Json = Readonly<Record<string, unknown>>;

/** With its timers: what waits is looked at when its time has come. */
async function running(): Promise<Served> {
  const served = await serve();
  await served.runner.start({ recovering: false });
  return served;
}

const ask = (served: Served, id: InteractionId, more: Json = {}, headers: Record<string, string> = {}) =>
  served.post(`/v1/interactions/${id}/handoffs`, { ...BLIND, ...more }, headers);
const read = async (served: Served, id: InteractionId, n = 1) =>
  (await served.get(`/v1/interactions/${id}/handoffs/${n}`)).body;
const redeem = (served: Served, more: Json = {}) =>
  served.post('/v1/flows/redeem', { platform: CXONE, conversationId: '77', dnis: ENTRY_NUMBERS[0], ...more });
const phase = async (served: Served, id: InteractionId, wanted: string) => {
  for (let turn = 0; turn < 200; turn += 1) {
    const { phase: is, outcome } = await read(served, id);
    if (is === wanted || outcome === wanted) return;
    await served.clock.advance(500);
  }
  throw new Error(`It did not become ${wanted}: ${JSON.stringify(await read(served, id))}`);
};
/** The token as the source was given it: no answer of ours has it. */
const tokenOf = (served: Served) =>
  String((served.vendor.commands.find(({ kind }) => kind === 'TransferAway') as unknown as Json | undefined)?.token);

describe('POST …/handoffs of the kind transfer', () => {
  it('reserves, lets go, and is completed once the destination has the customer', async () => {
    await using served = await running();
    const id = await served.open('conv-1', { context: { intent: 'claim', dtmfSequence: ['1', '3', '0'] } });
    const { status, body, headers } = await ask(served, id);
    expect([status, headers.get('location')]).toEqual([202, `/v1/interactions/${id}/handoffs/1`]);
    expect(body).toMatchObject({
      kind: 'transfer',
      to: QUEUE,
      transferType: 'blind',
      initiatedBy: 'agent',
      offer: null,
      destination: null,
      reconciliation: null,
      queue: { id: null, name: 'Claims', because: 'requested' },
    });
    await phase(served, id, 'confirming');
    const under = await read(served, id);
    expect(under).toMatchObject({
      offer: { id: `${id}.1`, kind: 'entry-script', validUntil: expect.stringMatching(/^20.*Z$/) },
      queue: { id: CLAIMS.id, name: 'Claims' },
    });
    served.vendor.crossing.across.set('77', 'queue');
    expect((await redeem(served)).body).toMatchObject({ found: 'true', queueId: CLAIMS.id });
    await phase(served, id, 'completed');
    const done = await read(served, id);
    expect(done).toMatchObject({
      phase: 'settled',
      outcome: 'completed',
      offer: null,
      destination: { platform: CXONE, externalId: '77', channel: 'voice' },
    });
    expect(done.reconciliation).toMatchObject({
      reconciliationCycle: {
        canonicalInteractionId: id,
        sourceState: 'completed',
        destinationState: 'queued',
        expectedState: 'queued',
        retries: expect.any(Number),
        lastAttempt: expect.stringMatching(/Z$/),
        status: 'in_sync',
      },
    });
    const attached = served.vendor.commands.filter(({ kind }) => kind === 'AttachOnArrival').at(-1);
    expect(attached?.attributes).toMatchObject({ interactionId: id, dtmfSequence: '["1","3","0"]' });
    expect(served.errors).toEqual([]);
  });

  it('tells nobody the token that redeems, neither in answers nor in clear columns', async () => {
    await using served = await running();
    const id = await served.open('conv-1');
    await ask(served, id);
    await phase(served, id, 'confirming');
    const token = tokenOf(served);
    expect(Buffer.from(token, 'base64url')).toHaveLength(16);
    const paths = [
      `/v1/interactions/${id}/handoffs/1`,
      `/v1/interactions/${id}`,
      `/v1/interactions/${id}/journal?masked=true`,
    ];
    for (const path of paths) expect((await served.get(path)).text).not.toContain(token);
    expect(JSON.stringify(served.log)).not.toContain(token);
  });

  it('is the same transfer when it is asked for again, and another request under its key is refused', async () => {
    await using served = await running();
    const id = await served.open('conv-1');
    const key = { 'idempotency-key': 'k-1' };
    const first = await ask(served, id, {}, key);
    expect((await ask(served, id, {}, key)).body.id).toBe(first.body.id);
    const other = await ask(served, id, { to: AGENT }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    const second = await ask(served, id);
    expect([second.status, second.body.code, second.body.handoffId]).toEqual([
      409,
      'handoff-in-progress',
      first.body.id,
    ]);
    expect(served.vendor.commands.filter(({ kind }) => kind === 'CheckTransfer')).toHaveLength(1);
  });

  it('for an agent who is asked to keep free goes on when they have taken that, and frees them when the call has come', async () => {
    await using base = await serve();
    const { parts } = base;
    const { policy } = parts.transfers;
    const site = policy.sites[CXONE];
    if (!site) throw new Error('nothing goes there');
    const sites = { ...policy.sites, [CXONE]: { ...site, asksAgents: true } };
    await using served = await serve({ transfers: { ...parts.transfers, policy: { ...policy, sites } } });
    await served.runner.start({ recovering: false });
    served.vendor.crossing.asked = 'asked';
    const id = await served.open('conv-1');
    await ask(served, id, { to: AGENT });
    await served.clock.advance(1_000);
    expect(await read(served, id)).toMatchObject({ phase: 'preparing', offer: null });
    served.vendor.crossing.asked = 'taken';
    await phase(served, id, 'confirming');
    expect(await read(served, id)).toMatchObject({ offer: { kind: 'entry-script' } });
    const freed = () => served.vendor.commands.filter(({ kind }) => kind === 'Release') as readonly unknown[];
    expect(freed()).toEqual([]);
    expect((await redeem(served)).body).toMatchObject({ found: 'true', targetAgentId: '4492', agentAsked: 'true' });
    await served.clock.advance(100);
    expect(freed()).toMatchObject([{ reservation: { kind: 'placeholder', key: `${id}.1`, id: '900' } }]);
  });

  it('for an agent has no queue', async () => {
    await using served = await running();
    const id = await served.open('conv-1');
    const { body } = await ask(served, id, { to: AGENT });
    expect(body).toMatchObject({ to: AGENT, queue: null });
  });

  it.each([
    ['nobody', { platform: CXONE }],
    ['both', { platform: CXONE, queue: 'Claims', agentId: '4492' }],
  ])('refuses a target that names %s', async (_, to) => {
    await using served = await running();
    const { status, body } = await ask(served, await served.open('conv-1'), { to });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toEqual([{ path: 'to', message: 'give exactly one of agentId and queue' }]);
  });

  it.each([
    ['a number for the agent', { to: { platform: CXONE, agentId: 4492 } }],
    ['no type', { transferType: undefined }],
    ['an unknown type', { transferType: 'attended' }],
    ['no initiator', { initiatedBy: undefined }],
    ['a hold of more than five minutes', { holdDurationLimitSec: 301 }],
    ['a hold of no time', { holdDurationLimitSec: 0 }],
    ['a field of its own', { token: 'mine' }],
  ])('refuses %s', async (_, more) => {
    await using served = await running();
    const { status, body } = await ask(served, await served.open('conv-1'), more);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it('takes the hold from the configuration where the request has none, up to five minutes where it has', async () => {
    await using served = await running();
    const held = async (conversation: string, more: Json) => {
      const id = await served.open(conversation);
      await ask(served, id, more);
      await phase(served, id, 'confirming');
      return served.vendor.commands.filter(({ kind }) => kind === 'Reserve').at(-1) as unknown as Json;
    };
    expect(await held('conv-1', {})).toMatchObject({ holdLimitMs: 30_000 });
    expect(await held('conv-2', { holdDurationLimitSec: 300 })).toMatchObject({ holdLimitMs: 300_000 });
  });

  it('refuses a platform that takes part in no transfers, and names those that do', async () => {
    await using served = await running();
    const { status, body } = await ask(served, await served.open('conv-1'), { to: { platform: 'five9', queue: 'x' } });
    expect([status, body.code, body.platforms]).toEqual([400, 'unknown-platform', [GENESYS, CXONE]]);
  });

  it('refuses a type that the platform which lets go is not to do', async () => {
    const base = await serve();
    await using _ = base;
    const transfers = { ...base.parts.transfers, types: { [GENESYS]: ['blind'] as const } };
    await using served = await serve({ transfers });
    const id = await served.open('conv-1');
    const { status, body } = await ask(served, id, { transferType: 'warm' });
    expect([status, body.code, body.supported]).toEqual([400, 'transfer-type-not-supported', ['blind']]);
    expect((await ask(served, id)).status).toBe(202);
  });

  it.each([
    ['the agent is busy', { free: 'no', code: 'agent-busy' }, 'agent-busy'],
    ['nobody is staffed', { free: 'no', code: 'queue-unstaffed' }, 'queue-unstaffed'],
  ] as const)('settles refused where %s, and lets nothing go (H3)', async (_, target, reason) => {
    await using served = await running();
    served.vendor.crossing.target = target;
    const id = await served.open('conv-1');
    const { status, body } = await ask(served, id, {}, { prefer: 'wait=5' });
    expect([status, body.outcome, body.reason]).toEqual([200, 'refused', reason]);
    expect(served.vendor.commands.map(({ kind }) => kind)).not.toContain('TransferAway');
  });

  it('settles refused where every entry number is lent, and gives a number back when it has settled', async () => {
    await using served = await running();
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => served.open(name)));
    for (const id of ids.slice(0, 2)) {
      await ask(served, id);
      await phase(served, id, 'confirming');
    }
    const third = ids[2] as InteractionId;
    const { body } = await ask(served, third, {}, { prefer: 'wait=5' });
    expect([body.outcome, body.reason]).toEqual(['refused', 'no-entry-number-free']);
    served.vendor.crossing.across.set('77', 'queue');
    await redeem(served);
    await phase(served, ids[0] as InteractionId, 'completed');
    await served.clock.advance(5_000);
    await ask(served, third);
    for (let turn = 0; turn < 20; turn += 1) await served.clock.advance(100);
    expect((await read(served, third, 2)).offer).not.toBeNull();
  });

  it('carries its manifest behind a reference', async () => {
    await using served = await running();
    const id = await served.open('conv-1');
    const { body } = await ask(served, id, { manifest: { agent_briefing: 'Be kind.', trigger: 'CustomerRequested' } });
    expect(body.briefing).toBe('Be kind.');
    expect((await served.get(`/v1/manifests/${body.manifestRef}`)).body).toMatchObject({ agent_briefing: 'Be kind.' });
  });
});

describe('POST …/handoffs/{n}/complete', () => {
  const consulting = async (served: Served) => {
    const id = await served.open('conv-1');
    await ask(served, id, { transferType: 'consultative', to: AGENT });
    await phase(served, id, 'confirming');
    served.vendor.crossing.across.set('77', 'agent');
    expect((await redeem(served)).body).toMatchObject({ found: 'true', targetAgentId: '4492' });
    await phase(served, id, 'offered');
    return id;
  };

  it('joins the customer when the agent says so', async () => {
    await using served = await running();
    const id = await consulting(served);
    const { status, body } = await served.post(`/v1/interactions/${id}/handoffs/1/complete`, { accept: true });
    // One more look, since the other agent may have gone meanwhile.
    expect([status, body.phase]).toEqual([202, 'offered']);
    await phase(served, id, 'completed');
    expect(served.vendor.commands).toContainEqual(expect.objectContaining({ kind: 'EndConsult', accept: true }));
  });

  it('leaves the customer where they are when the agent does not', async () => {
    await using served = await running();
    const id = await consulting(served);
    await served.post(`/v1/interactions/${id}/handoffs/1/complete`, { accept: false });
    served.vendor.crossing.across.delete('77');
    await phase(served, id, 'declined');
    expect(await read(served, id)).toMatchObject({ outcome: 'declined', reason: 'declined-by-agent' });
  });

  it('is refused where nobody consults, where nothing is known, and without a verdict', async () => {
    await using served = await running();
    const id = await served.open('conv-1');
    await ask(served, id);
    await phase(served, id, 'confirming');
    const complete = (n: string, body: Json) => served.post(`/v1/interactions/${id}/handoffs/${n}/complete`, body);
    const early = await complete('1', { accept: true });
    expect([early.status, early.body.code]).toEqual([409, 'nothing-to-complete']);
    const unknown = await complete('9', { accept: true });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'handoff-not-found']);
    for (const body of [{}, { accept: 'yes' }, { accept: true, why: 'x' }]) {
      expect((await complete('1', body)).body.code).toBe('invalid-request');
    }
  });
});

describe('what is shown of a transfer', () => {
  const across = async (served: Served) => {
    const id = await served.open('conv-1', { context: { intent: 'claim' } });
    await ask(served, id, { to: AGENT });
    await phase(served, id, 'confirming');
    served.vendor.crossing.across.set('77', 'agent');
    await redeem(served);
    await phase(served, id, 'completed');
    return id;
  };

  it('is a vCon that leads from one conversation to the other', async () => {
    await using served = await running();
    const { text } = await served.get(`/v1/interactions/${await across(served)}/vcon`);
    const { dialog, parties } = JSON.parse(text);
    expect(dialog).toMatchObject([
      { application: GENESYS, interaction_id: 'conv-1' },
      { application: CXONE, interaction_id: '77' },
      { type: 'transfer', original: 0, target_dialog: 1 },
    ]);
    expect(parties[dialog[2].transfer_target]).toEqual({ type: 'person', role: 'agent', uuid: '4492' });
  });

  it('is the briefing for whoever takes part in either conversation', async () => {
    await using served = await running();
    await across(served);
    for (const [platform, conversationId] of [
      [GENESYS, 'conv-1'],
      [CXONE, '77'],
    ] as const) {
      const found = await handoffsIn(served.parts, { platform, conversationId } as never);
      expect(found.map(({ handoff }) => handoff.kind)).toEqual(['transfer']);
    }
  });
});

describe('the audit of a transfer', () => {
  /** As long as CXone's are, and as telephone numbers are. */
  const CONTACT = '700000000077';

  it('is answered from clear columns alone, after an erasure too (seed 002 §4)', async () => {
    await using served = await running();
    const id = await served.open('conv-1', {
      customer: { phone: '+14155551234' },
      context: { accountNumber: '4111 1111 1111 1111', complianceFlags: ['pci_dss'] },
    });
    await ask(served, id, { to: AGENT });
    await phase(served, id, 'confirming');
    served.vendor.crossing.across.set(CONTACT, 'agent');
    await redeem(served, { conversationId: CONTACT });
    await phase(served, id, 'completed');
    await served.post('/v1/erasures', { phone: '+14155551234' });
    const { body, text } = await served.get(`/v1/interactions/${id}/journal?masked=true`);
    const events = body.events as { type: string; at: string; body: Json }[];
    const settled = events.find(({ type }) => type === 'HandoffSettled');
    expect(settled?.at).toMatch(/Z$/);
    expect(settled?.body).toMatchObject({
      handoffId: `${id}.1`,
      kind: 'transfer',
      outcome: 'completed',
      platform: GENESYS,
      sourceRef: 'conv-1',
      to: CXONE,
      destinationRef: CONTACT,
      sourceAgentId: 'agent-7',
      targetAgentId: '4492',
      destinationAgentId: '4492',
      transferType: 'blind',
      initiatedBy: 'agent',
      piiMasked: true,
      cycle: 1,
    });
    const bodyOf = (type: string) => events.find((event) => event.type === type)?.body;
    expect(bodyOf('ReservationRedeemed')).toMatchObject({
      rung: 'number',
      destinationRef: CONTACT,
      platform: expect.any(String),
    });
    expect(bodyOf('TransferChecked')).toMatchObject({ sourceAgentId: 'agent-7', piiMasked: true });
    expect(bodyOf('ChoreDone')).toMatchObject({
      handoffId: `${id}.1`,
      to: CXONE,
      reservationId: `${id}.1`,
      ended: 'released',
    });
    expect(bodyOf('PlaceReserved')).toMatchObject({
      reservationId: `${id}.1`,
      validUntil: expect.stringMatching(/Z$/),
    });
    expect(bodyOf('DestinationReached')).toMatchObject({
      sourceState: 'completed',
      destinationState: 'active',
      expectedState: 'active',
      retries: expect.any(Number),
      lastAttempt: expect.stringMatching(/Z$/),
      status: 'in_sync',
    });
    for (const secret of ['4111', '+14155551234', LOBBY.name]) expect(text).not.toContain(secret);
    expect((await served.journal.verify()).ok).toBe(true);
  });
});
