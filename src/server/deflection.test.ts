// Tests what a call's flow and a customer's device are told on the way from the call to a digital channel (seed 000): its four edge cases and three
// traps, each by name.

import { describe, expect, it, vi } from 'vitest';
import {
  ANI,
  CALL,
  claim,
  deflect,
  FLOW,
  restored,
  takenBy,
  tell,
  tokenOf,
} from '../../test/contract/deflection-stage.ts';

import { RECEIPT_WAIT_MS } from '../../test/contract/instant-reach.ts';
import { GENESYS, type Served, serve } from '../../test/contract/served.ts';
import type { InteractionId } from '../ids.ts';
import { whole } from '../protocols/interaction.ts';

const kinds = (served: Served) => served.vendor.commands.map(({ kind }) => kind);
const stateOf = async (served: Served, id: InteractionId) => whole((await served.runner.read(id))?.state);
const status = (served: Served, handoffId: string) => served.post('/v1/flows/status', { ...CALL, handoffId });
const device = (served: Served, token: string, body: object) => served.post(`/v1/claims/${token}`, body);

describe('POST /v1/flows/deflect', () => {
  it('marks the call, sends the link and says so', async () => {
    await using served = await serve();
    const { answer, id, token } = await deflect(served);
    expect(answer).toEqual({
      ok: true,
      handoffId: `${id}.1`,
      correlationId: id,
      smsStatus: 'sent',
      expiresAt: new Date(served.clock.now() + 60 * 60_000).toISOString(),
    });
    expect(kinds(served)).toEqual(['WriteContext', 'SendSms']);
    expect(served.vendor.commands[0]?.attributes).toMatchObject({ correlationId: id, deflectionChannel: 'sms' });
    expect(served.vendor.commands[1]).toMatchObject({
      to: ANI,
      ref: `${id}.1.0`,
      text: expect.stringContaining(token),
    });
  });

  it('gives the same offer to the same question, and texts once', async () => {
    await using served = await serve();
    const first = await deflect(served);
    const again = await deflect(served);
    expect(again.answer).toEqual(first.answer);
    expect(kinds(served).filter((kind) => kind === 'SendSms')).toHaveLength(1);
  });

  it.each([
    ['anonymous', 'no-number'],
    ['', 'no-number'],
    ['+442079460000', 'landline'],
    ['+18005550199', 'landline'],
  ])('keeps the caller where the ani is %j', async (ani, reason) => {
    await using served = await serve();
    const { body } = await served.post('/v1/flows/deflect', { ...FLOW, ani });
    expect(body).toMatchObject({ ok: false, smsStatus: 'failed', reason });
    expect(kinds(served)).toEqual([]);
  });

  it('says after 2.5 seconds that nothing is known yet, and does not let the flow wait longer', async () => {
    await using served = await serve();
    served.vendor.held.add('SendSms');
    const asked = served.post('/v1/flows/deflect', FLOW);
    while (!kinds(served).includes('SendSms')) await new Promise((resolve) => setImmediate(resolve));
    await served.clock.advance(2_500);
    expect((await asked).body).toMatchObject({ ok: true, smsStatus: 'unconfirmed' });
  });

  it('is a branch for the flow where the interaction is at something else', async () => {
    await using served = await serve();
    served.vendor.held.add('TransferToQueue');
    const id = await served.open(CALL.conversationId, { customer: { phone: ANI } });
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation', queue: 'General_Support' });
    const { status: code, body } = await served.post('/v1/flows/deflect', FLOW);
    expect([code, body]).toEqual([200, { ok: false, reason: 'handoff-in-progress' }]);
  });
});

