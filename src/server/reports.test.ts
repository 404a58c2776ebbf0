// Tests the report of journeys: one row per customer episode over all of its conversations, in the clear, page by page.

import { describe, expect, it } from 'vitest';
import { claim, deflect, restored, tell } from '../../test/contract/deflection-stage.ts';
import { GENESYS, type Served, serve } from '../../test/contract/served.ts';
import type { AgentId, ExternalId, ParticipantId } from '../ids.ts';
import { type JourneyEvent, journeyRow } from './journey-row.ts';

const DAY_MS = 24 * 3_600_000;
type Row = Readonly<Record<string, unknown>>;

const rangeOf = ({ clock }: Served) =>
  `from=${new Date(clock.now() - DAY_MS).toISOString()}&to=${new Date(clock.now() + DAY_MS).toISOString()}`;
const rowsOf = async (served: Served) =>
  (await served.get(`/v1/reports/journeys?${rangeOf(served)}`)).body.entities as readonly Row[];
const totalsOf = async (served: Served) =>
  (await served.get(`/v1/reports/journeys/totals?${rangeOf(served)}`)).body as Row;

/** An agent takes the conversation, and closes it after `talkMs`. */
async function talk(served: Served, conversationId: string, talkMs: number): Promise<void> {
  const participantId = `agent-of-${conversationId}` as ParticipantId;
  const externalId = conversationId as ExternalId;
  const event = { platform: GENESYS, externalId, participantId } as const;
  const agentId = 'agent-7' as AgentId;
  await served.vendor.tell({
    ...event,
    kind: 'agent-joined',
    messageId: `in-${conversationId}`,
    at: served.clock.now(),
    agentId,
  });
  await served.clock.advance(talkMs);
}

const close = (served: Served, conversationId: string) =>
  served.post('/v1/flows/close', { platform: GENESYS, conversationId, by: 'agent' });

describe('a call that is deflected, claimed and answered by an agent', () => {
  const played = async (served: Served) => {
    const sent = await deflect(served);
    await tell(served, sent, 'delivered');
    await close(served, 'conv-voice-1');
    await claim(served, sent.token);
    await restored(served, sent.id);
    await talk(served, 'conv-digital-1', 90_000);
    await close(served, 'conv-digital-1');
    await served.post(`/v1/interactions/${sent.id}/wrapup`, { code: 'resolved' });
    await served.post(`/v1/interactions/${sent.id}/survey`, { score: 9 });
    return sent;
  };

  it('is one row: one contact, its handle time once, resolved at first contact', async () => {
    await using served = await serve();
    const { id } = await played(served);
    expect(await rowsOf(served)).toMatchObject([
      {
        id,
        intent: 'billing_dispute',
        channels: ['voice', 'message'],
        conversations: 2,
        contacts: 1,
        agentSec: 90,
        agents: 1,
        handoffs: [{ kind: 'deflection', outcome: 'completed', reason: null }],
        deflection: { sent: true, delivered: true, opened: true, claimed: true, resolved: true },
        firstContactResolved: true,
        contextCompleteness: 1,
        wrapup: 'resolved',
        surveyScore: 9,
      },
    ]);
  });

  it('keeps its row when everything personal is erased', async () => {
    await using served = await serve();
    await played(served);
    const before = await rowsOf(served);
    await served.post('/v1/erasures', { phone: '+14155551234' });
    expect(await rowsOf(served)).toEqual(before);
  });

  it('comes to one in the totals', async () => {
    await using served = await serve();
    await played(served);
    await served.open('c-9');
    expect(await totalsOf(served)).toMatchObject({
      interactions: 2,
      ended: 1,
      paths: { 'voice>message': 1, voice: 1 },
      averageHandleSec: 90,
      firstContactResolution: 1,
      funnel: { asked: 1, sent: 1, delivered: 1, opened: 1, claimed: 1, resolved: 1 },
      handoffs: { deflection: { completed: 1 } },
      contextCompleteness: 1,
      averageSurveyScore: 9,
    });
  });
});

