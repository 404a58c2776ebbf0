// Tests what an agent's card reads of its conversation, and the receipt it leaves.

import { describe, expect, it } from 'vitest';
import { cardStage } from '../../test/contract/card-stage.ts';
import { GENESYS, MANIFEST_TTL_MS } from '../../test/contract/served.ts';

type Stage = Awaited<ReturnType<typeof cardStage>>;
const MANIFEST = {
  trigger: 'CustomerRequested',
  slots_collected: { account_number: 'ACC-987654' },
  sentiment_trend: 'NEGATIVE_ESCALATING',
  own: { z: 1, a: [null] },
};
const briefingOf = (conversationId: string) => `/card/briefing?platform=${GENESYS}&conversationId=${conversationId}`;

/** Sam, signed in for a conversation that rings. */
async function signedIn(stage: Stage, name = 'Sam', queue = 'General_Support') {
  const agent = await stage.agent(name, [queue]);
  const conversationId = await stage.ring(queue);
  const userToken = await stage.signIn(agent);
  const { status } = await stage.visit('POST', '/card/session', { platform: GENESYS, conversationId, userToken });
  expect(status).toBe(201);
  return { conversationId, userToken, agent };
}

async function escalated({ served }: Stage, conversationId: string, manifest: object | null = MANIFEST) {
  const id = await served.open(conversationId, { customer: { name: 'Ada' }, context: { intent: 'billing' } });
  const asked = { kind: 'escalation', queue: 'General_Support', ...(manifest && { manifest }) };
  const { body } = await served.post(`/v1/interactions/${id}/handoffs`, asked, { prefer: 'wait=10' });
  return { id, handoffId: String(body.id), ref: String(body.manifestRef) };
}