describe('POST /v1/interactions/{id}/handoffs, kind deflection', () => {
  it('shows how the message fares, never the link, the number or the text', async () => {
    await using served = await serve();
    const id = await served.open('c-1', { customer: { phone: ANI } });
    const asked = { kind: 'deflection', channel: 'sms', ttlMinutes: 90, source: 'park' };
    const made = await served.post(`/v1/interactions/${id}/handoffs`, asked, { 'idempotency-key': 'k' });
    expect(made.status).toBe(202);
    const again = await served.post(`/v1/interactions/${id}/handoffs`, asked, { 'idempotency-key': 'k' });
    expect(again.body.id).toBe(made.body.id);
    await takenBy(served, id, 0);
    const { body, text } = await served.get(made.headers.get('location') ?? '');
    const expiresAt = new Date(served.clock.now() + 90 * 60_000).toISOString();
    const offer = { kind: 'link', expiresAt, smsStatus: 'sent', source: 'park', claimed: false, claimedAt: null };
    expect(body).toMatchObject({ kind: 'deflection', phase: 'preparing', queue: null, offer });
    const token = await tokenOf(served, id, body.id as never);
    expect(token).toMatch(/^[\w-]{22}$/);
    for (const secret of [token, ANI, 'continue here']) expect(text).not.toContain(secret);
    const stands = await served.get(`/v1/interactions/${id}`);
    expect(stands.body.handoff).toMatchObject({ id: body.id, phase: 'preparing' });
    const listed = await served.get('/v1/interactions?phase=preparing');
    expect(listed.body.entities).toMatchObject([{ id }]);
    const masked = await served.get(`/v1/interactions/${id}/journal?masked=true`);
    for (const secret of [token, ANI, 'continue here']) expect(masked.text).not.toContain(secret);
  });

  it('is refused without a number, and beside another link', async () => {
    await using served = await serve();
    const id = await served.open('c-1');
    const asked = { kind: 'deflection', channel: 'sms', source: 'park' };
    const { status: code, body } = await served.post(`/v1/interactions/${id}/handoffs`, asked, { prefer: 'wait=1' });
    expect([code, body.outcome, body.reason]).toEqual([200, 'refused', 'no-number']);
    const first = await served.post(`/v1/interactions/${id}/handoffs`, { ...asked, to: ANI });
    const second = await served.post(`/v1/interactions/${id}/handoffs`, { ...asked, to: ANI });
    expect([second.status, second.body.code, second.body.handoffId]).toEqual([
      409,
      'handoff-in-progress',
      first.body.id,
    ]);
  });

  it('can be cancelled until it is claimed: the link is over then', async () => {
    await using served = await serve();
    const { id, token } = await deflect(served);
    const { body } = await served.post(`/v1/interactions/${id}/handoffs/1/cancel`);
    expect([body.outcome, body.reason]).toEqual(['cancelled', 'cancelled-by-request']);
    expect((await claim(served, token)).body).toMatchObject({ found: false, state: 'expired' });
  });
});

describe('edge case 1: the link is opened more than once', () => {
  it('has one winner among devices; the winner comes back, another is told where to move it (H7)', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    const first = await device(served, token, { device: 'phone' });
    expect(first.body).toMatchObject({
      state: 'active',
      interactionId: id,
      context: { intent: 'billing_dispute', authenticationStatus: 'verified' },
      resume: { channel: 'webchat', url: `https://handoff.example.com/c/${token}` },
    });
    expect((await device(served, token, { device: 'phone' })).body).toEqual(first.body);
    const other = await device(served, token, { device: 'laptop' });
    expect([other.status, other.body.code]).toEqual([409, 'claim-already-active']);
    expect(other.body.moveUrl).toContain(`/c/${token}`);
    expect((await device(served, token, { device: 'laptop', move: true })).status).toBe(200);
    expect((await device(served, token, { device: 'phone' })).status).toBe(409);
  });

  it('has one winner among the conversations of eight devices at once, and never two interactions', async () => {
    await using served = await serve();
    for (let race = 0; race < 25; race += 1) {
      const { token, id } = await deflect(served, { conversationId: `conv-voice-${race}` });
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => claim(served, token, `conv-digital-${race}-${n}`)),
      );
      const won = answers.filter(({ body }) => body.state === 'claimed');
      const lost = answers.filter(({ body }) => body.state === 'already_active');
      expect([won.length, lost.length]).toEqual([1, 7]);
      const { legs } = await stateOf(served, id);
      const winner = legs.filter(({ channel }) => channel === 'message').map(({ externalId }) => externalId);
      expect(new Set(lost.map(({ body }) => body.activeConversationId))).toEqual(new Set(winner));
    }
  });

  it('gives a flow the same answer when it asks again', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    const first = await claim(served, token);
    await restored(served, id);
    expect((await claim(served, token)).body).toEqual(first.body);
    expect(kinds(served).filter((kind) => kind === 'WriteContext')).toHaveLength(2);
  });
});

describe('edge case 2: the bot’s sessions on both channels belong together', () => {
  it('gives both channels our one id, by which sessions are named and found', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    const { body } = await claim(served, token);
    await restored(served, id);
    expect([body.correlationId, body.interactionId]).toEqual([id, id]);
    expect(served.vendor.commands.filter(({ kind }) => kind === 'WriteContext')).toMatchObject([
      { externalId: 'conv-voice-1', attributes: { correlationId: id }, tag: id },
      { externalId: 'conv-digital-1', attributes: { interactionId: id }, tag: id },
    ]);
  });
});

