// Tests a conversation that we carry: what is said and to whom it goes, the bot's turns, the first message that begins a talk with
// people, and the way back to the bot (seed 000 §3, seed 001; H2, H5, H6, H7).

import { describe, expect, it } from 'vitest';
import {
  CHAT,
  CHAT_POLICY,
  CUSTOMER_LEFT,
  DESK_LEG,
  joined,
  LEG,
  OTHER_LEG,
  POLICY,
  parted,
  QUEUE,
  START,
  Story,
  TERMS,
  types,
  VOICE_LEG,
  WITH_AGENT,
} from '../../test/protocols/story.ts';
import type { ExternalId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { deadline, next } from './handoff.ts';

const TIMED_OUT: Failure = { kind: 'ambiguous', code: 'timed-out' };
const GONE: Failure = { kind: 'rejected', code: 'bad-request' };
const refusalOf = (events: readonly { readonly type: string }[]) =>
  events.find(({ type }) => type === 'RequestRefused');

describe('a message', () => {
  it('is numbered, and the same id again changes nothing', () => {
    const story = Story.chatting();
    expect(types(story.says('Hello', 'm-1'))).toEqual(['MessageSaid']);
    expect(story.says('Hello', 'm-1')).toEqual([]);
    story.says('Are you there?', 'm-2');
    expect(story.lines).toEqual(['1 customer: Hello', '2 customer: Are you there?']);
  });

  it('is remembered among the newest sixty-four only', () => {
    const story = Story.chatting();
    for (let n = 0; n < 70; n += 1) story.says('again', `m-${n}`);
    expect(story.chat.recent).toHaveLength(64);
    expect(story.says('again', 'm-69')).toEqual([]);
  });

  it('carries its attachments, and is masked where the flags ask for it', () => {
    const story = Story.opened({ channel: 'webchat', leg: CHAT, context: { complianceFlags: ['pci_dss'] } });
    story.openChat();
    const attachments = [{ ref: 'r-1', name: 'bill.pdf', mime: 'application/pdf', bytes: 12 }];
    const [said] = story.says('My card is 4111 1111 1111 1111', 'm-1', { attachments });
    expect(said).toMatchObject({ attachments, text: expect.not.stringContaining('4111 1111') });
  });

  it('is refused where nothing of ours is open, where all is over, and from a device that no longer has it', () => {
    expect(refusalOf(Story.opened().says('Hello'))).toMatchObject({ code: 'chat-unknown' });
    const story = Story.chatting();
    expect(refusalOf(story.says('Hello', 'm', { device: 'laptop' }))).toMatchObject({ code: 'chat-elsewhere' });
    story.take({ kind: 'end-chat', leg: CHAT });
    expect(refusalOf(story.says('Hello'))).toMatchObject({ code: 'chat-over' });
  });
});

describe('whose conversation it is', () => {
  it('is ours to carry from when it is opened, though a bot was asked about it by a flow before', () => {
    const story = Story.opened({ channel: 'webchat', leg: CHAT });
    story.says('billing', 'v-1', { terms: TERMS, epoch: 1 });
    story.answered(['One moment']);
    expect(story.chat.anchored).toBe(false);
    expect(types(story.openChat())).toEqual(['ChatMoved']);
    expect(story.chat).toMatchObject({ anchored: true, device: 'phone' });
    expect(story.openChat()).toEqual([]);
    expect(refusalOf(story.openChat({ device: 'laptop' }))).toMatchObject({ code: 'claim-already-active' });
    story.says('A person, please');
    story.answered([], { kind: 'redirect', resume: false });
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    expect(story.command).toMatchObject({ kind: 'OpenConversation' });
  });

  it('is opened once, and moves to another device only where the customer wants it (H7)', () => {
    const story = Story.chatting();
    expect(story.openChat()).toEqual([]);
    expect(refusalOf(story.openChat({ device: 'laptop' }))).toMatchObject({ code: 'claim-already-active' });
    expect(types(story.openChat({ device: 'laptop', move: true }))).toEqual(['ChatMoved']);
    expect(story.chat.device).toBe('laptop');
  });

  it('is not opened where there is no such leg, nor after the end', () => {
    expect(refusalOf(Story.opened().openChat())).toMatchObject({ code: 'chat-unknown' });
    const story = Story.chatting();
    story.take({ kind: 'end-chat', leg: CHAT });
    expect(refusalOf(story.openChat())).toMatchObject({ code: 'chat-over' });
  });

  it('is over while another conversation of the interaction goes on', () => {
    const story = Story.chatting();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.take({ kind: 'end-chat', leg: CHAT });
    expect(story.interaction.endedAt).toBeUndefined();
    expect(refusalOf(story.openChat())).toMatchObject({ code: 'chat-over' });
    expect(refusalOf(story.says('Hello'))).toMatchObject({ code: 'chat-over' });
    expect(story.take({ kind: 'end-chat', leg: CHAT })).toEqual([]);
  });

  it('is ended by the device that has it, and of what is not ours nothing', () => {
    const story = Story.chatting();
    expect(refusalOf(story.take({ kind: 'end-chat', leg: CHAT, device: 'laptop' }))).toMatchObject({
      code: 'chat-elsewhere',
    });
    expect(refusalOf(Story.opened().take({ kind: 'end-chat', leg: LEG }))).toMatchObject({ code: 'chat-unknown' });
    expect(types(story.take({ kind: 'end-chat', leg: CHAT, device: 'phone' }))).toEqual([
      'ChatMarked',
      'LegEnded',
      'HolderChanged',
      'InteractionEnded',
    ]);
  });

  it('keeps its customer, whatever a move of another conversation comes to', () => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.escalate();
    story.take({ kind: 'attach-leg', leg: CHAT });
    story.openChat();
    const { holder } = story.interaction;
    story.done('Inspect', { queue: QUEUE, view: WITH_AGENT });
    expect(story.interaction.holder).toEqual(holder);
    const elsewhere = Story.opened({ channel: 'voice', leg: OTHER_LEG });
    elsewhere.tell(joined(), START, OTHER_LEG);
    const { attendance } = elsewhere.interaction;
    story.take({ kind: 'attach-leg', leg: OTHER_LEG, known: { ended: false, attendance } });
    expect(story.interaction.holder).toEqual(holder);
  });

  it('begins with the bot, whoever talked on the call', () => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.tell(joined(), START, VOICE_LEG);
    expect(story.interaction.holder.kind).toBe('agent');
    story.take({ kind: 'attach-leg', leg: CHAT });
    story.openChat({ greet: true });
    expect(story.interaction.holder).toMatchObject({ kind: 'bot', epoch: 3 });
    expect(story.command).toMatchObject({ kind: 'RunBotTurn', turn: { prompt: { kind: 'event', name: 'opened' } } });
    // Who leaves the call, or comes to it, does not take the customer out of the chat.
    story.tell(parted(), START + 1, VOICE_LEG);
    story.tell(joined('p-2', 'a-2'), START + 2, VOICE_LEG);
    story.tell(CUSTOMER_LEFT, START + 3, VOICE_LEG);
    expect(story.interaction.holder).toMatchObject({ kind: 'bot', epoch: 3 });
    expect(story.interaction.endedAt).toBeUndefined();
  });
});

