// Owns how a conversation of ours is opened, moved to another device, spoken in and ended. What is said again under the same id changes
// nothing; what a former holder says is refused (H2); one device has it at a time (H7).

import { maskCardText } from '../context/card-numbers.ts';
import type { Instant } from '../ids.ts';
import {
  type Attachment,
  agentNameIn,
  anchoredIn,
  type Chat,
  chatOfDesk,
  chatOn,
  isNamed,
  rememberedAs,
  type Speaker,
} from './chat.ts';
import { customerLeft } from './ending.ts';
import type { EventBody } from './event.ts';
import type { Input } from './input.ts';
import { type Interaction, liveLeg } from './interaction.ts';
import { isSameLeg, legOf } from './move.ts';
import { isStale, succeed, withoutLeg } from './ownership.ts';
import { refusal } from './refusal.ts';

const OURS = 'chat';

type ChatInput = Extract<Input, { kind: 'open-chat' | 'customer-says' | 'agent-says' | 'name-agent' | 'end-chat' }>;

/** What is asked or told of a conversation of ours. */
export function inChat(state: Interaction, input: ChatInput): readonly EventBody[] {
  switch (input.kind) {
    case 'open-chat':
      return openChat(state, input);
    case 'customer-says':
      return customerSays(state, input);
    case 'agent-says':
      return agentSays(state, input);
    case 'name-agent':
      return nameAgent(state, input);
    case 'end-chat':
      return endChat(state, input);
  }
}

/** The conversation on `leg` becomes ours to carry; on another device than before it moves there, where that is what the customer wants. */
function openChat(state: Interaction, input: Extract<Input, { kind: 'open-chat' }>): readonly EventBody[] {
  const { leg, device, terms, move, greet } = input;
  if (state.endedAt !== undefined) return [refusal(OURS, 'chat-over')];
  const held = liveLeg(state, leg.platform, leg.externalId);
  const known = chatOn(state, leg);
  if (!held) return [refusal(OURS, known ? 'chat-over' : 'chat-unknown')];
  if (known?.anchored && known.device === device) return [];
  if (known && known.device !== undefined && known.device !== device && !move)
    return [refusal(OURS, 'claim-already-active')];
  // A platform's flow asked a bot about it before the customer was there: from now on it is ours to carry.
  if (known && !known.anchored) return [{ type: 'ChatMoved', leg, device, anchored: true }, ...givenToBot(state, leg)];
  if (known) return [{ type: 'ChatMoved', leg, device }];
  const opened: EventBody = { type: 'ChatOpened', leg: legOf(held), anchored: true, terms, device };
  const told: EventBody = { type: 'BotTold', leg, name: 'opened' };
  return [opened, ...givenToBot(state, leg), ...(greet ? [told] : [])];
}

/** Who talks on another conversation does not talk here: the bot begins (H2). */
function givenToBot(state: Interaction, leg: Chat['leg']): readonly EventBody[] {
  const holder = succeed(state.holder, { kind: 'bot' });
  const others = state.legs.filter((held) => !isSameLeg(held, leg));
  const attendance = others.reduce(withoutLeg, state.attendance);
  if (holder !== state.holder) return [{ type: 'HolderChanged', holder, attendance }];
  // The bot has it already: only who else is there is another.
  return attendance === state.attendance ? [] : [{ type: 'AttendanceChanged', attendance }];
}