describe('edge case 3: what is kept can be erased', () => {
  it('erases by the number: the link is unknown then, in any form, and a STOP stays', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    await claim(served, token);
    await served.parts.claims.find(token);
    expect((await served.post('/v1/erasures', { phone: ANI })).body.interactions).toBe(1);
    expect(await served.parts.claims.find(token)).toBeNull();
    expect((await claim(served, token)).body).toEqual({ found: false, state: 'unknown' });
    expect((await served.get(`/v1/claims/${token}/context`)).body).toEqual({ found: false, reason: 'claim-unknown' });
    expect((await device(served, token, { device: 'phone' })).status).toBe(404);
    expect((await served.get(`/v1/interactions/${id}`)).body.erased).toBe(true);
  });

  it('overwrites what both conversations were told', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    await claim(served, token);
    await restored(served, id);
    const { body } = await served.post('/v1/erasures', { phone: ANI });
    const { text, body: certificate } = await served.get(`/v1/erasures/${body.id}`);
    const [{ vendorCopies }] = certificate.interactions as [
      { vendorCopies: { conversationId: string; what: string }[] },
    ];
    expect(vendorCopies.map(({ conversationId, what }) => `${conversationId} ${what}`).toSorted()).toEqual([
      'conv-digital-1 attributes',
      'conv-digital-1 tag',
      'conv-voice-1 attributes',
      'conv-voice-1 tag',
    ]);
    for (const personal of [ANI, 'ACC-98765', token]) expect(text).not.toContain(personal);
  });

  it('keeps no link longer than a day', async () => {
    await using served = await serve();
    const id = await served.open('c-1', { customer: { phone: ANI } });
    const asked = { kind: 'deflection', channel: 'sms', source: 'park', ttlMinutes: 24 * 60 + 1 };
    const { status: code, body } = await served.post(`/v1/interactions/${id}/handoffs`, asked);
    expect([code, body.code]).toEqual([400, 'invalid-request']);
  });
});

describe('edge case 4: the message is not delivered', () => {
  it('never lets go of the call before the receipt, and then it does', async () => {
    await using served = await serve();
    const sent = await deflect(served, { source: 'disconnect' });
    expect((await status(served, sent.handoffId)).body).toMatchObject({
      ok: true,
      phase: 'preparing',
      outcome: null,
      smsStatus: 'sent',
      mayRelease: false,
    });
    expect(kinds(served)).not.toContain('CloseLeg');
    await tell(served, sent, 'delivered');
    expect((await status(served, sent.handoffId)).body).toMatchObject({
      phase: 'offered',
      smsStatus: 'delivered',
      mayRelease: true,
    });
    expect(kinds(served)).toContain('CloseLeg');
  });

  it('tries the next route when one fails, and keeps the caller when none is left; a person is told', async () => {
    await using served = await serve();
    const sent = await deflect(served, { source: 'disconnect' });
    await tell(served, sent, 'failed', 0);
    await takenBy(served, sent.id, 1);
    expect(served.vendor.commands.filter(({ kind }) => kind === 'SendSms')).toMatchObject([
      { route: 'twilio' },
      { route: 'vonage', ref: `${sent.handoffId}.1` },
    ]);
    await tell(served, sent, 'failed', 1);
    expect((await status(served, sent.handoffId)).body).toMatchObject({
      phase: 'settled',
      outcome: 'compensated',
      smsStatus: 'failed',
      mayRelease: false,
      reason: 'sms-not-delivered',
    });
    expect(kinds(served)).not.toContain('CloseLeg');
    expect(kinds(served)).toContain('RaiseAlert');
    // The same caller may be offered another.
    expect((await deflect(served)).answer).toMatchObject({ ok: true, handoffId: `${sent.id}.2` });
  });

  it('takes silence for unconfirmed: the caller stays parked, and the link stands', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    for (const route of [0, 1]) {
      await takenBy(served, sent.id, route);
      await served.clock.advance(RECEIPT_WAIT_MS + 1);
      await served.runner.submit(sent.id, { kind: 'due', actor: 'throughline', chance: 0.5 });
    }
    expect((await status(served, sent.handoffId)).body).toMatchObject({ smsStatus: 'unconfirmed', mayRelease: false });
    expect((await claim(served, sent.token)).body.state).toBe('claimed');
  });

  it('is told of another’s handoff to nobody', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    await served.open('c-2');
    const asked = { platform: GENESYS, conversationId: 'c-2', handoffId: sent.handoffId };
    expect((await served.post('/v1/flows/status', asked)).body).toEqual({ ok: false, reason: 'handoff-not-found' });
  });
});

