// Tests the export of an interaction as a vCon.

import { describe, expect, it } from 'vitest';
import { claim, deflect, restored } from '../../test/contract/deflection-stage.ts';
import { GENESYS, MANIFEST_TTL_MS, type Served, serve } from '../../test/contract/served.ts';

const customer = { phone: '+14155551234', name: 'Ada' };
const manifest = { trigger: 'CustomerRequested', slots_collected: { account_number: 'ACC-1' }, own: [1, null] };

type Entry = Readonly<Record<string, unknown>>;
type Read = Readonly<Record<'parties' | 'dialog' | 'attachments' | 'analysis', readonly Entry[]>> & Entry;

async function read(served: Served, id: string, key = 'the-admin-key'): Promise<Read> {
  const { status, headers, text } = await served.get(`/v1/interactions/${id}/vcon`, { authorization: `Bearer ${key}` });
  expect([status, headers.get('content-type')]).toEqual([200, 'application/vcon']);
  return JSON.parse(text);
}

async function escalated(served: Served): Promise<string> {
  const id = await served.open('conv-1', { customer, context: { intent: 'refund' } });
  const asked = { kind: 'escalation', queue: 'General_Support', manifest };
  const { body } = await served.post(`/v1/interactions/${id}/handoffs`, asked, { prefer: 'wait=10' });
  expect(body.outcome).toBe('completed');
  return id;
}

const agentCame = (conversationId: string) => ({
  topicName: 'v2.detail.events.conversation.{id}.user.start',
  eventBody: { conversationId, participantId: 'p-7', userId: 'agent-7', eventTime: 1 },
});
const customerWent = (conversationId: string) => ({
  topicName: 'v2.detail.events.conversation.{id}.customer.end',
  eventBody: { conversationId, participantId: 'customer', eventTime: 2 },
});