describe('seed 000, edge case 1: the customer opens the link more than once', () => {
  it('one conversation comes of it: refresh, second device, and the move to it', () => {
    const story = Story.deflected('standing');
    // Whoever opens the link brings a conversation of their own, and goes on in the one that has won.
    const opened = (device: string, move = false) => [
      ...story.claim(device, { ...CHAT, externalId: `chat-of-${device}` as ExternalId }, move),
      ...story.openChat({ leg: { ...CHAT, externalId: 'chat-of-phone' as ExternalId }, device, move, greet: true }),
    ];
    const leg = { platform: CHAT.platform, externalId: 'chat-of-phone' as ExternalId };
    opened('phone');
    story.says('Hello', 'm-1', { leg });
    expect(opened('phone')).toEqual([]);
    expect(opened('laptop').map((event) => ('code' in event ? event.code : event.type))).toEqual([
      'claim-already-active',
      'claim-already-active',
    ]);
    expect(types(opened('laptop', true))).toEqual(['OfferClaimed', 'ChatMoved']);
    expect(refusalOf(story.says('Still me', 'm-2', { leg, device: 'phone' }))).toMatchObject({
      code: 'chat-elsewhere',
    });
    expect(types(story.says('Here now', 'm-3', { leg, device: 'laptop' }))).toEqual(['MessageSaid']);
    expect(story.interaction.legs.filter(({ platform }) => platform === CHAT.platform)).toHaveLength(1);
    expect(story.interaction.chats).toHaveLength(1);
    expect(story.settled).toMatchObject({ outcome: 'completed', claimed: { device: 'laptop' } });
  });
});

