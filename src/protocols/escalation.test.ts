// Tests how an escalation is asked for, inspected and given its context (seeds 001 and 004; H1, H2, H4).

import { describe, expect, it } from 'vitest';
import {
  agentParty,
  botParty,
  customerParty,
  entered,
  GONE,
  IN_QUEUE,
  joined,
  LEG,
  left,
  OTHER_LEG,
  OTHER_QUEUE,
  POLICY,
  participant,
  QUEUE,
  queueParty,
  START,
  Story,
  types,
  view,
  WITH_AGENT,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import type { ManifestRef, PlatformName } from '../ids.ts';

describe('requesting an escalation', () => {
  it('opens one move with its limits, its queue and why that one, and asks for the inspection', () => {
    const story = Story.opened();
    expect(types(story.escalate())).toEqual(['EscalationRequested']);
    expect(story.move).toMatchObject({
      id: 'interaction-1.1',
      n: 1,
      kind: 'escalation',
      leg: LEG,
      wish: { name: QUEUE.name, because: 'requested' },
      requestedAt: START,
      attempts: 0,
      limits: { settleBy: START + POLICY.settleWithinMs, settleMs: 1_000, commandTimeoutMs: 5_000 },
      progress: { step: 'inspecting' },
    });
    expect(story.command).toEqual({
      kind: 'Inspect',
      key: 'interaction-1.1.inspecting.1',
      safety: 'repeatable',
      timeoutMs: 5_000,
      queueName: QUEUE.name,
      ...LEG,
    });
  });

  it('lets the rules choose where no queue is asked for, by manifest, context and segment', () => {
    const manifest = { intents_detected: [{ intent: 'DisputeCharge' }], agent_briefing: 'Wants a refund.' };
    const rules = { rules: [{ name: 'vip', when: { segment: ['enterprise'] }, queue: 'Vip' }], default: 'All' };
    const story = Story.opened();
    const request = { resumeBot: false, commitBy: 'us', masked: [], policy: { ...POLICY, rules } } as const;
    story.take({ kind: 'request-escalation', manifest, ...request });
    expect(story.move).toMatchObject({ wish: { name: 'Vip', because: 'rule:vip' }, briefing: 'Wants a refund.' });

    const anonymous = Story.opened({ customer: {} });
    anonymous.take({ kind: 'request-escalation', ...request });
    expect(anonymous.move.wish).toEqual({ name: 'All', because: 'default' });
    expect(anonymous.move.briefing).toBe('Intent: Billing dispute.');
  });

  it('H4: names in the loss report what the limits keep out and what was masked on the way in', () => {
    const story = Story.opened({
      context: { complianceFlags: ['pci_dss'], attributes: { note: 'card 4111 1111 1111 1111' } },
    });
    story.escalate({
      manifest: { agent_briefing: 'x'.repeat(400) },
      manifestRef: 'ref-1' as ManifestRef,
      masked: [{ field: 'manifest.slots_collected.dob', limit: 'hipaa', carriedBy: 'withheld' }],
    });
    expect(story.move.manifestRef).toBe('ref-1');
    expect(story.move.loss).toEqual(
      expect.arrayContaining([
        { field: 'manifest', limit: '256 bytes', carriedBy: 'reference' },
        { field: 'context.attributes.note', limit: 'pci_dss', carriedBy: 'masked' },
        { field: 'manifest.slots_collected.dob', limit: 'hipaa', carriedBy: 'withheld' },
      ]),
    );
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    const { attributes } = story.command as { attributes: Record<string, string> };
    expect(attributes.handoff_manifest_ref).toBe('ref-1');
    expect(attributes.note).toBe('card **** **** **** 1111');
  });

  it('H4: names what the platform turned out to have no place for, once, and goes on', () => {
    const story = Story.at('attaching');
    story.done('AttachContext', { unwritten: ['intent', 'segment', 'agent_briefing', 'shoe', 'handoff_manifest'] });
    expect(story.move.loss).toEqual(
      ['context.intent', 'customer.segment', 'agent_briefing', 'context.attributes.shoe', 'manifest'].map((field) => ({
        field,
        limit: 'fields of the platform',
        carriedBy: 'reference',
      })),
    );
    expect(story.command).toMatchObject({ kind: 'TransferToQueue' });
  });

  it('has in a conversation that is no call what fits there', () => {
    const fits = (attributeCount: number) => ({ attributeValueBytes: 256, attributeCount });
    const platforms = { [LEG.platform]: { limits: { ...fits(2), digital: fits(9) }, settleMs: 1_000 } };
    const policy = { ...POLICY, platforms };
    const of = (channel: 'voice' | 'webchat') => {
      const story = Story.opened({ channel, leg: { ...LEG, channel } });
      story.escalate({ policy });
      return story.move.loss.length;
    };
    expect([of('voice') > 0, of('webchat')]).toEqual([true, 0]);
  });

  it('empties what the first handoff of a conversation may have left at the vendor, on the second', () => {
    const story = Story.opened();
    story.escalate({ manifest: { trigger: 'first' } });
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    story.escalate({ manifest: { trigger: 'second' } });
    expect(story.move.progress).toMatchObject({
      attributes: { handoff_manifest: '{"trigger":"second"}', handoff_manifest_ref: '', recommended_queue: '' },
    });
  });

  it('empties what another interaction’s handoff may have left in a conversation that came later', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.escalate({ manifest: { trigger: 'first' } });
    expect(story.move.leg.externalId).toBe(OTHER_LEG.externalId);
    expect(story.move.progress).toMatchObject({ attributes: { handoff_manifest_ref: '', handoff_context_ref: '' } });
  });

  it('H1: refuses a second one while a move is open, with the first one’s id', () => {
    const story = Story.at('inspecting');
    expect(story.escalate()).toMatchObject([
      { type: 'RequestRefused', request: 'escalation', code: 'handoff-in-progress', handoffId: 'interaction-1.1' },
    ]);
    expect(story.move.n).toBe(1);
  });

  it('gives the same handoff for the same idempotency key and body, while it is open and after', () => {
    const request = { key: 'k', digest: 'd' };
    const story = Story.opened();
    story.escalate({ request });
    expect(story.escalate({ request })).toEqual([]);
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.escalate({ request })).toEqual([]);
    expect(story.escalate({ request: { key: 'other', digest: 'd' } })).toHaveLength(1);
  });

  it('refuses the same key with another body, even when a move is open or the interaction has ended', () => {
    const story = Story.opened();
    story.escalate({ request: { key: 'k', digest: 'd' } });
    const refused = [{ type: 'RequestRefused', code: 'idempotency-key-reused', handoffId: 'interaction-1.1' }];
    expect(story.escalate({ request: { key: 'k', digest: 'e' } })).toMatchObject(refused);
    story.tell({ kind: 'customer-left', participantId: participant('p-customer') });
    expect(story.escalate({ request: { key: 'k', digest: 'e' } })).toMatchObject(refused);
    expect(story.escalate({ request: { key: 'k', digest: 'd' } })).toEqual([]);
  });

  it('refuses once the interaction has ended', () => {
    const story = Story.opened();
    story.tell({ kind: 'customer-left', participantId: participant('p-customer') });
    expect(story.escalate()).toMatchObject([{ type: 'RequestRefused', code: 'interaction-ended' }]);
  });

  it('does not refuse for an agent who is only said to be there: the inspection will show', () => {
    const story = Story.opened();
    story.tell(joined());
    expect(types(story.escalate())).toEqual(['EscalationRequested']);
    expect(story.command.kind).toBe('Inspect');
  });

  it('refuses without a live leg on a platform that can move it', () => {
    const elsewhere = Story.opened({ leg: { ...LEG, platform: 'throughline' as PlatformName } });
    expect(elsewhere.escalate()).toMatchObject([{ type: 'RequestRefused', code: 'no-platform-leg' }]);
    const detached = Story.opened();
    detached.take({ kind: 'detach-leg', leg: LEG });
    expect(detached.escalate()).toMatchObject([{ type: 'RequestRefused', code: 'no-platform-leg' }]);
  });

  it('moves the newest live leg', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.escalate();
    expect(story.move.leg).toEqual(OTHER_LEG);
  });

  it('withdraws the standing offers in the same append: they are superseded', () => {
    const story = Story.deflected('standing');
    expect(story.escalate()).toMatchObject([
      { type: 'OfferSettled', handoffId: 'interaction-1.1', outcome: 'superseded' },
      { type: 'EscalationRequested', handoff: { id: 'interaction-1.2' } },
    ]);
    expect(story.interaction.offers).toEqual([]);
  });
});

