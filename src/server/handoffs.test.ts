// Tests the handoffs as resources, on a real journal and runner and a vendor that answers at once.

import { describe, expect, it } from 'vitest';
import { GENESYS, type Served, serve } from '../../test/contract/served.ts';
import { SEED_MANIFEST as manifest } from '../../test/seed-examples.ts';
import type { HandoffView } from './handoff-view.ts';

async function escalate(served: Served, id: string, body: object = {}, headers: Record<string, string> = {}) {
  return await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation', ...body }, headers);
}

/** Settled, or the answer's problem: the clock stands still, so waiting costs nothing. */
const WAIT = { prefer: 'wait=10' };

describe('POST /v1/interactions/{id}/handoffs', () => {
  it('answers 202 with the place of the handoff, at once', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    const { status, body, headers } = await escalate(served, id, { manifest });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/interactions/${id}/handoffs/1`);
    expect(headers.has('preference-applied')).toBe(false);
    expect(body).toMatchObject({
      id: `${id}.1`,
      kind: 'escalation',
      phase: 'preparing',
      outcome: null,
      reason: null,
      offer: null,
      // Seed 004 §4: angry and disputing goes first, whatever the bot recommends.
      queue: { id: null, name: 'BillingDisputes_Priority', because: 'rule:angry-dispute' },
      attempts: 0,
      timeline: [{ at: '2026-11-20T00:00:00.000Z', event: 'EscalationRequested' }],
    });
  });

  it('answers 200 when it settles while the caller waits (RFC 7240)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body, headers } = await escalate(served, id, { queue: 'General_Support' }, WAIT);
    expect(status).toBe(200);
    expect(headers.get('preference-applied')).toBe('wait=10');
    const handoff = body as unknown as HandoffView;
    expect(handoff).toMatchObject({
      phase: 'settled',
      outcome: 'completed',
      queue: { id: 'queue-General_Support', name: 'General_Support', because: 'requested' },
      attempts: 1,
      timing: { totalMs: 0, vendorMs: 0, ownMs: 0 },
    });
    expect(handoff.timeline.map(({ event }) => event)).toEqual([
      'EscalationRequested',
      'ConversationInspected',
      'ContextAttached',
      'TransferAccepted',
      'HandoffSettled',
    ]);
    const { body: interaction } = await served.get(`/v1/interactions/${id}`);
    expect(interaction.holder).toMatchObject({ kind: 'queue', epoch: 2, queueId: 'queue-General_Support' });
    expect(interaction.handoff).toMatchObject({ id: `${id}.1`, outcome: 'completed' });
  });

  it('answers 202 when the patience ends before the handoff does, and caps the patience', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    const sleepers = served.clock.sleepers();
    const answer = escalate(served, id, {}, { prefer: 'wait=3600' });
    // The command's own time-out, and the caller.
    await served.clock.whenSleeping(sleepers + 2);
    await served.clock.advance(30_000);
    const { status, headers } = await answer;
    expect([status, headers.get('preference-applied')]).toEqual([202, 'wait=30']);
  });

  it('carries the manifest verbatim by reference, and names in the loss report what the limits keep out (H4)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { body } = await escalate(served, id, { manifest: { handoff_manifest: manifest } }, WAIT);
    expect(body.loss).toEqual([{ field: 'manifest', limit: '256 bytes', carriedBy: 'reference' }]);
    const kept = await served.get(`/v1/manifests/${body.manifestRef}`);
    expect(kept.text).toBe(JSON.stringify({ handoff_manifest: manifest }));
    const attached = served.vendor.commands.find(({ kind }) => kind === 'AttachContext');
    expect(attached?.attributes).toMatchObject({
      handoff_manifest_ref: body.manifestRef,
      agent_briefing: manifest.agent_briefing,
    });
  });

  it('keeps the context by reference also without a manifest', async () => {
    await using served = await serve();
    const customer = { phone: '+14155551234' };
    const context = { attributes: { Long: 'x'.repeat(300) } };
    const id = await served.open('conv-1', { customer, context });
    const { body } = await escalate(served, id, {}, WAIT);
    expect(body.loss).toEqual([{ field: 'context.attributes.Long', limit: '256 bytes', carriedBy: 'reference' }]);
    const whole = await served.get(`/v1/manifests/${body.manifestRef}?whole=true`);
    expect(whole.body).toEqual({ context, customer });
    const bare = await served.get(`/v1/manifests/${body.manifestRef}`);
    expect([bare.status, bare.body.code]).toEqual([404, 'manifest-not-found']);
  });

  it('keeps the context that the request met, also where it changed after the caller read it (H4)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1', { customer: { name: 'Ada' }, context: { intent: 'before' } });
    const { runner } = served;
    const read = runner.read.bind(runner);
    const changed = { intent: 'after', attributes: { Long: 'x'.repeat(300) } };
    runner.read = async (asked) => {
      runner.read = read;
      const found = await read(asked);
      await runner.submit(id, { kind: 'change-context', actor: 'api:other', context: changed });
      return found;
    };
    const { body } = await escalate(served, id, {}, WAIT);
    await served.call('PATCH', `/v1/interactions/${id}/context`, { intent: 'much later' });
    expect(body.loss).toEqual([{ field: 'context.attributes.Long', limit: '256 bytes', carriedBy: 'reference' }]);
    const whole = await served.get(`/v1/manifests/${body.manifestRef}?whole=true`);
    expect(whole.body).toEqual({ context: changed, customer: { name: 'Ada' } });
  });

  it('keeps each handoff’s own context (H4)', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    const refs = [];
    for (const intent of ['first', 'second']) {
      await served.call('PATCH', `/v1/interactions/${id}/context`, { intent });
      const { body } = await escalate(served, id);
      refs.push([intent, body.manifestRef]);
      await served.post(`/v1/interactions/${id}/handoffs/${body.n}/cancel`);
    }
    for (const [intent, ref] of refs) {
      expect((await served.get(`/v1/manifests/${ref}?whole=true`)).body).toEqual({ context: { intent }, customer: {} });
    }
  });

  it('masks the manifest as its own flags ask, too', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const flagged = { complianceFlags: ['pci_dss'], slots_collected: { card: '4111 1111 1111 1111' } };
    const { body } = await escalate(served, id, { manifest: flagged }, WAIT);
    expect(body.loss).toEqual([{ field: 'manifest.slots_collected.card', limit: 'pci_dss', carriedBy: 'masked' }]);
    expect((await served.get(`/v1/manifests/${body.manifestRef}`)).text).not.toContain('4111 1111');
  });

  it('masks the manifest as the interaction’s flags ask, and says so (PCI DSS 3.3, H4)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1', { context: { complianceFlags: ['pci_dss'] } });
    const slots_collected = { card: '4111 1111 1111 1111', cvv: '123' };
    const { body } = await escalate(served, id, { manifest: { slots_collected } }, WAIT);
    const fields = (body.loss as { field: string; carriedBy: string }[]).map(({ field, carriedBy }) => [
      field,
      carriedBy,
    ]);
    expect(fields).toEqual([
      ['manifest.slots_collected.card', 'masked'],
      ['manifest.slots_collected.cvv', 'masked'],
    ]);
    const kept = await served.get(`/v1/manifests/${body.manifestRef}`);
    expect(kept.text).not.toMatch(/4111 1111 1111 1111|"123"/);
  });

  it('names every fault of a manifest, with its path', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await escalate(served, id, { manifest: { trigger: 7, bot_confidence_at_exit: 2 } });
    expect([status, body.code]).toEqual([400, 'invalid-manifest']);
    const paths = (body.errors as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(['manifest.trigger', 'manifest.bot_confidence_at_exit']);
  });

  it('settles refused for a queue that nobody can see, naming the divisions (seed 001, FAQ)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await escalate(served, id, { queue: 'billingdisputes_tier2' }, WAIT);
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'refused', reason: 'queue-not-found-or-not-visible' });
    expect(body.detail).toContain('Home and Sales');
    expect(body.queue).toEqual({ id: null, name: 'billingdisputes_tier2', because: 'requested' });
  });

  it.each(['deflection', 'callback', 'upgrade'])('refuses the kind %s in so many words', async (kind) => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await served.post(`/v1/interactions/${id}/handoffs`, { kind, to: { agentId: '4492' } });
    expect([status, body.code, body.supported]).toEqual([400, 'kind-not-supported', ['escalation', 'transfer']]);
  });

  it.each([
    ['an unknown kind', { kind: 'teleport' }, 'kind'],
    ['an unknown field', { kind: 'escalation', colour: 'red' }, 'colour'],
    ['no kind', {}, 'kind'],
    ['an empty queue', { kind: 'escalation', queue: '' }, 'queue'],
    ['a wrong type', { kind: 'escalation', resumeBot: 'yes' }, 'resumeBot'],
  ])('refuses %s', async (_, input, path) => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await served.post(`/v1/interactions/${id}/handoffs`, input);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toContainEqual({ path, message: expect.any(String) });
  });
});

describe('what a handoff is refused for', () => {
  it('refuses a second one with the first one’s id (H1)', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    await escalate(served, id);
    const { status, body } = await escalate(served, id);
    expect([status, body.code, body.handoffId]).toEqual([409, 'handoff-in-progress', `${id}.1`]);
  });

  it('lets one of many concurrent requests through (H1)', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    const all = await Promise.all(Array.from({ length: 10 }, () => escalate(served, id)));
    expect(all.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
  });

  const agentJoins = {
    topicName: 'v2.detail.events.conversation.{id}.user.start',
    eventBody: { conversationId: 'conv-1', participantId: 'agent-1', userId: 'agent-7', eventTime: 1 },
  };

  it('refuses when an agent has it already, told by events (seed 004, edge case 3)', async () => {
    await using served = await serve();
    served.vendor.withAgent.add('conv-1');
    const id = await served.open('conv-1');
    await served.hook(agentJoins);
    for (const headers of [{}, { prefer: 'wait=10' }]) {
      const { status, body } = await escalate(served, id, {}, headers);
      expect([status, body.code]).toEqual([409, 'already-with-agent']);
    }
  });

  it('refuses a repeated request in the same way', async () => {
    await using served = await serve();
    served.vendor.withAgent.add('conv-1');
    const id = await served.open('conv-1');
    await served.hook(agentJoins);
    for (const _ of ['once', 'again']) {
      const { status, body } = await escalate(served, id, {}, { 'idempotency-key': 'request-1' });
      expect([status, body.code, body.handoffId]).toEqual([409, 'already-with-agent', `${id}.1`]);
    }
  });

  it('goes on when the look shows that the agent has left', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await served.hook(agentJoins);
    const { status, body } = await escalate(served, id);
    expect([status, body.kind]).toEqual([202, 'escalation']);
    const settled = await served.runner.watch(id, ({ settled: [first] }) => first !== undefined, 1_000);
    expect(settled?.settled).toMatchObject([{ outcome: 'completed' }]);
  });

  it('waits 2.5 s at most for the look that tells whether the agent is still there', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    await served.hook(agentJoins);
    const sleepers = served.clock.sleepers();
    const answer = escalate(served, id);
    // The command's own time-out, and the caller.
    await served.clock.whenSleeping(sleepers + 2);
    await served.clock.advance(2_500);
    const { status, body } = await answer;
    expect([status, body.phase]).toEqual([202, 'preparing']);
  });

  it('refuses when the look shows an agent while the caller waits (seed 004, edge case 3)', async () => {
    await using served = await serve();
    served.vendor.withAgent.add('conv-1');
    const id = await served.open('conv-1');
    const { status, body } = await escalate(served, id, {}, WAIT);
    expect([status, body.code, body.handoffId]).toEqual([409, 'already-with-agent', `${id}.1`]);
    expect(served.vendor.commands.map(({ kind }) => kind)).toEqual(['Inspect']);
  });

  it('refuses where no live conversation is on a platform', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/interactions', {
      platform: 'throughline',
      externalId: 'a',
      channel: 'webchat',
    });
    const refused = await escalate(served, String(body.id));
    expect([refused.status, refused.body.code]).toEqual([409, 'no-platform-leg']);
  });

  it('refuses after the customer has left', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await served.hook({
      topicName: 'v2.detail.events.conversation.{id}.customer.end',
      eventBody: { conversationId: 'conv-1', participantId: 'customer', eventTime: 1 },
    });
    const { status, body } = await escalate(served, id);
    expect([status, body.code]).toEqual([409, 'interaction-ended']);
  });

  it('answers 404 for an interaction that is not there', async () => {
    await using served = await serve();
    const { status, body } = await escalate(served, 'none');
    expect([status, body.code]).toEqual([404, 'interaction-not-found']);
  });
});

describe('Idempotency-Key', () => {
  const KEY = { 'idempotency-key': 'request-1' };

  it('answers a repeated request with the same handoff, in whatever order its members come', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    const first = await escalate(
      served,
      id,
      { queue: 'General_Support', manifest: { trigger: 'a', sentiment_trend: 'b' } },
      KEY,
    );
    const again = await escalate(
      served,
      id,
      { manifest: { sentiment_trend: 'b', trigger: 'a' }, queue: 'General_Support' },
      KEY,
    );
    expect([again.status, again.body.id, again.body.manifestRef]).toEqual([202, first.body.id, first.body.manifestRef]);
    const events = (await served.get(`/v1/interactions/${id}/journal`)).body.events as unknown[];
    expect(events).toHaveLength(3);
  });

  it('answers it with the settled handoff when it has settled', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await escalate(served, id, {}, { ...KEY, ...WAIT });
    const again = await escalate(served, id, {}, KEY);
    expect([again.status, again.body.outcome]).toEqual([200, 'completed']);
    expect(served.vendor.commands.filter(({ kind }) => kind === 'TransferToQueue')).toHaveLength(1);
  });

  it('makes one handoff of a request that comes many times at once', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const all = await Promise.all(Array.from({ length: 10 }, () => escalate(served, id, {}, { ...KEY, ...WAIT })));
    expect(all.map(({ status, body }) => [status, body.id])).toEqual(all.map(() => [200, `${id}.1`]));
  });

  it('refuses another body under the same key', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await escalate(served, id, {}, { ...KEY, ...WAIT });
    const { status, body } = await escalate(served, id, { queue: 'General_Support' }, KEY);
    expect([status, body.code, body.handoffId]).toEqual([422, 'idempotency-key-reused', `${id}.1`]);
  });

  it.each(['', 'x'.repeat(256)])('refuses a key of a wrong length', async (key) => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { status, body } = await escalate(served, id, {}, { 'idempotency-key': key });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });
});

describe('reading and cancelling', () => {
  it('reads by number and by full id', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await escalate(served, id, {}, WAIT);
    for (const name of ['1', `${id}.1`]) {
      const { status, body } = await served.get(`/v1/interactions/${id}/handoffs/${name}`);
      expect([status, body.id]).toEqual([200, `${id}.1`]);
    }
  });

  it.each(['0', '2', '1.0', '-1', 'other.1'])('answers 404 for the handoff %s', async (name) => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await escalate(served, id, {}, WAIT);
    for (const path of [name, `${name}/cancel`]) {
      const method = path === name ? 'GET' : 'POST';
      const { status, body } = await served.call(method, `/v1/interactions/${id}/handoffs/${path}`);
      expect([status, body.code]).toEqual([404, 'handoff-not-found']);
    }
  });

  it('cancels while nothing has moved, and again answers the same', async () => {
    await using served = await serve();
    served.vendor.held.add('Inspect');
    const id = await served.open('conv-1');
    await escalate(served, id);
    for (const _ of ['once', 'again']) {
      const { status, body } = await served.post(`/v1/interactions/${id}/handoffs/1/cancel`);
      expect([status, body.outcome, body.reason]).toEqual([200, 'cancelled', 'cancelled-by-request']);
    }
  });

  it('refuses once the transfer was asked for', async () => {
    await using served = await serve();
    served.vendor.held.add('TransferToQueue');
    const id = await served.open('conv-1');
    await escalate(served, id);
    await served.runner.watch(id, ({ move }) => move?.progress.step === 'transferring', 1_000);
    const { status, body } = await served.post(`/v1/interactions/${id}/handoffs/1/cancel`);
    expect([status, body.code, body.handoffId]).toEqual([409, 'too-late-to-cancel', `${id}.1`]);
  });

  it('refuses once it has settled otherwise', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    await escalate(served, id, {}, WAIT);
    const { status, body } = await served.post(`/v1/interactions/${id}/handoffs/1/cancel`);
    expect([status, body.code]).toEqual([409, 'handoff-settled']);
  });

  it('tells our own time from the vendor’s', async () => {
    await using served = await serve();
    served.vendor.transfersShow = false;
    const id = await served.open('conv-1');
    await escalate(served, id);
    await served.runner.watch(id, ({ move }) => move?.progress.step === 'confirming', 1_000);
    await served.clock.advance(2_000);
    await served.hook({
      topicName: 'v2.detail.events.conversation.{id}.acd.start',
      eventBody: { conversationId: 'conv-1', participantId: 'acd-1', queueId: 'queue-General_Support', eventTime: 1 },
    });
    const { body } = await served.get(`/v1/interactions/${id}/handoffs/1`);
    expect(body).toMatchObject({ outcome: 'completed', timing: { totalMs: 2000, vendorMs: 2000, ownMs: 0 } });
    expect(body.leg).toEqual({ platform: GENESYS, externalId: 'conv-1', channel: 'voice' });
  });
});