describe('the bot', () => {
  it('is asked one message at a time, in order, with what it remembered', () => {
    const story = Story.chatting();
    story.says('One');
    story.says('Two');
    expect(story.command).toMatchObject({
      kind: 'RunBotTurn',
      safety: 'fenced',
      bot: 'front-desk',
      timeoutMs: 4_000,
      turn: { session: 'interaction-1-digital', turnId: 'One', memory: null, prompt: { kind: 'text', text: 'One' } },
    });
    story.answered(['First answer']);
    expect(story.command).toMatchObject({ turn: { turnId: 'Two', memory: { step: 'next' } } });
    story.answered([]);
    expect(story.commands).toEqual([]);
    expect(story.lines).toEqual(['1 customer: One', '2 customer: Two', '3 bot: First answer']);
  });

  it('knows the customer, what is known of their matter, and what the other channel’s session remembered', () => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG, customer: { name: 'Jo', segment: 'vip' } });
    story.says('billing', 'v-1', { leg: VOICE_LEG, terms: TERMS, epoch: 1 });
    expect(story.command).toMatchObject({ turn: { session: 'interaction-1-voice', customer: { name: 'Jo' } } });
    story.answered(['Sending you a link.']);
    story.take({ kind: 'attach-leg', leg: CHAT });
    story.openChat({ greet: true });
    expect(story.command).toMatchObject({
      turn: {
        session: 'interaction-1-digital',
        prior: { session: 'interaction-1-voice', memory: { step: 'next' } },
        customer: { name: 'Jo', segment: 'vip' },
        context: { intent: 'billing_dispute' },
      },
    });
  });

  it('sets attributes for whoever comes next, and ends the matter', () => {
    const story = Story.chatting();
    story.says('Bye');
    story.answered(['Goodbye'], { kind: 'attributes', attributes: { Product_Type: 'card' } }, { kind: 'end' });
    expect(story.interaction.context.attributes).toEqual({ Product_Type: 'card' });
    expect(story.interaction.endedAt).toBe(START);
    expect(story.lines.at(-1)).toBe('3 over');
  });

  it('is asked again once, then relieved by the fallback, then by a person: never silence (H6)', () => {
    const story = Story.chatting();
    story.says('Hello');
    story.fail(TIMED_OUT);
    expect(story.commands).toEqual([]);
    story.dueNext();
    story.fail(TIMED_OUT);
    expect(story.command).toMatchObject({ kind: 'RunBotTurn', bot: 'plain', turn: { turnId: 'Hello', memory: null } });
    story.fail(GONE);
    expect(story.command).toMatchObject({ kind: 'PrepareEscalation' });
    story.done('PrepareEscalation', { policy: CHAT_POLICY });
    expect(story.command).toMatchObject({ kind: 'OpenConversation' });
    expect(story.lines).toEqual(['1 customer: Hello', '2 person-asked']);
  });

  it('that never answers is slow: its time is up by itself', () => {
    const story = Story.chatting();
    story.says('Hello');
    story.dueNext();
    expect(story.chat.task?.task.kind).toBe('waiting');
    story.dueNext();
    story.dueNext();
    expect(story.command).toMatchObject({ bot: 'plain' });
  });

  it('is due only when its time is up', () => {
    const story = Story.chatting();
    story.says('Hello');
    expect(story.take({ kind: 'due', chance: 0.5 })).toEqual([]);
    story.fail(TIMED_OUT);
    expect(story.take({ kind: 'due', chance: 0.5 })).toEqual([]);
  });

  it('H2: what it says after a person has taken over is said to nobody', () => {
    const story = Story.chatting();
    story.says('Hello');
    const [command] = story.commands;
    story.escalate({ policy: CHAT_POLICY });
    const late = {
      kind: 'done',
      of: 'RunBotTurn',
      result: { messages: ['Too late'], actions: [], memory: null },
    } as const;
    const events = story.take({
      kind: 'command-outcome',
      key: command?.key ?? '',
      outcome: late,
      tookMs: 1,
      chance: 0.5,
    });
    expect(events).toEqual([]);
    // The message that it was asked is the people's now.
    story.done('OpenConversation', { queue: QUEUE, externalId: DESK_LEG.externalId });
    expect(story.command).toMatchObject({ kind: 'DeliverMessage', message: { id: 'Hello' } });
  });

  it('takes the conversation again when nobody has it and the customer goes on', () => {
    const story = Story.chatting();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.tell(joined(), START, OTHER_LEG);
    story.take({ kind: 'detach-leg', leg: OTHER_LEG });
    const state = { ...story.interaction, holder: { kind: 'none', epoch: 5 } } as const;
    story.state = state;
    expect(types(story.says('Hello'))).toEqual(['HolderChanged', 'MessageSaid']);
    expect(story.interaction.holder).toEqual({ kind: 'bot', epoch: 6 });
  });

  it('ends the talk after the customer’s long silence, and only while it holds it (seed 001 §3)', () => {
    const story = Story.chatting();
    story.says('Hello');
    story.answered(['Hi']);
    expect(deadline(story.state)).toBe(START + 600_000);
    story.wait(599_999);
    expect(story.take({ kind: 'due', chance: 0 })).toEqual([]);
    story.wait(1);
    expect(types(story.take({ kind: 'due', chance: 0 }))).toContain('InteractionEnded');
    expect(deadline(Story.withPeople().state)).toBeNull();
    const { botIdleMs: _, ...patient } = TERMS;
    const lasting = Story.opened({ channel: 'webchat', leg: CHAT });
    lasting.openChat({ terms: patient });
    expect(deadline(lasting.state)).toBeNull();
  });
});