describe('the inspection', () => {
  const inspect = (what = WITH_BOT, story = Story.at('inspecting')) => ({
    story,
    events: story.done('Inspect', { queue: QUEUE, view: what }),
  });

  it('empties what somebody else’s handoff has left there, and nothing that is written anyway (H4)', () => {
    const leftBehind = ['handoff_manifest', 'handoff_context_ref'];
    const withManifest = { manifest: { trigger: 'customer_request' } } as const;
    const alone = inspect(WITH_BOT, Story.at('inspecting', withManifest)).story.command;
    const written = alone.kind === 'AttachContext' ? alone.attributes : {};
    expect(written).toHaveProperty('handoff_manifest');
    const { story, events } = inspect({ ...WITH_BOT, leftBehind }, Story.at('inspecting', withManifest));
    expect(events).toMatchObject([{ type: 'ConversationInspected', empties: ['handoff_context_ref'] }]);
    expect(story.command).toMatchObject({ attributes: { ...written, handoff_context_ref: '' } });
  });

  it('goes on as ever when what was left is written anyway, or when nothing can be attached any more', () => {
    const story = Story.at('inspecting', { manifest: { trigger: 'customer_request' } });
    const { events } = inspect({ ...WITH_BOT, leftBehind: ['handoff_manifest'] }, story);
    expect(events[0]).not.toHaveProperty('empties');
    expect(types(inspect({ ...WITH_AGENT, leftBehind: ['handoff_context_ref'] }).events)[0]).toBe('HandoffSettled');
  });

  it('finds queue, customer and who is replaced, and goes on to attach the context', () => {
    const { story, events } = inspect();
    expect(types(events)).toEqual(['ConversationInspected']);
    expect(story.move.progress).toMatchObject({
      step: 'attaching',
      target: { queue: QUEUE, customer: 'p-customer', leaving: 'p-bot', known: ['p-customer', 'p-bot'] },
    });
    expect(story.command).toMatchObject({
      kind: 'AttachContext',
      key: 'interaction-1.1.attaching.2',
      safety: 'repeatable',
      customer: 'p-customer',
      tag: 'interaction-1',
      attributes: { intent: 'billing_dispute', interactionId: 'interaction-1' },
    });
  });

  it('takes older transfers as no evidence, by the vendor’s own clock', () => {
    const { story } = inspect(
      view(
        [customerParty(), botParty()],
        [
          { state: 'complete', queueId: QUEUE.id, issuedAt: 7 },
          { state: 'pending', queueId: OTHER_QUEUE.id, issuedAt: 5 },
        ],
      ),
    );
    expect(story.move.progress).toMatchObject({ target: { transfersAfter: 7, leaving: 'p-bot' } });
  });

  it.each([
    ['connected', agentParty()],
    ['alerting', agentParty('p-agent', { state: 'alerting' })],
  ])(
    'refuses what an agent has, %s (seed 004, edge case 3), and the agent is the holder from now on (H2)',
    (_, present) => {
      const { story, events } = inspect(view([customerParty(), present]));
      expect(types(events)).toEqual(['HandoffSettled', 'HolderChanged']);
      expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'already-with-agent' });
      expect(story.interaction.holder).toEqual({ kind: 'agent', agentId: 'a-1', queueId: QUEUE.id, epoch: 2 });
    },
  );

  it('refuses when the agent’s arrival was told while it looked, though the view is older', () => {
    const story = Story.at('inspecting');
    story.tell(joined());
    inspect(WITH_BOT, story);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'already-with-agent' });
  });

  it('refuses when it shows the agent of whom was told (seed 004, edge case 3)', () => {
    const story = Story.opened();
    story.tell(joined());
    story.escalate();
    inspect(WITH_AGENT, story);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'already-with-agent' });
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', epoch: 2 });
  });

  it.each([
    ['shows as gone', view([customerParty(), botParty(), agentParty('p-agent', { state: 'ended' })])],
    ['no longer shows', WITH_BOT],
  ])('goes on when it %s an agent of whose departure nobody told, and who is not the holder any more', (_, what) => {
    const story = Story.opened();
    story.tell(joined());
    story.wait(60_000).escalate({ resumeBot: true });
    const { events } = inspect(what, story);
    expect(types(events)).toEqual(['ConversationInspected', 'HolderChanged']);
    expect(story.interaction.holder).toMatchObject({ kind: 'bot', epoch: 3 });
    expect(story.interaction.attendance).toMatchObject({ present: [], gone: ['p-agent'] });
  });

  it('counts an agent of whom was told before the look that is looked again, and no other', () => {
    const story = Story.opened();
    story.escalate();
    story.tell(joined());
    story.fail({ kind: 'transient', code: 'unreachable' });
    story.dueNext();
    story.tell(joined('p-second', 'a-2'));
    inspect(WITH_BOT, story);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'already-with-agent' });
    expect(story.interaction.attendance.present.map((party) => party.participantId)).toEqual(['p-second']);
  });

  it('leaves agents of another conversation where they are, and is not held up by them', () => {
    const story = Story.opened();
    story.tell(joined());
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.escalate();
    expect(types(inspect(WITH_BOT, story).events)).toEqual(['ConversationInspected']);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-1' });
  });

  it('is not held up by an agent whom an older view still shows', () => {
    const story = Story.opened();
    story.tell(joined());
    story.tell(left('p-agent-queue'));
    story.tell({ kind: 'agent-left', participantId: participant('p-agent'), talked: true, transferred: false });
    story.escalate();
    inspect(view([customerParty(), botParty(), agentParty()]), story);
    expect(story.move.progress.step).toBe('attaching');
  });

  it('cancels when the customer has left, whether the conversation is over or only their part', () => {
    for (const what of [GONE, { ...WITH_BOT, ended: true }, view([])]) {
      const { story, events } = inspect(what);
      expect(types(events)).toEqual(['HandoffSettled', 'LegEnded', 'HolderChanged', 'InteractionEnded']);
      expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    }
  });

  it('refuses when nobody is there who could be replaced', () => {
    const { story } = inspect(view([customerParty()]));
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'nothing-to-transfer' });
  });

  it('needs nobody to replace where the vendor’s flow transfers by itself', () => {
    const story = Story.at('inspecting', { commitBy: 'flow' });
    inspect(view([customerParty()]), story);
    expect(story.move.progress).toMatchObject({ step: 'attaching' });
    expect(story.move.progress).not.toHaveProperty('target.leaving');
  });

  it('replaces the queue where the customer waits rather than the bot', () => {
    const waiting = queueParty('p-waiting', { queueId: OTHER_QUEUE.id });
    const { story } = inspect(view([customerParty(), waiting, botParty()]));
    expect(story.move.progress).toMatchObject({ target: { leaving: 'p-waiting' } });
    expect(story.interaction.holder).toEqual({ kind: 'queue', queueId: OTHER_QUEUE.id, epoch: 2 });
  });

  it('attaches the context all the same when the customer is in the queue already, and transfers nothing', () => {
    const { story, events } = inspect(IN_QUEUE);
    expect(types(events)).toEqual(['ConversationInspected', 'HolderChanged']);
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: QUEUE.id, epoch: 2 });
    expect(types(story.done('AttachContext', null))).toEqual(['ContextAttached', 'HandoffSettled']);
    expect(story.settled).toMatchObject({
      outcome: 'completed',
      reason: 'already-in-queue',
      attempts: 0,
      queue: QUEUE,
    });
    expect(story.interaction.holder.epoch).toBe(2);
  });

  it('does not take a queue that was left for the one where the customer waits', () => {
    const story = Story.at('inspecting');
    story.tell(left('p-queue'));
    inspect(view([customerParty(), botParty(), queueParty()]), story);
    expect(story.move.progress).not.toHaveProperty('arrived');
  });

  it('watches a transfer to the same queue that is under way instead of asking for another (H5)', () => {
    const pending = { state: 'pending', queueId: QUEUE.id, issuedAt: 5 } as const;
    const { story } = inspect(view([customerParty(), botParty()], [pending]));
    expect(story.move.progress).not.toHaveProperty('target.leaving');
    story.done('AttachContext', null);
    expect(story.move).toMatchObject({ attempts: 0, progress: { step: 'confirming', task: { kind: 'waiting' } } });
    story.dueNext();
    const failedOne = { ...pending, state: 'failed' } as const;
    story.done('Look', view([customerParty(), botParty()], [failedOne]));
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed' });
  });

  it('asks for its own where only an older transfer to the queue is pending still and a newer one is over', () => {
    const { story } = inspect(
      view(
        [customerParty(), botParty()],
        [
          { state: 'pending', queueId: QUEUE.id, issuedAt: 5 },
          { state: 'complete', queueId: QUEUE.id, issuedAt: 6 },
        ],
      ),
    );
    expect(story.move.progress).toMatchObject({ target: { leaving: 'p-bot', transfersAfter: 6 } });
  });
});

