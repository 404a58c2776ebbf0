// Tests the first message that begins a talk with people, what is said with them, and the way back to the bot (seed 001; H2, H5, H6).

import { describe, expect, it } from 'vitest';
import {
  CHAT,
  CHAT_POLICY,
  CUSTOMER_LEFT,
  DESK_LEG,
  FENCED_POLICY,
  joined,
  LEG,
  POLICY,
  parted,
  QUEUE,
  START,
  Story,
  types,
} from '../../test/protocols/story.ts';
import type { ExternalId, ManifestRef } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { next } from './handoff.ts';

const TIMED_OUT: Failure = { kind: 'ambiguous', code: 'timed-out' };
const BUSY: Failure = { kind: 'transient', code: 'rate-limited', retryAfterMs: 100 };
const GONE: Failure = { kind: 'rejected', code: 'bad-request' };
const attributesOf = (story: Story) =>
  (story.command as { readonly attributes?: Readonly<Record<string, string>> }).attributes ?? {};
const refusalOf = (events: readonly { readonly type: string }[]) =>
  events.find(({ type }) => type === 'RequestRefused');

describe('the first message', () => {
  it('begins a conversation already routed, with attributes and a summary, and then what the customer has said', () => {
    const story = Story.chatting();
    story.says('I was charged twice', 'm-1');
    story.answered(['Let me find somebody.'], { kind: 'redirect', queue: QUEUE.name, resume: true });
    story.says('Please hurry', 'm-2');
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    expect(story.move).toMatchObject({ kind: 'escalation', commitBy: 'first-message', leg: CHAT, attempts: 1 });
    expect(story.command).toMatchObject({
      kind: 'OpenConversation',
      safety: 'unlookable',
      platform: 'genesys_cloud',
      far: 'chat-1.1',
      queueName: QUEUE.name,
      attributes: { interactionId: 'interaction-1', intent: 'billing_dispute' },
      message: { id: 'interaction-1.1.summary', text: expect.stringContaining('Intent: billing_dispute') },
    });
    story.done('OpenConversation', { queue: QUEUE, externalId: DESK_LEG.externalId });
    expect(story.settled).toMatchObject({ outcome: 'completed', queue: QUEUE });
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: QUEUE.id, epoch: 2 });
    expect(story.interaction.written).toMatchObject([{ leg: DESK_LEG, handoffId: 'interaction-1.1' }]);
    expect(story.command).toMatchObject({
      kind: 'DeliverMessage',
      far: 'chat-1.1',
      externalId: 'people-1',
      message: { id: 'm-2', text: 'Please hurry', at: START },
    });
  });

  it('carries a manifest as an escalation over the API does: what the bot tells, and what the talk shows (H4)', () => {
    const story = Story.chatting();
    story.wait(90_000);
    story.says('I was charged twice', 'm-1');
    story.answered(['Let me find somebody.'], {
      kind: 'redirect',
      queue: QUEUE.name,
      resume: true,
      manifest: { slots_collected: { topic: 'billing' } },
    });
    story.done('PrepareEscalation', { policy: CHAT_POLICY, manifestRef: 'ref-1' as ManifestRef });
    const manifest = {
      trigger: 'BotRedirected',
      trigger_utterance: 'I was charged twice',
      session_duration_seconds: 90,
      recommended_queue: QUEUE.name,
      slots_collected: { topic: 'billing' },
    };
    expect(story.move).toMatchObject({
      manifestRef: 'ref-1',
      loss: [],
      briefing: expect.stringContaining('Last words: "I was charged twice"'),
    });
    expect(story.command).toMatchObject({
      attributes: {
        handoff_manifest: JSON.stringify(manifest),
        agent_briefing: expect.stringContaining('Collected: Topic billing'),
        recommended_queue: QUEUE.name,
        topic: 'billing',
      },
    });
  });

  it('H4: what a field does not hold, or has no field, travels by reference and is named in the loss report', () => {
    const story = Story.chatting();
    const names = ['handoff_manifest', 'handoff_manifest_ref', 'handoff_context_ref', 'agentContextSummary'];
    const limits = { attributeValueBytes: 1_024, attributeCount: 50, names: [...names, 'Note'] };
    const desk = { platform: LEG.platform, deduplicates: false, limits };
    story.says('A person, please');
    const attributes = { Note: 'x'.repeat(1_025), Topic: 'billing' };
    story.answered([], { kind: 'attributes', attributes }, { kind: 'redirect', resume: false });
    story.done('PrepareEscalation', { policy: { ...CHAT_POLICY, desk }, manifestRef: 'ref-1' as ManifestRef });
    const sent = attributesOf(story);
    expect(Object.keys(sent)).toEqual(['handoff_context_ref', 'handoff_manifest', 'agentContextSummary']);
    expect(sent.handoff_context_ref).toBe('ref-1');
    expect(story.move.loss).toEqual(
      expect.arrayContaining([
        { field: 'context.attributes.Note', limit: '1024 bytes', carriedBy: 'reference' },
        { field: 'context.attributes.Topic', limit: 'fields of the platform', carriedBy: 'reference' },
        { field: 'context.intent', limit: 'fields of the platform', carriedBy: 'reference' },
      ]),
    );
    expect(story.move).not.toHaveProperty('desk.limits');
  });

  it('carries what the flags forbid masked, and says so', () => {
    const story = Story.opened({ channel: 'webchat', leg: CHAT, context: { complianceFlags: ['pci_dss'] } });
    story.openChat();
    story.says('My card is 4111 1111 1111 1111', 'm-1');
    const manifest = { slots_collected: { card: '4111 1111 1111 1111' } };
    story.answered([], { kind: 'redirect', resume: false, manifest });
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    expect(JSON.stringify(story.events)).not.toMatch(/4111.?1111/);
    expect(story.move.loss).toContainEqual({
      field: 'manifest.slots_collected.card',
      limit: 'pci_dss',
      carriedBy: 'masked',
    });
  });

  it('of a second stretch empties nothing: its conversation is a new one', () => {
    const story = Story.withPeople();
    story.tell(CUSTOMER_LEFT, START, DESK_LEG);
    story.escalate({ policy: CHAT_POLICY });
    expect(Object.values(attributesOf(story))).not.toContain('');
  });

  it('from a bot that is gone says so', () => {
    const story = Story.chattingWithoutFallback();
    story.says('Hello?');
    story.fail(GONE);
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    expect(JSON.parse(attributesOf(story).handoff_manifest ?? '')).toEqual({
      trigger: 'BotUnavailable',
      trigger_utterance: 'Hello?',
      session_duration_seconds: 0,
    });
  });

  it('is known as opened though the platform does not name the conversation', () => {
    const story = Story.chatting();
    story.escalate({ policy: CHAT_POLICY });
    story.done('OpenConversation', { queue: QUEUE });
    expect(story.chat.desk).toMatchObject({ far: 'chat-1.1' });
    expect(story.interaction.legs).toHaveLength(1);
  });

  it('greets people by the customer’s name', () => {
    const story = Story.opened({ channel: 'webchat', leg: CHAT, customer: { name: 'Jo' } });
    story.openChat();
    story.escalate({ policy: CHAT_POLICY });
    expect(story.command).toMatchObject({ name: 'Jo' });
    story.done('OpenConversation', { queue: QUEUE });
    story.says('Hello');
    expect(story.command).toMatchObject({ kind: 'DeliverMessage', name: 'Jo' });
  });

  it('cannot be where nobody takes our conversations, nor twice at once', () => {
    expect(refusalOf(Story.chatting().escalate())).toMatchObject({ code: 'no-platform-leg' });
    const story = Story.withPeople();
    expect(types(story.escalate({ policy: CHAT_POLICY }))).toEqual(['EscalationRequested', 'HandoffSettled']);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'already-with-agent' });
  });

  it('that was provably not taken is sent again, and refused in bounded time (H6)', () => {
    const story = Story.chatting();
    story.escalate({ policy: CHAT_POLICY });
    story.fail(BUSY);
    story.dueNext();
    expect(story.move.attempts).toBe(2);
    story.fail({ kind: 'transient', code: 'unreachable' });
    story.wait(60_000);
    story.take({ kind: 'due', chance: 0.5 });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'platform-unavailable', detail: 'unreachable' });
  });

  it('can be cancelled while it waits, and not while it is on its way', () => {
    const story = Story.chatting();
    story.escalate({ policy: CHAT_POLICY });
    const handoffId = story.move.id;
    expect(refusalOf(story.take({ kind: 'cancel-handoff', handoffId }))).toMatchObject({ code: 'too-late-to-cancel' });
    story.fail(BUSY);
    story.take({ kind: 'cancel-handoff', handoffId });
    expect(story.settled.outcome).toBe('cancelled');
    expect(story.interaction.holder.kind).toBe('bot');
  });

  it('is refused for a queue that does not exist, and the bot that asked is told why', () => {
    const story = Story.chatting();
    story.says('A person, please');
    story.answered(['One moment'], { kind: 'redirect', queue: 'Nowhere', resume: false });
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    story.fail({ kind: 'rejected', code: 'queue-not-found-or-not-visible', detail: 'Home, Sales' });
    expect(story.settled).toMatchObject({ outcome: 'refused', detail: 'Home, Sales' });
    expect(story.command).toMatchObject({
      kind: 'RunBotTurn',
      turn: { prompt: { kind: 'event', name: 'redirect-failed', reason: 'queue-not-found-or-not-visible' } },
    });
  });

  it('cannot even be asked for: the bot is told', () => {
    const story = Story.chatting();
    story.says('A person, please');
    story.answered([], { kind: 'redirect', resume: false });
    story.fail(BUSY);
    story.dueNext();
    story.done('PrepareEscalation', { policy: POLICY });
    expect(story.command).toMatchObject({ turn: { prompt: { name: 'redirect-failed', reason: 'no-platform-leg' } } });
    const rejected = Story.chatting();
    rejected.says('A person, please');
    rejected.answered([], { kind: 'redirect', resume: false });
    rejected.fail(GONE);
    expect(rejected.command).toMatchObject({ turn: { prompt: { name: 'redirect-failed', reason: 'bad-request' } } });
  });

  describe('of unknown fate', () => {
    it('H5: is not sent again; a person is told, and whoever answers there has the customer', () => {
      const story = Story.chatting();
      story.escalate({ policy: CHAT_POLICY, resumeBot: true });
      story.fail(TIMED_OUT);
      expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
      expect(story.interaction.holder.kind).toBe('bot');
      story.says('Hello?');
      expect(story.commands.map(({ kind }) => kind)).toEqual(['RunBotTurn', 'RaiseAlert']);
      story.agentSays('I am Ana', { name: 'Ana' });
      expect(story.interaction.holder).toMatchObject({ kind: 'agent', epoch: 2 });
      expect(story.chat.desk).toEqual({
        platform: 'genesys_cloud',
        deduplicates: false,
        far: 'chat-1.1',
        agentName: 'Ana',
        joined: true,
      });
      expect(story.commands.map(({ kind }) => kind)).toContain('DeliverMessage');
    });

    it('nor when whoever sent it is gone, or it never came back', () => {
      const lost = Story.chatting();
      lost.escalate({ policy: CHAT_POLICY });
      lost.take({ kind: 'taken-over' });
      expect(lost.settled).toMatchObject({ outcome: 'dead_lettered', detail: 'taken-over' });
      const silent = Story.chatting();
      silent.escalate({ policy: CHAT_POLICY });
      silent.wait(60_000);
      silent.take({ kind: 'due', chance: 0.5 });
      expect(silent.settled).toMatchObject({ outcome: 'dead_lettered', detail: 'timed-out' });
    });

    it('is sent again where the far side takes it once', () => {
      const story = Story.chatting();
      story.escalate({ policy: FENCED_POLICY });
      expect(story.command.safety).toBe('fenced');
      expect(story.take({ kind: 'taken-over' })).toEqual([]);
      story.fail(TIMED_OUT);
      story.dueNext();
      expect(story.command).toMatchObject({ kind: 'OpenConversation', message: { id: 'interaction-1.1.summary' } });
    });
  });

  it('takes another conversation’s place only of what is live', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: CHAT });
    story.openChat();
    story.take({ kind: 'end-chat', leg: CHAT });
    story.escalate({ policy: CHAT_POLICY });
    expect(story.command).toMatchObject({ kind: 'Inspect', externalId: LEG.externalId });
  });
});