describe('a turn that is asked for by epoch', () => {
  const turn = (story: Story, epoch: number, id = 'v-1') =>
    story.says('billing', id, { leg: VOICE_LEG, terms: TERMS, epoch });
  const calling = () => Story.opened({ channel: 'voice', leg: VOICE_LEG });

  it('is answered with what the bot said, and the same again is the same', () => {
    const story = calling();
    expect(types(turn(story, 1))).toEqual(['ChatOpened', 'MessageSaid']);
    story.answered(['A', 'B']);
    expect(story.chat.answer).toEqual({ to: 'v-1', messages: ['A', 'B'] });
    expect(turn(story, 1)).toEqual([]);
    expect(types(turn(story, 1, 'v-2'))).toEqual(['MessageSaid']);
  });

  it('may be an event, which is taken once too', () => {
    const story = calling();
    const event = { leg: VOICE_LEG, terms: TERMS, epoch: 1, prompt: { kind: 'event', name: 'no-input' } } as const;
    expect(types(story.says('', 'e-1', event))).toEqual(['ChatOpened', 'BotTold']);
    expect(story.says('', 'e-1', event)).toEqual([]);
    expect(types(story.says('', 'e-2', event))).toEqual(['BotTold']);
    expect(story.command).toMatchObject({ turn: { turnId: 'e-1', prompt: { kind: 'event', name: 'no-input' } } });
  });

  it('H2: is refused with an older epoch, and while the bot is not the holder', () => {
    const story = calling();
    story.tell(joined(), START, VOICE_LEG);
    expect(refusalOf(turn(story, 1))).toMatchObject({ code: 'stale-holder' });
    expect(refusalOf(turn(story, 2))).toMatchObject({ code: 'stale-holder' });
    const known = calling();
    turn(known, 1);
    known.answered(['A']);
    known.tell(joined(), START, VOICE_LEG);
    expect(refusalOf(turn(known, 1, 'v-2'))).toMatchObject({ code: 'stale-holder' });
    expect(refusalOf(turn(known, 2, 'v-3'))).toMatchObject({ code: 'stale-holder' });
  });

  it('is refused on a conversation that is not ours or is over', () => {
    expect(refusalOf(Story.opened().says('x', 'x', { leg: VOICE_LEG, terms: TERMS }))).toMatchObject({
      code: 'chat-unknown',
    });
    const over = calling();
    over.tell(CUSTOMER_LEFT, START, VOICE_LEG);
    expect(refusalOf(turn(over, 9))).toMatchObject({ code: 'chat-over' });
  });

  it('leads to the platform’s own people by its own way, and an end is the platform’s to make', () => {
    const story = calling();
    turn(story, 1);
    story.answered(['One moment'], { kind: 'redirect', resume: false });
    story.done('PrepareEscalation', { policy: POLICY });
    expect(story.command).toMatchObject({ kind: 'Inspect', externalId: VOICE_LEG.externalId });
    const ending = calling();
    turn(ending, 1);
    ending.answered(['Bye'], { kind: 'end' });
    expect(ending.interaction.endedAt).toBeUndefined();
  });
});

it('after an erasure nothing of it is asked for any more, and whoever speaks is told', () => {
  const story = Story.chatting();
  story.says('Hello');
  story.take({ kind: 'erase', erasureId: 'e-1' });
  expect(next(story.state)).toEqual([]);
  expect(refusalOf(story.says('Again'))).toMatchObject({ code: 'interaction-erased' });
});
