// Tests the call of a destination's entry: whose a call is that has come in (seed 002 §2). Always 200, flat strings, never a second winner (H7).

import { describe, expect, it } from 'vitest';
import { CLAIMS, ENTRY_NUMBERS, OVERFLOW } from '../../test/contract/instant-crossing.ts';
import { CXONE, GENESYS, type Served, serve, TRANSFERS } from '../../test/contract/served.ts';
import type { InteractionId } from '../ids.ts';

type Json = Readonly<Record<string, unknown>>;
const MINUTE_MS = 60_000;
const [FIRST = '', SECOND = ''] = ENTRY_NUMBERS;

const redeem = (served: Served, more: Json, headers: Record<string, string> = {}) =>
  served.post('/v1/flows/redeem', { platform: CXONE, conversationId: '77', ...more }, headers);

async function transferring(served: Served, conversation = 'conv-1', more: Json = {}, asked: Json = {}) {
  const id = await served.open(conversation, { customer: { phone: '+14155551234' }, ...more });
  const body = {
    kind: 'transfer',
    to: { platform: CXONE, queue: 'Claims' },
    transferType: 'blind',
    initiatedBy: 'bot',
    ...asked,
  };
  await served.post(`/v1/interactions/${id}/handoffs`, body);
  for (let turn = 0; turn < 20; turn += 1) await served.clock.advance(10);
  return id;
}

const tokenOf = (served: Served, nth = 0) =>
  String((served.vendor.commands.filter(({ kind }) => kind === 'TransferAway')[nth] as unknown as Json)?.token);
const journaled = async (served: Served, id: InteractionId) => {
  const { events } = (await served.get(`/v1/interactions/${id}/journal?masked=true`)).body as {
    events: { type: string; body: Json }[];
  };
  return events.filter(({ type }) => type === 'ReservationRedeemed').map(({ body }) => body);
};