describe('with people', () => {
  it('every message goes to them in order, and theirs come back with their name', () => {
    const story = Story.withPeople();
    story.says('One');
    story.says('Two');
    expect(story.command).toMatchObject({ kind: 'DeliverMessage', safety: 'unlookable', message: { id: 'One' } });
    story.done('DeliverMessage', null);
    expect(story.command).toMatchObject({ message: { id: 'Two' } });
    story.done('DeliverMessage', null);
    expect(types(story.agentSays('I am Ana', { name: 'Ana' }))).toEqual(['HolderChanged', 'ChatMarked', 'MessageSaid']);
    expect(story.agentSays('I am Ana', { name: 'Ana' })).toEqual([]);
    expect(types(story.agentSays('How can I help?'))).toEqual(['MessageSaid']);
    expect(story.chat.desk?.agentName).toBe('Ana');
    expect(story.lines).toEqual([
      '1 customer: One',
      '2 customer: Two',
      '3 person-joined',
      '4 agent: I am Ana',
      '5 agent: How can I help?',
    ]);
  });

  it('H5: a message on its way to them is not sent again when another handoff is asked for', () => {
    const refused = Story.withPeople();
    refused.says('One');
    const { key } = refused.command;
    refused.escalate({ policy: CHAT_POLICY });
    expect(refused.settled).toMatchObject({ outcome: 'refused', reason: 'already-with-agent' });
    expect(refused.command).toMatchObject({ kind: 'DeliverMessage', key });
  });

  it('that somebody has come is told once, though they were rung, gone and rung again', () => {
    const story = Story.withPeople();
    story.tell(joined(), START + 1, DESK_LEG);
    story.tell(parted('p-agent', { talked: false }), START + 2, DESK_LEG);
    expect(story.interaction.holder.kind).toBe('queue');
    story.tell(joined('p-second'), START + 3, DESK_LEG);
    expect(story.interaction.holder.kind).toBe('agent');
    story.agentSays('Hello', { name: 'Ana' });
    expect(story.lines).toEqual(['1 person-joined', '2 agent: Hello']);
    expect(story.chat.desk?.agentName).toBe('Ana');
  });

  it('the platform’s word that an agent has come is enough', () => {
    const story = Story.withPeople();
    story.tell(joined(), START + 1, DESK_LEG);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-1' });
    expect(story.lines).toEqual(['1 person-joined']);
    expect(types(story.agentSays('Hello', { name: 'Ana' }))).toEqual(['MessageSaid']);
  });

  it('a message with attachments is delivered with them', () => {
    const story = Story.withPeople();
    const attachments = [{ ref: 'r-1', name: 'bill.pdf', mime: 'application/pdf', bytes: 12 }];
    story.says('See here', 'm-1', { attachments });
    expect(story.command).toMatchObject({ message: { attachments } });
  });

  it('what is provably not taken is tried again for two minutes, then the customer is told', () => {
    const story = Story.withPeople();
    story.says('Hello');
    story.fail(BUSY);
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'DeliverMessage', message: { id: 'Hello' } });
    story.wait(120_000);
    expect(types(story.fail(BUSY))).toEqual(['DeliveryFailed']);
    expect(story.commands).toEqual([]);
  });

  it('what is refused is said to have failed, and the next goes on', () => {
    const story = Story.withPeople();
    story.says('One');
    story.says('Two');
    expect(types(story.fail(GONE))).toEqual(['DeliveryFailed']);
    expect(story.command).toMatchObject({ message: { id: 'Two' } });
  });

  it('H5: what may have been taken is not sent again, and the customer is told so', () => {
    const story = Story.withPeople();
    story.says('One');
    story.says('Two');
    expect(types(story.fail(TIMED_OUT))).toEqual(['DeliveryUncertain']);
    expect(story.command).toMatchObject({ message: { id: 'Two' } });
    expect(types(story.take({ kind: 'taken-over' }))).toEqual(['DeliveryUncertain']);
    story.says('Three');
    story.dueNext();
    expect(story.commands).toEqual([]);
  });

  it('is sent again under the same id where the far side takes it once', () => {
    const story = Story.withPeople({ policy: FENCED_POLICY });
    story.says('One');
    expect(story.command.safety).toBe('fenced');
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
    story.fail(TIMED_OUT);
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'DeliverMessage', message: { id: 'One' } });
  });

  it('the bot is relieved of nothing and asked nothing', () => {
    const story = Story.withPeople();
    story.says('no words', 'e-1', { prompt: { kind: 'event', name: 'typing-stopped' } });
    expect(story.commands).toEqual([]);
    expect(story.chat.waiting).toEqual([]);
  });
});