describe('what did not go as it was meant to', () => {
  it('is no new contact where a flow had begun a conversation before its link was claimed', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    await served.open('conv-digital-1', { channel: 'message' });
    await claim(served, sent.token);
    expect(await rowsOf(served)).toMatchObject([{ id: sent.id, contacts: 1, conversations: 2 }]);
  });

  it('is a second contact where the customer came back by themselves', async () => {
    await using served = await serve();
    const id = await served.open('c-1');
    await served.post(`/v1/interactions/${id}/legs`, { platform: GENESYS, externalId: 'c-2', channel: 'voice' });
    await close(served, 'c-1');
    await close(served, 'c-2');
    expect(await rowsOf(served)).toMatchObject([{ contacts: 2, firstContactResolved: false, deflection: null }]);
  });

  it('counts a link that was never delivered as no more than sent, with its reason', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/flows/deflect', {
      platform: GENESYS,
      conversationId: 'c-1',
      ani: '+442079460000',
    });
    expect(body.ok).toBe(false);
    expect(await rowsOf(served)).toMatchObject([
      {
        handoffs: [{ kind: 'deflection', outcome: 'refused', reason: 'landline' }],
        deflection: { sent: false, delivered: false, opened: false, claimed: false, resolved: false },
        firstContactResolved: null,
      },
    ]);
    expect((await totalsOf(served)).reasons).toEqual({ landline: 1 });
  });

  it('is not resolved by the link where a callback had to follow', async () => {
    await using served = await serve();
    const sent = await deflect(served);
    await claim(served, sent.token);
    await restored(served, sent.id);
    const asked = { kind: 'callback', queue: 'General_Support' };
    const { body } = await served.post(`/v1/interactions/${sent.id}/handoffs`, asked, { prefer: 'wait=1' });
    expect(body).toMatchObject({ kind: 'callback', outcome: 'completed' });
    for (const leg of ['conv-voice-1', 'conv-digital-1', `callback-${sent.id}.2.booking.1`]) await close(served, leg);
    expect(await rowsOf(served)).toMatchObject([
      {
        channels: ['voice', 'message'],
        conversations: 3,
        contacts: 1,
        deflection: { claimed: true, resolved: false },
        firstContactResolved: false,
      },
    ]);
  });
});

describe('the pages', () => {
  it('hold every interaction of the range once, newest first', async () => {
    await using served = await serve();
    for (let n = 0; n < 7; n += 1) {
      await served.open(`c-${n}`);
      await served.clock.advance(1_000);
    }
    const all: unknown[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await served.get(`/v1/reports/journeys?${rangeOf(served)}&limit=3${cursor}`);
      all.push(...(body.entities as Row[]).map(({ id }) => id));
      if (body.cursor === null) break;
      cursor = `&cursor=${body.cursor}`;
    }
    expect(all).toEqual((await rowsOf(served)).map(({ id }) => id));
    expect(new Set(all).size).toBe(7);
    const to = new Date(served.clock.now() - 4_500).toISOString();
    const from = new Date(served.clock.now() - DAY_MS).toISOString();
    const early = await served.get(`/v1/reports/journeys?from=${from}&to=${to}`);
    expect((early.body.entities as Row[]).map(({ id }) => id)).toEqual(all.slice(4));
  });

  it('are one CSV when that is asked for (RFC 4180), without anything personal', async () => {
    await using served = await serve();
    const { id } = await deflect(served);
    await served.open('c-2', { customer: { phone: '+14155550188', name: 'Ada', segment: 'enterprise' } });
    const { headers, text } = await served.get(`/v1/reports/journeys?${rangeOf(served)}`, { accept: 'text/csv' });
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    const linked = await served.get(`/v1/reports/journeys?${rangeOf(served)}&format=csv`);
    expect([linked.text, linked.headers.get('cache-control')]).toEqual([text, 'no-store']);
    const [head, ...lines] = text.trimEnd().split('\r\n');
    expect(head?.split(',').slice(0, 3)).toEqual(['id', 'opened_at', 'ended_at']);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.split(',')).toHaveLength(head?.split(',').length ?? 0);
    expect(lines.find((line) => line.startsWith(id))).toContain('billing_dispute');
    for (const personal of ['+1415', 'Ada', 'conv-voice-1', 'ACC-98765']) expect(text).not.toContain(personal);
  });

  it.each(['from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z'])(
    'are refused for the range %s',
    async (range) => {
      await using served = await serve();
      const { status, body } = await served.get(`/v1/reports/journeys?${range}`);
      expect([status, body.code]).toEqual([400, 'invalid-request']);
    },
  );

  it('need the scope', async () => {
    await using served = await serve();
    const key = { authorization: 'Bearer the-interactions-key' };
    expect((await served.get(`/v1/reports/journeys?${rangeOf(served)}`, key)).status).toBe(403);
    expect((await served.get(`/v1/reports/journeys/totals?${rangeOf(served)}`, key)).status).toBe(403);
  });
});