describe('POST /v1/flows/redeem', () => {
  it('answers by the token with everything that the entry needs, in one level of strings', async () => {
    await using served = await serve();
    const id = await transferring(served, 'conv-1', {
      customer: { phone: '+14155551234', customerId: 'C-9', segment: 'enterprise' },
      context: {
        intent: 'claim',
        authenticationStatus: 'verified',
        accountNumber: 'ACC-1',
        dtmfSequence: ['1', '3', '0'],
        holdDurationSec: 42,
        attributes: { Product_Type: 'card', late: 'true', targetAgentId: 'mallory' },
      },
    });
    const { status, body } = await redeem(served, { token: tokenOf(served) });
    expect(status).toBe(200);
    expect(body).toEqual({
      found: 'true',
      foundBy: 'token',
      handoffId: `${id}.1`,
      interactionId: id,
      reservationId: `${id}.1`,
      transferType: 'blind',
      queueId: CLAIMS.id,
      skillId: CLAIMS.id,
      queueName: 'Claims',
      fallbackQueueId: OVERFLOW.id,
      fallbackSkillId: OVERFLOW.id,
      fallbackQueueName: 'Overflow',
      cardUrl: `http://localhost/card?platform=${CXONE}&conversationId=77`,
      summary: expect.stringContaining('Intent: claim.'),
      briefing: expect.any(String),
      piiMasked: 'false',
      intent: 'claim',
      authenticationStatus: 'verified',
      accountNumber: 'ACC-1',
      dtmfSequence: '["1","3","0"]',
      holdDurationSec: '42',
      customerId: 'C-9',
      segment: 'enterprise',
      Product_Type: 'card',
    });
    expect(await journaled(served, id)).toMatchObject([{ rung: 'token' }]);
    const { body: found } = await served.get(`/v1/interactions?platform=${CXONE}&externalId=77`);
    expect(found.id).toBe(id);
  });

  it.each([
    ['the number and the caller', { dnis: FIRST, ani: '+14155551234' }, 'number-and-caller'],
    [
      'the number as the platform writes it, from another caller',
      { dnis: '(415) 555-0101', ani: '+14155559999' },
      'number',
    ],
    ['the number where the token is somebody’s guess', { token: 'x'.repeat(22), dnis: FIRST }, 'number'],
    ['the caller alone', { dnis: '+14155559000', ani: 'tel:+14155551234' }, 'caller'],
  ])('recognises by %s', async (_, given, rung) => {
    await using served = await serve();
    const id = await transferring(served);
    expect((await redeem(served, given)).body).toMatchObject({ found: 'true', interactionId: id });
    expect(await journaled(served, id)).toMatchObject([{ rung }]);
  });

  it('says that something was masked, by whoever told us too (seed 002 §1)', async () => {
    await using served = await serve();
    await transferring(served, 'conv-1', {
      customer: { phone: '+14155551234', segment: 'enterprise', piiMasked: true },
    });
    expect((await redeem(served, { token: tokenOf(served) })).body).toMatchObject({ found: 'true', piiMasked: 'true' });
  });

  it('counts what was withheld of a manifest as well, to the platform and in the audit (seed 002 §1 and §4)', async () => {
    await using served = await serve();
    const manifest = { slots_collected: { diagnosis: 'asthma' } };
    const id = await transferring(served, 'conv-1', { context: { complianceFlags: ['hipaa'] } }, { manifest });
    const { body } = await redeem(served, { token: tokenOf(served) });
    expect(body).toMatchObject({ found: 'true', piiMasked: 'true' });
    expect(body.summary).toContain('Some data is masked.');
    const { events } = (await served.get(`/v1/interactions/${id}/journal?masked=true`)).body as {
      events: { type: string; body: Json }[];
    };
    expect(events.find(({ type }) => type === 'TransferRequested')?.body).toMatchObject({ piiMasked: true });
    const reserving = served.vendor.commands.find(({ kind }) => kind === 'Reserve') as unknown as Json;
    expect(reserving.context).toMatchObject({ complianceFlags: ['hipaa'], piiMasked: true });
  });

  it.each([CXONE, GENESYS])('goes by the mapping of %s, as the loss report says (H4)', async (to) => {
    const mapping = { accountNumber: 'Acct', customerId: null, authenticationStatus: 'P_Auth', intent: 'queueId' };
    const from = to === CXONE ? GENESYS : CXONE;
    const site = { ...TRANSFERS.sites[CXONE], mapping } as (typeof TRANSFERS)['sites'][typeof CXONE];
    const policy = { ...TRANSFERS, sites: { ...TRANSFERS.sites, [from]: TRANSFERS.sites[GENESYS], [to]: site } };
    const known = {
      platform: from,
      customer: { phone: '+14155551234', customerId: 'C-9', segment: 'enterprise' },
      context: { accountNumber: 'ACC-1', authenticationStatus: 'verified', intent: 'claim', sentiment: 'calm' },
    };
    for (const [given, expected] of [
      [
        { dnis: FIRST, ani: '+14155551234' },
        { Acct: 'ACC-1', P_Auth: 'verified' },
      ],
      // Whoever only dials the number is verified by nothing, whatever that is called.
      [{ dnis: FIRST, ani: '+14155559999' }, { Acct: 'ACC-1' }],
    ] as const) {
      await using served = await serve({ transfers: { policy, holdLimitMs: 30_000, types: {} } } as never);
      const id = await transferring(served, 'conv-1', known, { to: { platform: to, queue: 'Claims' } });
      const { body } = await redeem(served, { platform: to, ...given });
      expect(body).toMatchObject({ found: 'true', queueId: CLAIMS.id, ...expected });
      for (const name of ['accountNumber', 'customerId', 'authenticationStatus', 'intent', 'sentiment', 'segment'])
        expect(body).not.toHaveProperty(name);
      if (!('P_Auth' in expected)) expect(body).not.toHaveProperty('P_Auth');
      const { loss } = (await served.get(`/v1/interactions/${id}/handoffs/1`)).body as { loss: Json[] };
      const unnamed = loss.filter(({ limit }) => limit === 'no mapping').map(({ field }) => field);
      expect(unnamed).toEqual(['context.sentiment', 'customer.segment', 'customer.customerId']);
    }
  });

  it('keeps back what the mapping keeps back from the sentences, too, and from the place that is asked for', async () => {
    const mapping = { accountNumber: null, complianceFlags: null, agent_briefing: null, piiMasked: null };
    const sites = { ...TRANSFERS.sites, [CXONE]: { ...TRANSFERS.sites[CXONE], mapping } } as typeof TRANSFERS.sites;
    await using served = await serve({
      transfers: { policy: { ...TRANSFERS, sites }, holdLimitMs: 30_000, types: {} },
    } as never);
    const context = { accountNumber: 'ACC-1', intent: 'claim', complianceFlags: ['pci_dss'] };
    const id = await transferring(served, 'conv-1', { context });
    const { body } = await redeem(served, { token: tokenOf(served) });
    expect(body).toMatchObject({ found: 'true', interactionId: id, summary: expect.stringContaining('claim') });
    expect(JSON.stringify(body)).not.toContain('ACC-1');
    for (const name of ['briefing', 'piiMasked', 'complianceFlags']) expect(body).not.toHaveProperty(name);
    const reserving = served.vendor.commands.find(({ kind }) => kind === 'Reserve') as unknown as Json;
    expect(Object.keys(reserving.context as Json)).toEqual(['canonicalInteractionId', 'sourcePlatform']);
  });

  it('recognises by the reservation’s id where the call carried it', async () => {
    await using served = await serve();
    const id = await transferring(served);
    for (const reservationId of ['another', `${id}.2`, `${id}`, 'nobody.1']) {
      expect((await redeem(served, { reservationId })).body).toMatchObject({ found: 'false' });
    }
    expect((await redeem(served, { reservationId: `${id}.1` })).body.found).toBe('true');
    expect(await journaled(served, id)).toMatchObject([{ rung: 'reservation' }]);
  });

  it('gives the same answer when the same conversation asks again, by whatever', async () => {
    await using served = await serve();
    const id = await transferring(served);
    const first = (await redeem(served, { token: tokenOf(served) })).body;
    expect((await redeem(served, { token: tokenOf(served) })).body).toEqual(first);
    expect((await redeem(served, {})).body).toEqual(first);
    expect(await journaled(served, id)).toHaveLength(1);
  });

  it('gives many calls of one conversation at once the same answer, and redeems once', async () => {
    await using served = await serve();
    const id = await transferring(served);
    const answers = await Promise.all(Array.from({ length: 5 }, () => redeem(served, { dnis: FIRST })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body.found).toBe('true');
    expect(await journaled(served, id)).toHaveLength(1);
  });

  it('of two conversations with one token takes one (H7)', async () => {
    await using served = await serve();
    await transferring(served);
    const token = tokenOf(served);
    const answers = await Promise.all(
      ['77', '78'].map(async (conversationId) => (await redeem(served, { conversationId, token })).body),
    );
    expect(answers.map(({ found }) => found).toSorted()).toEqual(['false', 'true']);
    expect(answers.find(({ found }) => found === 'false')).toEqual({ found: 'false', reason: 'reservation-redeemed' });
  });

  it('tells who comes late only where somebody answers, and the same when asked again', async () => {
    await using served = await serve();
    const id = await transferring(served, 'conv-1', { context: { intent: 'claim' } });
    const token = tokenOf(served);
    await served.clock.advance(5 * MINUTE_MS);
    const late = (await redeem(served, { token })).body;
    expect(late).toMatchObject({
      found: 'true',
      late: 'true',
      interactionId: id,
      fallbackQueueName: 'Overflow',
      fallbackQueueId: OVERFLOW.id,
      intent: 'claim',
    });
    for (const name of ['queueId', 'queueName', 'targetAgentId', 'reservationId'])
      expect(late).not.toHaveProperty(name);
    expect((await redeem(served, {})).body).toEqual(late);
    expect(await journaled(served, id)).toMatchObject([{ rung: 'token', late: true }]);
  });

  it('makes nothing of a call that it does not recognise, and says why', async () => {
    await using served = await serve();
    for (const given of [
      {},
      { token: 'stale' },
      { dnis: FIRST },
      { ani: '+14155551234' },
      { token: '', dnis: '', ani: 'anonymous' },
    ]) {
      const { status, body } = await redeem(served, given);
      expect([status, body]).toEqual([200, { found: 'false', reason: 'reservation-not-recognised' }]);
    }
    expect((await served.get(`/v1/interactions?platform=${CXONE}&externalId=77`)).status).toBe(404);
    const unknown = await redeem(served, { platform: 'five9', dnis: FIRST });
    expect([unknown.status, unknown.body]).toEqual([200, { found: 'false', reason: 'unknown-platform' }]);
  });

  it('recognises a call only on the platform that it was transferred to', async () => {
    await using served = await serve();
    await transferring(served);
    const { body } = await redeem(served, { platform: GENESYS, token: tokenOf(served), dnis: FIRST });
    expect(body.found).toBe('false');
  });

  it('looks up no more tokens for who has guessed twenty, but still knows a caller by their number', async () => {
    await using served = await serve();
    const id = await transferring(served);
    for (let n = 0; n < 20; n += 1) await redeem(served, { token: `guess-${n}` });
    expect((await redeem(served, { token: tokenOf(served) })).body.found).toBe('false');
    expect(served.log).toContainEqual({
      level: 'warn',
      code: 'redeem-tokens-wrong',
      detail: `${CXONE}: by api:admin-key`,
    });
    expect(JSON.stringify(served.log)).not.toMatch(/guess-|[\w-]{22}(?![\w-])/);
    expect((await redeem(served, { token: 'guess-21', dnis: FIRST })).body).toMatchObject({
      found: 'true',
      interactionId: id,
    });
    await served.clock.advance(MINUTE_MS + 1);
    expect((await redeem(served, { conversationId: '79', token: 'guess-22' })).body.reason).toBe(
      'reservation-not-recognised',
    );
  });

  it('takes the conversation along from an interaction that its platform’s flow had opened for it', async () => {
    await using served = await serve();
    const id = await transferring(served);
    await served.post('/v1/interactions', { platform: CXONE, externalId: '77', channel: 'voice' });
    expect((await redeem(served, { dnis: FIRST })).body).toMatchObject({ found: 'true', interactionId: id });
    const { body } = await served.get(`/v1/interactions?platform=${CXONE}&externalId=77`);
    expect(body.id).toBe(id);
  });

  it('knows each caller by the number that was lent for them', async () => {
    await using served = await serve();
    const one = await transferring(served, 'conv-1');
    const two = await transferring(served, 'conv-2', { customer: { phone: '+14155554321' } });
    expect((await redeem(served, { conversationId: '78', dnis: SECOND })).body.interactionId).toBe(two);
    expect((await redeem(served, { conversationId: '77', dnis: FIRST })).body.interactionId).toBe(one);
  });

  it('may be called with the scope claims or handoffs, and with no other', async () => {
    await using served = await serve();
    await transferring(served);
    const by = async (key: string) =>
      (await redeem(served, { token: 'x' }, { authorization: `Bearer the-${key}-key` })).status;
    expect(await Promise.all(['claims', 'handoffs', 'manifests', 'interactions'].map(by))).toEqual([
      200, 200, 403, 403,
    ]);
  });

  it('answers in time when the journal is slow, and the answer is there when it is asked again', async () => {
    await using served = await serve();
    const id = await transferring(served);
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { entries } = served.parts;
    const slow = {
      ...served.parts,
      entries: Object.assign(Object.create(entries), { find: (what: never) => gate.then(() => entries.find(what)) }),
    };
    const { buildServer } = await import('./app.ts');
    const app = buildServer(slow);
    const ask = () =>
      app.request('/v1/flows/redeem', {
        method: 'POST',
        headers: { authorization: 'Bearer the-admin-key', 'content-type': 'application/json' },
        body: JSON.stringify({ platform: CXONE, conversationId: '77', dnis: FIRST }),
      });
    const asked = ask();
    for (let turn = 0; turn < 10; turn += 1) await served.clock.advance(300);
    expect(await (await asked).json()).toEqual({ found: 'false', reason: 'still-looking' });
    open();
    await served.clock.advance(1);
    expect(await (await ask()).json()).toMatchObject({ found: 'true', interactionId: id });
  });
});