describe('the trap of the ANI as the key', () => {
  it('believes no number that comes with a link: who has the link has the context, whatever they call themselves', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    const { body } = await claim(served, token, 'conv-digital-1', { ani: '+14155559999', accountId: 'ACC-00001' });
    expect(body).toMatchObject({
      found: true,
      state: 'claimed',
      originalAni: ANI,
      voiceConversationId: 'conv-voice-1',
      intentAtDeflection: 'billing_dispute',
      authenticationStatus: 'verified',
      accountId: 'ACC-98765',
      ttlSeconds: 3_600,
    });
    expect((await stateOf(served, id)).customer.phone).toBe(ANI);
  });

  it('finds nothing by the caller’s number alone', async () => {
    await using served = await serve();
    await deflect(served);
    const { body } = await claim(served, ANI.slice(1).padEnd(22, '0'), 'conv-digital-1', { ani: ANI });
    expect(body).toEqual({ found: false, state: 'unknown' });
  });

  it('mints 128 random bits for each link, and keeps only their hash', async () => {
    await using served = await serve();
    const tokens = new Set<string>();
    for (let n = 0; n < 20; n += 1) tokens.add((await deflect(served, { conversationId: `c-${n}` })).token);
    expect(tokens.size).toBe(20);
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url')).toHaveLength(16);
      const found = await served.parts.claims.find(token);
      expect(JSON.stringify(found)).not.toContain(token);
    }
  });
});

describe('the trap of a short life', () => {
  it('stands for an hour by default, through a meeting, and says so when its time is over', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    await tell(served, sent, 'delivered');
    await served.clock.advance(55 * 60_000);
    expect((await served.get(`/v1/claims/${sent.token}/context`)).body).toMatchObject({
      found: true,
      originalAni: ANI,
      ttlSeconds: 3_600,
    });
    await served.clock.advance(6 * 60_000);
    expect((await served.get(`/v1/claims/${sent.token}/context`)).body).toEqual({
      found: false,
      reason: 'claim-expired',
    });
    expect((await claim(served, sent.token)).body).toMatchObject({ found: false, state: 'expired' });
    const late = await device(served, sent.token, { device: 'phone' });
    expect([late.status, late.body.code]).toEqual([410, 'claim-expired']);
  });

  it('lets who has claimed come back after that time', async () => {
    await using served = await serve();
    const { token } = await deflect(served);
    await device(served, token, { device: 'phone' });
    await served.clock.advance(2 * 60 * 60_000);
    expect((await device(served, token, { device: 'phone' })).status).toBe(200);
  });

  it('purges what is marked as sensitive once the first use has had it', async () => {
    await using base = await serve();
    const deflections = {
      ...base.parts.deflections,
      policy: { ...base.parts.deflections.policy, purge: ['accountNumber'] },
    };
    await using served = await serve({ deflections });
    const { token, id } = await deflect(served);
    expect((await served.get(`/v1/claims/${token}/context`)).body.accountId).toBe('ACC-98765');
    expect((await claim(served, token)).body.accountId).toBe('ACC-98765');
    await vi.waitFor(async () => expect((await stateOf(served, id)).context).not.toHaveProperty('accountNumber'));
    expect((await claim(served, token)).body).not.toHaveProperty('accountId');
    expect((await stateOf(served, id)).masked).toContainEqual(
      expect.objectContaining({ field: 'context.accountNumber', carriedBy: 'withheld' }),
    );
  });
});