/** The customer says something, or does something that the bot is to know of. */
function customerSays(state: Interaction, input: Extract<Input, { kind: 'customer-says' }>): readonly EventBody[] {
  const { leg, id, prompt, device, epoch, attachments } = input;
  const chat = chatOn(state, leg);
  if (!chat && input.terms) return firstTurn(state, input, input.terms);
  if (!chat) return [refusal(OURS, 'chat-unknown')];
  if (isKnown(chat, { kind: 'customer' }, id)) return [];
  if (state.endedAt !== undefined || !liveLeg(state, leg.platform, leg.externalId)) return [refusal(OURS, 'chat-over')];
  if (device !== undefined && device !== chat.device) return [refusal(OURS, 'chat-elsewhere')];
  if (epoch !== undefined && (isStale(state.holder, epoch) || state.holder.kind !== 'bot'))
    return [refusal(OURS, 'stale-holder')];
  const { taken, holder } = answering(state);
  if (prompt.kind === 'event') return [...taken, { type: 'BotTold', leg: chat.leg, name: prompt.name, id }];
  return [
    ...taken,
    said(state, chat, { from: { kind: 'customer' }, id, text: prompt.text, epoch: holder.epoch, attachments }),
  ];
}

/** Nobody has it any more, and the customer goes on: the bot answers, never silence. */
function answering(state: Interaction) {
  if (state.holder.kind !== 'none') return { taken: [], holder: state.holder };
  const holder = succeed(state.holder, { kind: 'bot' });
  const taken: readonly EventBody[] = [{ type: 'HolderChanged', holder, attendance: state.attendance }];
  return { taken, holder };
}

/** The first turn of a bot in a conversation that a platform carries. */
function firstTurn(
  state: Interaction,
  input: Extract<Input, { kind: 'customer-says' }>,
  terms: Chat['terms'],
): readonly EventBody[] {
  const { leg, id, prompt, epoch = 0 } = input;
  const held = liveLeg(state, leg.platform, leg.externalId);
  if (!held) return [refusal(OURS, state.endedAt === undefined ? 'chat-unknown' : 'chat-over')];
  if (isStale(state.holder, epoch) || state.holder.kind !== 'bot') return [refusal(OURS, 'stale-holder')];
  const opened: EventBody = { type: 'ChatOpened', leg: legOf(held), anchored: false, terms };
  if (prompt.kind === 'event') return [opened, { type: 'BotTold', leg: legOf(held), name: prompt.name, id }];
  const { epoch: now } = state.holder;
  const from: Speaker = { kind: 'customer' };
  return [opened, said(state, { leg: legOf(held), seq: 0 }, { from, id, text: prompt.text, epoch: now })];
}

/** An agent says something at the people's side. Whoever speaks there holds the customer, though nobody told of their coming. */
function agentSays(state: Interaction, input: Extract<Input, { kind: 'agent-says' }>): readonly EventBody[] {
  const { platform, far, id, text, name, files = [] } = input;
  const chat = chatOfDesk(state, platform, far);
  // The talk of that name is over: what comes late is said to nobody, and the history keeps that it was (H2, H4).
  if (!chat?.desk || state.endedAt !== undefined) return [refusal(OURS, 'stale-holder')];
  const called = name ?? (state.holder.kind === 'agent' ? agentNameIn(state.holder, chat.desk) : undefined);
  const from: Speaker = { kind: 'agent', ...(called !== undefined && { name: called }) };
  if (isKnown(chat, from, id)) return [];
  const holder =
    state.holder.kind === 'agent'
      ? state.holder
      : succeed(state.holder, {
          kind: 'agent',
          ...(state.holder.queueId !== undefined && { queueId: state.holder.queueId }),
        });
  const held: readonly EventBody[] =
    holder === state.holder ? [] : [{ type: 'HolderChanged', holder, attendance: state.attendance }];
  const joined: readonly EventBody[] =
    holder === state.holder || chat.desk.joined
      ? []
      : [{ type: 'ChatMarked', leg: chat.leg, seq: chat.seq + 1, mark: 'person-joined', ...(name && { name }) }];
  const { leg } = chat;
  const { epoch } = holder;
  const words = text === '' ? [] : [said(state, { leg, seq: chat.seq + joined.length }, { from, id, text, epoch })];
  const offered: readonly EventBody[] =
    files.length > 0 ? [{ type: 'AgentFilesOffered', leg, id, platform, from, epoch, files }] : [];
  return [...held, ...joined, ...words, ...offered];
}