describe('GET /v1/interactions/{id}/vcon', () => {
  it('tells a deflection: both conversations, and no transfer, since nobody has taken over', async () => {
    await using served = await serve();
    const { id, token } = await deflect(served);
    await claim(served, token);
    await restored(served, id);
    const vcon = await read(served, id);
    expect(vcon.dialog).toMatchObject([
      { type: 'recording', interaction_id: 'conv-voice-1' },
      { type: 'text', interaction_id: 'conv-digital-1' },
    ]);
    const reports = vcon.analysis.filter(({ type }) => type === 'report');
    expect(reports).toMatchObject([
      { schema: 'throughline/handoff', dialog: 0, body: { kind: 'deflection', outcome: 'completed' } },
    ]);
    expect(reports[0]?.body).not.toHaveProperty('queue');
    expect(JSON.stringify(vcon)).not.toContain(token);
  });

  it('tells an escalation: who held it, the leg, the transfer, what was carried and what was said', async () => {
    await using served = await serve();
    const id = await escalated(served);
    await served.clock.advance(60_000);
    await served.hook(agentCame('conv-1'));
    const vcon = await read(served, id);
    expect(vcon).toMatchObject({
      vcon: '0.4.0',
      uuid: id,
      created_at: '2026-11-20T00:00:00.000Z',
      updated_at: '2026-11-20T00:01:00.000Z',
      subject: 'refund',
    });
    expect(vcon.parties).toEqual([
      { type: 'person', role: 'customer', tel: '+14155551234', name: 'Ada' },
      { type: 'organization', org: 'Throughline' },
      { type: 'bot', role: 'virtual-agent' },
      { role: 'queue', name: 'General_Support', uuid: 'queue-General_Support' },
      { type: 'person', role: 'agent', uuid: 'agent-7' },
    ]);
    expect(vcon.dialog).toMatchObject([
      { type: 'recording', application: GENESYS, interaction_id: 'conv-1', parties: [0, 2, 4] },
      { type: 'transfer', transferor: 2, transferee: 0, transfer_target: 3, original: 0, target_dialog: 0 },
    ]);
    const { body: handoff } = await served.get(`/v1/interactions/${id}/handoffs/1`);
    expect(vcon.attachments).toMatchObject([
      { purpose: 'interaction_context', body: { customer, context: { intent: 'refund' } } },
      { purpose: 'handoff_manifest', dialog: 1, body: manifest },
      { purpose: 'loss_report', dialog: 1, body: handoff.loss },
    ]);
    expect(vcon.analysis).toMatchObject([
      { type: 'summary', body: handoff.briefing },
      { type: 'summary', body: handoff.summary },
      { type: 'report', body: { handoffId: `${id}.1`, outcome: 'completed', manifestRef: handoff.manifestRef } },
    ]);
  });

  it('has the reference only, and says so, when the manifest has expired', async () => {
    await using served = await serve();
    const id = await escalated(served);
    await served.clock.advance(MANIFEST_TTL_MS + 1);
    const { body: handoff } = await served.get(`/v1/interactions/${id}/handoffs/1`);
    expect((await read(served, id)).attachments).toMatchObject([
      { purpose: 'interaction_context' },
      { purpose: 'handoff_manifest_reference', body: { state: 'expired', ref: handoff.manifestRef } },
      { purpose: 'loss_report' },
    ]);
  });

  it('keeps manifests from a key that may not read manifests', async () => {
    await using served = await serve();
    const vcon = await read(served, await escalated(served), 'the-interactions-key');
    expect(vcon.attachments[1]).toMatchObject({ purpose: 'handoff_manifest_reference', body: { state: 'withheld' } });
    expect(JSON.stringify(vcon.attachments)).not.toContain('ACC-1');
  });

  it('tells an open handoff as no more than that, and one without a manifest as without', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation', queue: 'General_Support' });
    const { dialog, attachments, analysis, ...rest } = await read(served, id);
    expect(rest).not.toHaveProperty('subject');
    expect(dialog.map(({ type }) => type)).toEqual(['recording']);
    expect(attachments.map(({ purpose }) => purpose)).toEqual(['interaction_context', 'loss_report']);
    expect(analysis.at(-1)).toMatchObject({ body: { outcome: null, queue: { name: 'General_Support' } } });
  });

  it('tells a refused handoff with its reason, and no transfer', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const asked = { kind: 'escalation', queue: 'Nowhere' };
    await served.post(`/v1/interactions/${id}/handoffs`, asked, { prefer: 'wait=10' });
    const { dialog, analysis } = await read(served, id);
    expect(dialog).toHaveLength(1);
    const body = { outcome: 'refused', reason: 'queue-not-found-or-not-visible', queue: { name: 'Nowhere' } };
    expect(analysis.at(-1)).toMatchObject({ type: 'report', dialog: 0, body });
  });

  it('knows each leg once, with what became of it, and the context as it stands', async () => {
    await using served = await serve();
    const id = await served.open('conv-1', { direction: 'outbound' });
    const other = await served.open('conv-2');
    const leg = { platform: GENESYS, externalId: 'sms-1', channel: 'sms' };
    for (const to of [id, other, id, other]) await served.post(`/v1/interactions/${to}/legs`, leg);
    await served.clock.advance(1_000);
    await served.call('PATCH', `/v1/interactions/${id}/context`, { sentiment: 'calm' });
    await served.post(`/v1/interactions/${id}/wrapup`, { code: 'done' });
    await served.post(`/v1/interactions/${id}/survey`, { score: 5, comment: 'thanks' });
    await served.hook(customerWent('conv-1'));
    const { dialog, attachments, analysis } = await read(served, id);
    expect(dialog).toMatchObject([
      { interaction_id: 'conv-1', parties: [2, 0] },
      { interaction_id: 'sms-1', type: 'text', parties: [0] },
    ]);
    expect(attachments).toMatchObject([
      {
        start: '2026-11-20T00:00:01.000Z',
        body: {
          context: { sentiment: 'calm' },
          legs: [
            { dialog: 0, state: 'ended' },
            { dialog: 1, state: 'moved' },
          ],
        },
      },
    ]);
    expect(analysis).toMatchObject([{ body: { code: 'done' } }, { body: { score: 5, comment: 'thanks' } }]);
  });

  it('says of each handoff who let go then', async () => {
    await using served = await serve();
    const id = await escalated(served);
    const asked = { kind: 'escalation', queue: 'BillingDisputes_Tier2' };
    await served.post(`/v1/interactions/${id}/handoffs`, asked, { prefer: 'wait=10' });
    const { dialog, parties } = await read(served, id);
    const transfers = dialog.filter(({ type }) => type === 'transfer');
    const named = (index: unknown) => parties[Number(index)]?.name ?? parties[Number(index)]?.role;
    expect(transfers.map((one) => [named(one.transferor), named(one.transfer_target)])).toEqual([
      ['virtual-agent', 'General_Support'],
      ['General_Support', 'BillingDisputes_Tier2'],
    ]);
  });

  it('answers 404 for an interaction that is not there, and logs nothing', async () => {
    await using served = await serve();
    await read(served, await escalated(served));
    const { status, body } = await served.get('/v1/interactions/none/vcon');
    expect([status, body.code]).toEqual([404, 'interaction-not-found']);
    expect([served.log, served.errors]).toEqual([[], []]);
  });

  it('is not for a key without the scope', async () => {
    await using served = await serve();
    const id = await served.open('conv-1', { customer });
    const { status, text } = await served.get(`/v1/interactions/${id}/vcon`, {
      authorization: 'Bearer the-manifests-key',
    });
    expect(status).toBe(403);
    expect(text).not.toContain('+1415');
  });

  it('is described with its media type', async () => {
    await using served = await serve();
    const { paths } = (await served.get('/openapi.json')).body as { paths: Record<string, Record<string, unknown>> };
    expect(paths['/v1/interactions/{id}/vcon']?.get).toMatchObject({
      responses: { 200: { content: { 'application/vcon': { schema: { $ref: '#/components/schemas/Vcon' } } } } },
    });
  });
});