describe('GET /card/briefing', () => {
  it('is what the bot said, verbatim, with what was known, and the way here', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const { id, handoffId, ref } = await escalated(stage, conversationId);
    const { status, body, text, headers } = await stage.visit('GET', briefingOf(conversationId));
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(text).toContain(JSON.stringify(MANIFEST));
    expect(body).toMatchObject({
      ref,
      interactionId: id,
      whole: { context: { intent: 'billing' }, customer: { name: 'Ada' } },
      handoff: {
        id: handoffId,
        queue: 'General_Support',
        requestedAt: '2026-11-20T00:00:00.000Z',
        reason: 'requested',
      },
      loss: [],
      expiresAt: '2026-11-21T00:00:00.000Z',
    });
    expect(body.journey).toEqual([
      { at: '2026-11-20T00:00:00.000Z', what: 'contact-started', by: 'customer' },
      { at: '2026-11-20T00:00:00.000Z', what: 'escalation-requested', by: 'bot' },
      { at: '2026-11-20T00:00:00.000Z', what: 'context-attached', by: 'throughline' },
      { at: '2026-11-20T00:00:00.000Z', what: 'transfer-accepted', by: 'throughline' },
      { at: '2026-11-20T00:00:00.000Z', what: 'handoff-completed', by: 'platform' },
      { at: '2026-11-20T00:00:00.000Z', what: 'with-queue', by: 'queue' },
    ]);
  });

  it('is there while the handoff is still under way', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    stage.served.vendor.held.add('TransferToQueue');
    const id = await stage.served.open(conversationId);
    await stage.served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation', manifest: MANIFEST });
    expect((await stage.visit('GET', briefingOf(conversationId))).body.manifest).toEqual(MANIFEST);
  });

  it('is not there yet before a handoff: the card asks again', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const early = await stage.visit('GET', briefingOf(conversationId));
    expect([early.status, early.body.code]).toEqual([404, 'no-briefing-yet']);
    await stage.served.open(conversationId);
    expect((await stage.visit('GET', briefingOf(conversationId))).body.code).toBe('no-briefing-yet');
  });

  it('is of the newest handoff, or of the one whose reference is named', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    stage.served.vendor.transfersShow = false;
    const id = await stage.served.open(conversationId);
    const path = `/v1/interactions/${id}/handoffs`;
    const first = await stage.served.post(
      path,
      { kind: 'escalation', queue: 'Nowhere', manifest: { trigger: 'one' } },
      { prefer: 'wait=1' },
    );
    const second = await stage.served.post(path, { kind: 'escalation', manifest: { trigger: 'two' } });
    expect(second.status).toBe(202);
    expect((await stage.visit('GET', briefingOf(conversationId))).body.manifest).toEqual({ trigger: 'two' });
    const named = await stage.visit('GET', `${briefingOf(conversationId)}&ref=${first.body.manifestRef}`);
    expect(named.body.manifest).toEqual({ trigger: 'one' });
    expect((await stage.visit('GET', `${briefingOf(conversationId)}&ref=other`)).body.code).toBe('no-briefing-yet');
  });

  it('is an empty manifest where the bot gave none', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    await escalated(stage, conversationId, null);
    const { status, body } = await stage.visit('GET', briefingOf(conversationId));
    expect([status, body.manifest]).toEqual([200, {}]);
  });

  it('says when it has had its time', async () => {
    await using stage = await cardStage({ manifestTtlMs: 60_000 });
    const { conversationId } = await signedIn(stage);
    const { ref } = await escalated(stage, conversationId);
    await stage.served.clock.advance(60_000);
    const gone = await stage.visit('GET', briefingOf(conversationId));
    expect([gone.status, gone.body.code]).toEqual([410, 'manifest-expired']);
    const late = { ref, renderedFields: [], renderedAt: '2026-11-20T00:00:01.000Z' };
    expect((await stage.visit('POST', '/card/receipt', late)).body.code).toBe('manifest-expired');
    expect(MANIFEST_TTL_MS).toBeGreaterThan(60_000);
  });

  it('needs a session of this very conversation', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    await escalated(stage, conversationId);
    const other = await stage.visit('GET', briefingOf('another-conversation'));
    expect([other.status, other.body.code]).toEqual([403, 'not-your-conversation']);
    stage.cookies.clear();
    const nobody = await stage.visit('GET', briefingOf(conversationId));
    expect([nobody.status, nobody.body.code]).toEqual([401, 'no-session']);
  });

  it('is read beside another, each in its own frame', async () => {
    await using stage = await cardStage();
    const one = await signedIn(stage, 'Sam', 'General_Support');
    const two = await signedIn(stage, 'Toni', 'BillingDisputes_Tier2');
    await escalated(stage, one.conversationId, { trigger: 'one' });
    await escalated(stage, two.conversationId, { trigger: 'two' });
    expect(stage.cookies.size).toBe(2);
    expect((await stage.visit('GET', briefingOf(one.conversationId))).body.manifest).toEqual({ trigger: 'one' });
    expect((await stage.visit('GET', briefingOf(two.conversationId))).body.manifest).toEqual({ trigger: 'two' });
  });

  it('ends with its session, after half an hour', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    await escalated(stage, conversationId);
    await stage.served.clock.advance(30 * 60_000);
    const { status, body } = await stage.visit('GET', briefingOf(conversationId));
    expect([status, body.code]).toEqual([401, 'no-session']);
  });

  it('takes no cookie that was changed, given another conversation’s name, or meant for the console', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    await escalated(stage, conversationId);
    const [[name, value] = ['', '']] = [...stage.cookies];
    stage.cookies.set(name, `${value.slice(0, 30)}${value[30] === 'A' ? 'B' : 'A'}${value.slice(31)}`);
    expect((await stage.visit('GET', briefingOf(conversationId))).status).toBe(401);
    stage.cookies.clear();
    stage.cookies.set('throughline-card-0000000000000000', value);
    expect((await stage.visit('GET', briefingOf('another'))).status).toBe(403);
    stage.cookies.clear();
    await stage.visit('POST', '/console/session', { key: 'the-admin-key' });
    stage.cookies.set(name, stage.cookies.get('throughline-console') ?? '');
    expect((await stage.visit('GET', briefingOf(conversationId))).status).toBe(401);
  });

  it('opens nothing else: a card’s session is none of the console’s', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const { id, ref } = await escalated(stage, conversationId);
    for (const path of [`/v1/interactions/${id}`, `/v1/manifests/${ref}`, '/v1/stream']) {
      expect((await stage.visit('GET', path)).status).toBe(401);
    }
  });
});