describe('the trap of two conversations in the reports', () => {
  it('is one interaction with both conversations, and the call that ends does not end it', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    await tell(served, sent, 'delivered');
    const close = { ...CALL, by: 'flow' };
    expect((await served.post('/v1/flows/close', close)).body).toMatchObject({ last: false, askSurvey: false });
    await claim(served, sent.token);
    const { legs, endedAt } = await stateOf(served, sent.id);
    expect(legs.map(({ channel, state }) => [channel, state])).toEqual([
      ['voice', 'ended'],
      ['message', 'live'],
    ]);
    expect(endedAt).toBeUndefined();
  });

  it('tells whoever takes over next which call the customer came from, and when', async () => {
    await using served = await serve();
    const { id, token } = await deflect(served);
    const { body } = await claim(served, token);
    await restored(served, id);
    const from = String.raw`deflected from voice \(call conv-voice-1\) at \d\d:\d\d UTC\. Intent: billing_dispute\.`;
    expect(body.agentContextSummary).toMatch(new RegExp(`^Customer ${from}`));
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' }, { prefer: 'wait=1' });
    const attached = served.vendor.commands.find(({ kind }) => kind === 'AttachContext');
    expect(attached).toMatchObject({
      externalId: 'conv-digital-1',
      attributes: {
        agentContextSummary: expect.stringMatching(new RegExp(`^Escalated by bot from message; ${from}`)),
      },
    });
  });

  it('asks for one wrap-up and one survey, by whoever closes last', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    await claim(served, sent.token);
    const digital = { platform: GENESYS, conversationId: 'conv-digital-1', by: 'agent' };
    const first = await served.post('/v1/flows/close', { ...CALL, by: 'flow' });
    expect(first.body).toMatchObject({ ok: true, last: false, askSurvey: false, askWrapup: false });
    const last = await served.post('/v1/flows/close', digital);
    expect(last.body).toMatchObject({ ok: true, last: true, askSurvey: true, askWrapup: true });
    expect((await served.post(`/v1/interactions/${sent.id}/wrapup`, { code: 'resolved' })).status).toBe(200);
    expect((await served.post(`/v1/interactions/${sent.id}/survey`, { score: 9 })).status).toBe(200);
    expect((await served.post(`/v1/interactions/${sent.id}/survey`, { score: 1 })).status).toBe(409);
    expect((await served.post('/v1/flows/close', digital)).body).toMatchObject({ askSurvey: false, askWrapup: false });
  });
});

describe('a conversation that claims', () => {
  it('is adopted from the interaction that its flow had begun, and not from one with an open handoff', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    const begun = await served.open('conv-digital-1', { channel: 'message' });
    expect((await claim(served, sent.token)).body).toMatchObject({ state: 'claimed' });
    expect((await stateOf(served, begun)).legs).toEqual([]);

    const other = await deflect(served, { conversationId: 'conv-voice-2' });
    const busy = await served.open('conv-digital-2', { channel: 'message' });
    served.vendor.held.add('TransferToQueue');
    await served.post(`/v1/interactions/${busy}/handoffs`, { kind: 'escalation', queue: 'General_Support' });
    const { body } = await claim(served, other.token, 'conv-digital-2');
    expect(body).toMatchObject({ found: false, reason: 'leg-busy' });
    expect((await claim(served, other.token, 'conv-digital-3')).body.state).toBe('claimed');
  });
});

describe('guessing', () => {
  it('makes an address wait after twenty wrong tokens in a minute, logged without any of them', async () => {
    await using served = await serve();
    const { token } = await deflect(served);
    const wrong = (n: number) => String(n).padStart(22, 'A');
    for (let n = 0; n < 20; n += 1) expect((await device(served, wrong(n), { device: 'd' })).status).toBe(404);
    const blocked = await device(served, token, { device: 'd' });
    expect([blocked.status, blocked.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await served.get(`/v1/claims/${token}/context`)).body).toEqual({
      found: false,
      reason: 'too-many-attempts',
    });
    expect((await claim(served, token)).body).toMatchObject({ found: false, reason: 'too-many-attempts' });
    const log = JSON.stringify(served.log);
    expect(log).toContain('claim-tokens-wrong');
    for (const said of [token, wrong(0), wrong(19)]) expect(log).not.toContain(said);
    await served.clock.advance(60_001);
    expect((await device(served, token, { device: 'd' })).status).toBe(200);
  });

  it('keeps tokens out of caches and figures, and needs the scope', async () => {
    await using served = await serve();
    const { token } = await deflect(served);
    const read = await served.get(`/v1/claims/${token}/context`);
    expect(read.headers.get('cache-control')).toBe('no-store');
    expect((await served.get('/metrics')).text).not.toContain(token);
    const key = { authorization: 'Bearer the-interactions-key' };
    expect((await served.get(`/v1/claims/${token}/context`, key)).status).toBe(403);
    expect((await served.get(`/v1/claims/${token}/context`, { authorization: 'Bearer the-claims-key' })).status).toBe(
      200,
    );
  });

  it('keeps of a device only a keyed hash', async () => {
    await using served = await serve();
    const { token, id } = await deflect(served);
    await device(served, token, { device: 'the-customers-own-phone' });
    const journal = (await served.get(`/v1/interactions/${id}/journal`)).text;
    expect(journal).toContain('OfferClaimed');
    expect(journal).not.toContain('the-customers-own-phone');
  });
});