/** Only of the agent who has the customer now: a name that comes late is nobody's. */
function nameAgent(state: Interaction, input: Extract<Input, { kind: 'name-agent' }>): readonly EventBody[] {
  const { platform, far, agentId, name } = input;
  const chat = chatOfDesk(state, platform, far);
  const isHere = state.holder.kind === 'agent' && state.holder.agentId === agentId && state.endedAt === undefined;
  if (!chat?.desk || !isHere || isNamed(chat.desk, agentId)) return [];
  return [{ type: 'AgentNamed', leg: chat.leg, agentId, name }];
}

/** The customer, or the bot for them, ends the talk. */
function endChat(state: Interaction, input: Extract<Input, { kind: 'end-chat' }>): readonly EventBody[] {
  const chat = chatOn(state, input.leg);
  if (!chat) return [refusal(OURS, 'chat-unknown')];
  if (state.endedAt !== undefined || !liveLeg(state, chat.leg.platform, chat.leg.externalId)) return [];
  if (input.device !== undefined && input.device !== chat.device) return [refusal(OURS, 'chat-elsewhere')];
  return chatOver(state, chat);
}

/** The talk is over: its far side is closed, and where it was the last conversation so is the interaction (H6). */
export function chatOver(state: Interaction, chat: Chat): readonly EventBody[] {
  const { desk, leg } = chat;
  const there = desk?.leg && liveLeg(state, desk.leg.platform, desk.leg.externalId) ? desk.leg : undefined;
  const handoff = state.settled.findLast(({ leg: from }) => isSameLeg(from, leg));
  const closing: readonly EventBody[] =
    there && handoff
      ? [
          { type: 'LegEnded', leg: there },
          { type: 'ClosingAdded', id: `${handoff.id}.close`, handoffId: handoff.id, leg: there },
        ]
      : [];
  const legs = state.legs.map((held) =>
    there && isSameLeg(held, there) ? ({ ...held, state: 'ended' } as const) : held,
  );
  const over: EventBody = { type: 'ChatMarked', leg, seq: chat.seq + 1, mark: 'over' };
  const attendance = there ? withoutLeg(state.attendance, there) : state.attendance;
  const ended = customerLeft({ ...state, legs, attendance }, leg);
  return [...filesDropped(chat), over, ...closing, ...(desk ? [{ type: 'DeskClosed', leg } as const] : []), ...ended];
}

/** The talk is over: what is on its way does not come any more. */
function filesDropped({ leg, incoming = [] }: Chat): readonly EventBody[] {
  return incoming.map(({ ref }) => ({ type: 'FileNotFetched', leg, ref, code: 'chat-over', vendorMs: 0 }));
}

/** The bot's silence timer: it exists while a bot holds the talk, and nothing of ours is under way (seed 001 §3). */
export function idleUntil(state: Interaction): Instant | null {
  const chat = anchoredIn(state);
  const { move, holder } = state;
  if (!chat?.terms.botIdleMs || holder.kind !== 'bot' || move || chat.task) return null;
  return chat.saidAt + chat.terms.botIdleMs;
}

function isKnown({ recent }: Chat, from: Speaker, id: string): boolean {
  const known = rememberedAs(from, id);
  return recent.some((one) => one.id === known);
}

type Line = {
  readonly from: Speaker;
  readonly id: string;
  readonly text: string;
  readonly epoch: number;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly replyTo?: string;
};

/** The next line of the conversation. What the flags forbid is masked before it is kept. */
export function said(
  { context }: Interaction,
  { leg, seq }: Pick<Chat, 'leg' | 'seq'>,
  { text, attachments, ...rest }: Line,
): Extract<EventBody, { type: 'MessageSaid' }> {
  const flagged = context.complianceFlags?.includes('pci_dss') === true;
  return {
    type: 'MessageSaid',
    leg,
    seq: seq + 1,
    text: flagged ? maskCardText(text) : text,
    ...rest,
    ...(attachments && attachments.length > 0 && { attachments }),
  };
}