describe('a row', () => {
  const event = (at: number, type: string, clear: object = {}): JourneyEvent => ({
    at,
    type,
    clear: JSON.stringify(clear),
  });
  const whole = { id: 'i-1', openedAt: 0, endedAt: 100 };

  it('counts each moment for one holder, and ends the clock of one that goes on now (H2)', () => {
    const history = [
      event(0, 'InteractionOpened', { channel: 'voice' }),
      event(0, 'LegAttached', { channel: 'voice', platform: 'p' }),
      event(10, 'HolderChanged', { holder: 'queue' }),
      event(30, 'HolderChanged', { holder: 'agent', agentId: 'a' }),
      event(60, 'HolderChanged', { holder: 'agent', agentId: 'b' }),
    ];
    expect(journeyRow({ ...whole, endedAt: null }, history, 100)).toMatchObject({
      botMs: 10,
      queueMs: 20,
      agentMs: 70,
      agents: 2,
      firstContactResolved: null,
    });
    const over = [...history, event(80, 'HolderChanged', { holder: 'none' }), event(90, 'InteractionEnded')];
    expect(journeyRow(whole, over, 1_000)).toMatchObject({ botMs: 10, queueMs: 20, agentMs: 50 });
  });

  it('is one contact though people of our own chat, and a call that was promised, are conversations of their own', () => {
    const leg = (channel: string) => event(1, 'LegAttached', { channel, platform: 'p' });
    const settled = (kind: string) => event(1, 'HandoffSettled', { kind, outcome: 'completed' });
    const people = [event(1, 'DeskOpened'), settled('escalation'), leg('message')];
    const row = journeyRow(whole, [leg('webchat'), ...people, leg('voice'), settled('callback')], 100);
    expect(row).toMatchObject({ contacts: 1, conversations: 3 });
    expect(journeyRow(whole, [leg('message'), settled('escalation'), leg('message')], 100)?.contacts).toBe(2);
  });

  it('says which share of the handoffs took their context along', () => {
    const settled = (reason?: string) =>
      event(1, 'HandoffSettled', { kind: 'escalation', outcome: 'completed', ...(reason && { reason }) });
    const row = (...events: JourneyEvent[]) => journeyRow(whole, events, 100)?.contextCompleteness;
    expect([row(), row(settled()), row(settled(), settled('context-not-attached'))]).toEqual([null, 1, 0.5]);
  });

  it('is not resolved where its last handoff came to nothing', () => {
    const refused = event(1, 'HandoffSettled', {
      kind: 'escalation',
      outcome: 'dead_lettered',
      reason: 'fate-unknown',
    });
    expect(journeyRow(whole, [event(0, 'LegAttached'), refused], 100)?.firstContactResolved).toBe(false);
  });
});