describe('the context is attached before anything moves', () => {
  it('and only then the transfer is asked for, once, under its own key', () => {
    const story = Story.at('attaching');
    story.done('AttachContext', null);
    expect(story.move).toMatchObject({ attempts: 1, progress: { step: 'transferring' } });
    expect(story.command).toMatchObject({
      kind: 'TransferToQueue',
      key: 'interaction-1.1.transferring.3',
      safety: 'lookable',
      leaving: 'p-bot',
      queue: QUEUE,
    });
  });

  it.each([
    ['the queue', entered()],
    ['an agent', joined()],
  ])('completes at once when the customer reached %s meanwhile, and transfers nothing', (_, arrival) => {
    const story = Story.at('attaching');
    expect(types(story.tell(arrival))).toEqual(['ArrivalSeen', 'HolderChanged']);
    expect(story.command.kind).toBe('AttachContext');
    story.done('AttachContext', null);
    expect(story.settled).toMatchObject({ outcome: 'completed', attempts: 0 });
    expect(story.settled).not.toHaveProperty('reason');
  });

  it('keeps the holder that events have made, in whatever order they came (H2)', () => {
    const story = Story.at('attaching');
    story.tell(joined(), story.now + 20);
    expect(story.tell(entered(), story.now + 10).map(({ type }) => type)).toEqual(['AttendanceChanged']);
    story.done('AttachContext', null);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-1', epoch: 2 });
  });

  it('does not give the conversation to an agent who was rung meanwhile and is gone', () => {
    const story = Story.at('attaching');
    story.tell(joined());
    story.tell({ kind: 'agent-left', participantId: participant('p-agent'), talked: false, transferred: false });
    story.done('AttachContext', null);
    expect(story.settled.outcome).toBe('completed');
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: QUEUE.id });
  });

  it('is not said to have been in the queue already when it only came there meanwhile', () => {
    const story = Story.at('inspecting', { commitBy: 'flow' });
    story.done('Inspect', { queue: QUEUE, view: view([customerParty()]) });
    story.tell(entered());
    story.done('AttachContext', null);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
    expect(story.settled).not.toHaveProperty('reason');
  });

  it('a pushed view proves the arrival as an event does', () => {
    const story = Story.at('attaching');
    expect(types(story.tell({ kind: 'seen', view: WITH_AGENT }))).toEqual(['ArrivalSeen', 'HolderChanged']);
    story.done('AttachContext', null);
    expect(story.settled.outcome).toBe('completed');
  });
});