describe('when the people’s talk is over', () => {
  it('the bot resumes where that was asked for, with a mark where the human stretch ended (seed 001)', () => {
    const story = Story.withPeople();
    story.tell(joined(), START + 1, DESK_LEG);
    story.tell(parted(), START + 2, DESK_LEG);
    expect(story.lines).toEqual(['1 person-joined', '2 person-left']);
    expect(story.interaction.holder).toEqual({ kind: 'bot', epoch: 4 });
    expect(story.chat.desk).toBeNull();
    expect(story.command).toMatchObject({ kind: 'RunBotTurn', turn: { prompt: { kind: 'event', name: 'resumed' } } });
    expect(story.interaction.legs.map(({ externalId, state }) => [externalId, state])).toEqual([
      ['chat-1', 'live'],
      ['people-1', 'ended'],
    ]);
  });

  it('H2: what the agent says after it is refused, and kept', () => {
    const story = Story.withPeople();
    story.agentSays('Hello');
    story.tell(CUSTOMER_LEFT, START + 2, DESK_LEG);
    expect(story.interaction.holder.kind).toBe('bot');
    expect(refusalOf(story.agentSays('One more thing'))).toMatchObject({ code: 'stale-holder' });
    expect(refusalOf(story.agentSays('Of another', { far: 'chat-1.9' as ExternalId }))).toMatchObject({
      code: 'stale-holder',
    });
  });

  it('the conversation ends with it where it was not', () => {
    const story = Story.withPeople({ resumeBot: false });
    story.tell(joined(), START + 1, DESK_LEG);
    story.tell(parted(), START + 2, DESK_LEG);
    expect(story.lines).toEqual(['1 person-joined', '2 person-left', '3 over']);
    expect(story.interaction.endedAt).toBeDefined();
    expect(next(story.state)).toEqual([]);
  });

  it('and so it does where the platform closed the conversation without another word', () => {
    const story = Story.withPeople({ resumeBot: false });
    story.agentSays('Bye');
    story.tell(CUSTOMER_LEFT, START + 2, DESK_LEG);
    expect(story.lines.at(-1)).toBe('4 over');
    expect(story.interaction.holder.kind).toBe('none');
  });

  it('the next stretch has a new name, and epochs only rise', () => {
    const story = Story.withPeople();
    story.agentSays('Hello');
    story.tell(CUSTOMER_LEFT, START + 2, DESK_LEG);
    const { epoch } = story.interaction.holder;
    story.escalate({ policy: CHAT_POLICY });
    expect(story.command).toMatchObject({ kind: 'OpenConversation', far: 'chat-1.2' });
    story.done('OpenConversation', { queue: QUEUE, externalId: 'people-2' as ExternalId });
    expect(story.interaction.holder.epoch).toBe(epoch + 1);
  });

  it('the customer’s end closes what people have, too', () => {
    const story = Story.withPeople();
    const events = story.take({ kind: 'end-chat', leg: CHAT });
    expect(types(events)).toEqual([
      'ChatMarked',
      'LegEnded',
      'ClosingAdded',
      'DeskClosed',
      'LegEnded',
      'HolderChanged',
      'InteractionEnded',
    ]);
    expect(story.command).toMatchObject({ kind: 'CloseLeg', externalId: 'people-1' });
    expect(refusalOf(story.agentSays('Still there?'))).toMatchObject({ code: 'stale-holder' });
  });

  it('a transfer from one agent to another is no end', () => {
    const story = Story.withPeople();
    story.tell(joined(), START + 1, DESK_LEG);
    story.tell(parted('p-agent', { transferred: true }), START + 2, DESK_LEG);
    expect(story.interaction.holder.kind).toBe('queue');
    expect(story.chat.desk).not.toBeNull();
  });
});