describe('GET /card/briefing with Prefer: wait (RFC 7240)', () => {
  const waiting = (stage: Stage, conversationId: string) =>
    stage.visit('GET', briefingOf(conversationId), undefined, { prefer: 'wait=10' });

  it('answers at once when the bot hands over, and not before', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const id = await stage.served.open(conversationId);
    const sleepers = stage.served.clock.sleepers();
    let answered = false;
    const asked = waiting(stage, conversationId).finally(() => {
      answered = true;
    });
    await stage.served.clock.whenSleeping(sleepers + 1);
    await stage.served.clock.advance(5_000);
    expect(answered).toBe(false);
    await stage.served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation', manifest: MANIFEST });
    const { status, body } = await asked;
    expect([status, body.manifest]).toEqual([200, MANIFEST]);
  });

  it('also of a conversation that nobody had told of', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const sleepers = stage.served.clock.sleepers();
    const asked = waiting(stage, conversationId);
    await stage.served.clock.whenSleeping(sleepers + 1);
    await escalated(stage, conversationId);
    await stage.served.clock.advance(200);
    expect((await asked).body.manifest).toEqual(MANIFEST);
  });

  it('waits no longer than it was asked to', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    for (const known of [false, true]) {
      if (known) await stage.served.open(conversationId);
      const sleepers = stage.served.clock.sleepers();
      const asked = waiting(stage, conversationId);
      await stage.served.clock.whenSleeping(sleepers + 1);
      await stage.served.clock.advance(10_000);
      expect((await asked).body.code, String(known)).toBe('no-briefing-yet');
    }
  });

  it('lets nobody wait who may not read', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    stage.cookies.clear();
    expect((await waiting(stage, conversationId)).body.code).toBe('no-session');
  });
});

describe('POST /card/receipt', () => {
  const receipt = {
    renderedFields: ['trigger', 'slots_collected.account_number'],
    renderedAt: '2026-11-20T00:00:01.000Z',
  };

  it('shows in the handoff how much the agent was shown, and to those with the scope what', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const { id, ref } = await escalated(stage, conversationId);
    const read = async (key = 'admin') => {
      const headers = { authorization: `Bearer the-${key}-key` };
      return (await stage.served.get(`/v1/interactions/${id}/handoffs/1`, headers)).body;
    };
    expect(await read()).toMatchObject({ contextCompleteness: null, receipt: null });
    const { status, text } = await stage.visit('POST', '/card/receipt', { ref, ...receipt });
    expect([status, text]).toEqual([204, '']);
    expect(await read()).toMatchObject({ contextCompleteness: 0.5, receipt });
    const withoutScope = await read('handoffs');
    expect(withoutScope.contextCompleteness).toBe(0.5);
    expect(withoutScope).not.toHaveProperty('receipt');
    const { body } = await stage.served.get(`/v1/interactions/${id}`);
    expect(body.handoff).toMatchObject({ contextCompleteness: 0.5, receipt });
    expect((await stage.served.get(`/v1/manifests/${ref}/receipt`)).body).toMatchObject(receipt);
  });

  it('counts once: the first one is kept', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const { ref } = await escalated(stage, conversationId);
    await stage.visit('POST', '/card/receipt', { ref, ...receipt });
    expect((await stage.visit('POST', '/card/receipt', { ref, ...receipt, renderedFields: [] })).status).toBe(204);
    expect((await stage.served.get(`/v1/manifests/${ref}/receipt`)).body).toMatchObject(receipt);
  });

  it('is for one’s own conversation, from our own page', async () => {
    await using stage = await cardStage();
    const { conversationId } = await signedIn(stage);
    const own = await escalated(stage, conversationId);
    const other = await escalated(stage, 'another-conversation');
    const refused = await stage.visit('POST', '/card/receipt', { ref: other.ref, ...receipt });
    expect([refused.status, refused.body.code]).toEqual([403, 'not-your-conversation']);
    const foreign = await stage.visit(
      'POST',
      '/card/receipt',
      { ref: own.ref, ...receipt },
      { origin: 'https://evil.example' },
    );
    expect([foreign.status, foreign.body.code]).toEqual([403, 'cross-origin-refused']);
    const asText = await stage.visit(
      'POST',
      '/card/receipt',
      { ref: own.ref, ...receipt },
      { 'content-type': 'text/plain' },
    );
    expect(asText.status).toBe(415);
    stage.cookies.clear();
    expect((await stage.visit('POST', '/card/receipt', { ref: own.ref, ...receipt })).status).toBe(401);
  });
});
