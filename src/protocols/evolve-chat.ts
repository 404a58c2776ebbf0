// Owns how an event changes the conversations that we carry, and what must be under way for each after it: whom the next message is for
// follows from who holds the customer (H2). Pure and total.

import type { Instant, ParticipantId } from '../ids.ts';
import {
  type Chat,
  type ChatTask,
  chatOn,
  type Incoming,
  isLeftToThem,
  REMEMBERED_IDS,
  rememberedAs,
  type Speaker,
  sessionOf,
  type Undelivered,
} from './chat.ts';
import type { Event } from './event.ts';
import type { Interaction } from './interaction.ts';
import { isSameLeg } from './move.ts';
import { running, waiting } from './task.ts';

/** The interaction after an event of a conversation's; null when it is about none. */
export function evolveChats(state: Interaction, event: Event): Interaction | null {
  if (event.type === 'ChatOpened') {
    if (chatOn(state, event.leg)) return state;
    return { ...state, chats: [...(state.chats ?? []), opened(state, event)] };
  }
  const on = legIn(event);
  if (!on) return null;
  const chat = chatOn(state, on);
  if (!chat) return null;
  const after = changed(chat, event);
  if (!after) return null;
  const chats = (state.chats ?? []).map((one) => (one === chat ? after : one));
  return { ...state, chats, ...(event.type === 'DeskOpened' && writtenTo(state, event)) };
}

/** What was written there is to be overwritten once the interaction is erased; by a person, since no party of it is known. */
function writtenTo(
  { written = [] }: Interaction,
  { desk: { leg }, names, handoffId, at }: Extract<Event, { type: 'DeskOpened' }>,
): Pick<Interaction, 'written'> {
  const customer = '' as ParticipantId;
  return leg ? { written: [...written, { leg, customer, names, handoffId, landsBy: at }] } : {};
}

const OURS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'ChatMoved',
  'MessageSaid',
  'ChatMarked',
  'BotTold',
  'BotAnswered',
  'BotRelieved',
  'PersonWanted',
  'PersonNotFound',
  'MessageDelivered',
  'DeliveryUncertain',
  'DeliveryFailed',
  'ChatDelayed',
  'ChatRetried',
  'DeskOpened',
  'DeskClosed',
  'AgentNamed',
  'AgentFilesOffered',
  'FileFetched',
  'FileNotFetched',
  'FileDelayed',
  'FileRetried',
]);

function legIn(event: Event) {
  return OURS.has(event.type) && 'leg' in event ? event.leg : null;
}

function opened(
  state: Interaction,
  { leg, anchored, terms, device, at }: Extract<Event, { type: 'ChatOpened' }>,
): Chat {
  return {
    leg,
    anchored,
    terms,
    seq: 0,
    recent: [],
    saidAt: at,
    since: at,
    seat: { bot: terms.bot, session: sessionOf(state.id, leg), memory: null, fallen: false },
    desk: null,
    waiting: [],
    wants: null,
    asked: null,
    task: null,
    commands: 0,
    ...(device !== undefined && { device }),
  };
}

function changed(chat: Chat, event: Event): Chat | null {
  switch (event.type) {
    case 'ChatMoved':
      return { ...chat, device: event.device, ...(event.anchored && { anchored: true }) };
    case 'MessageSaid':
      return withLine(chat, event);
    case 'ChatMarked':
      return { ...chat, seq: event.seq, ...markedAgent(chat, event), ...toldNobody(chat, event) };
    case 'BotTold': {
      const id = event.id ?? `${chat.seat.session}.${event.name}.${chat.commands}.${chat.waiting.length}`;
      const prompt = {
        kind: 'event',
        name: event.name,
        ...(event.reason !== undefined && { reason: event.reason }),
      } as const;
      const told = event.name === 'redirect-failed' ? { unreached: (chat.unreached ?? 0) + 1 } : {};
      const known =
        event.id === undefined ? chat : remembering(chat, rememberedAs({ kind: 'customer' }, event.id), chat.seq);
      return { ...known, ...told, waiting: [...chat.waiting, { id, seq: chat.seq, at: event.at, prompt }] };
    }
    case 'BotAnswered': {
      const seat = { ...chat.seat, memory: event.memory };
      return { ...chat, seat, waiting: without(chat, event.to), answer: { to: event.to, messages: [] } };
    }
    case 'BotRelieved': {
      const { fallback } = event;
      const bot = fallback ?? chat.seat.bot;
      return { ...chat, seat: { ...chat.seat, bot, memory: null, fallen: true }, task: null };
    }
    case 'PersonWanted':
      return { ...chat, wants: event.wanted };
    case 'PersonNotFound':
      return { ...chat, wants: null };
    case 'MessageDelivered':
    case 'DeliveryUncertain':
    case 'DeliveryFailed':
      return { ...chat, waiting: without(chat, event.id) };
    case 'DeskOpened':
      return { ...chat, desk: event.desk };
    case 'DeskClosed':
      // What comes next is the bot's, if anything does.
      return { ...chat, desk: null, since: event.at };
    case 'AgentNamed':
      return { ...chat, desk: chat.desk && { ...chat.desk, agentName: event.name, agentId: event.agentId } };
    case 'AgentFilesOffered':
      return withIncoming(chat, event);
    case 'FileFetched':
    case 'FileNotFetched':
      return { ...chat, incoming: (chat.incoming ?? []).filter(({ ref }) => ref !== event.ref) };
    case 'FileDelayed':
    case 'FileRetried':
      return {
        ...chat,
        incoming: (chat.incoming ?? []).map((one) => (one.ref === event.ref ? pacedFile(one, event) : one)),
      };
    default:
      return paced(chat, event);
  }
}

/** Files are on their way. Their names are kept from here on, so that they go with the interaction however far they came. */
function withIncoming(chat: Chat, event: Extract<Event, { type: 'AgentFilesOffered' }>): Chat {
  const { files, id, platform, from, epoch, at } = event;
  const known = rememberedAs(from, id);
  const heard = chat.recent.some((one) => one.id === known) ? chat : remembering(chat, known, chat.seq);
  const incoming = files.map((file) => ({ ...file, id, platform, from, epoch, at, task: running(at, 1) }));
  return {
    ...heard,
    ...spokenThere(heard, from),
    incoming: [...(chat.incoming ?? []), ...incoming],
    files: [...(chat.files ?? []), ...files.map(({ ref }) => ref)],
  };
}

function pacedFile(file: Incoming, event: Extract<Event, { type: 'FileDelayed' | 'FileRetried' }>): Incoming {
  const { seq, tries } = file.task;
  if (event.type === 'FileDelayed') return { ...file, task: waiting(seq, event.until, event.code, tries) };
  return { ...file, task: { ...running(event.at, seq + 1), tries: tries + 1 } };
}

/** Whoever speaks there proves that it was opened, and says who they are. */
function spokenThere({ desk: before }: Chat, from: Speaker): Pick<Chat, 'desk'> {
  if (!before || from.kind !== 'agent') return { desk: before };
  const { unsure: _, ...desk } = before;
  return { desk: { ...desk, ...(from.name !== undefined && { agentName: from.name }) } };
}

/** It waits, or begins again. */
function paced(chat: Chat, event: Event): Chat | null {
  const { task, commands } = chat;
  if (!task) return null;
  const { seq, tries } = task.task;
  if (event.type === 'ChatDelayed') {
    return { ...chat, task: { ...task, task: waiting(seq, event.until, event.code, tries) } };
  }
  if (event.type !== 'ChatRetried') return null;
  const again = { ...running(event.at, commands + 1), tries: tries + 1 };
  return { ...chat, commands: commands + 1, task: { ...task, task: again } };
}

/** A line was said: the customer's waits for the far side, everybody's counts. */
function withLine(chat: Chat, event: Extract<Event, { type: 'MessageSaid' }>): Chat {
  const { from, id, seq, text, at, attachments, replyTo } = event;
  const files = (attachments ?? []).map(({ ref }) => ref).filter((ref) => !chat.files?.includes(ref));
  const known = {
    ...remembering(chat, rememberedAs(from, id), seq),
    seq,
    saidAt: at,
    ...(files.length > 0 && { files: [...(chat.files ?? []), ...files] }),
  };
  if (from.kind === 'customer') {
    const one: Undelivered = {
      id,
      seq,
      at,
      prompt: { kind: 'text', text },
      ...(attachments && { attachments }),
    };
    const { unreached: _, told: __, ...afresh } = known;
    return { ...afresh, waiting: [...chat.waiting, one] };
  }
  if (from.kind === 'agent') return { ...known, ...spokenThere(chat, from) };
  const { answer } = chat;
  if (!answer || answer.to !== replyTo) return known;
  return { ...known, answer: { ...answer, messages: [...answer.messages, text] } };
}

function markedAgent({ desk }: Chat, { mark, name }: Extract<Event, { type: 'ChatMarked' }>): Partial<Chat> {
  if (mark !== 'person-joined' || !desk) return {};
  return { desk: { ...desk, joined: true, ...(name !== undefined && { agentName: name }) } };
}

function toldNobody({ told = 0 }: Chat, { mark }: Extract<Event, { type: 'ChatMarked' }>): Partial<Chat> {
  return mark === 'nobody-reached' ? { told: told + 1 } : {};
}

function remembering(chat: Chat, id: string, seq: number): Chat {
  return { ...chat, recent: [...chat.recent, { id, seq }].slice(-REMEMBERED_IDS) };
}

function without({ waiting: all }: Chat, id: string): readonly Undelivered[] {
  return all.filter((one) => one.id !== id);
}

/** What is asked for because a person was wanted, from its beginning to its end. */
export function evolveAsked(state: Interaction, event: Event): Interaction {
  if (!state.chats) return state;
  if (event.type === 'EscalationRequested') {
    const { leg, id: handoffId } = event.handoff;
    return eachChat(state, (chat) =>
      chat.wants && isSameLeg(chat.leg, leg) ? { ...chat, wants: null, asked: { ...chat.wants, handoffId } } : chat,
    );
  }
  if (event.type !== 'HandoffSettled') return state;
  return eachChat(state, (chat) => (chat.asked?.handoffId === event.handoffId ? { ...chat, asked: null } : chat));
}

/** What must be under way for every conversation, as things stand; the very same state where nothing changes. */
export function driven(state: Interaction, at: Instant): Interaction {
  return state.chats ? eachChat(state, (chat) => drive(state, chat, at)) : state;
}

function eachChat(state: Interaction, change: (chat: Chat) => Chat): Interaction {
  const before = state.chats ?? [];
  const chats = before.map(change);
  return chats.every((chat, index) => chat === before[index]) ? state : { ...state, chats };
}

function drive(state: Interaction, chat: Chat, at: Instant): Chat {
  const to = receiverOf(state, chat);
  const { task } = chat;
  // Events are between the bot and us: people are told by what is said.
  const prompts = to === 'desk' ? chat.waiting.filter(({ prompt }) => prompt.kind === 'text') : chat.waiting;
  const head = to === 'plan' ? undefined : prompts[0];
  if (to === null || (to !== 'plan' && !head)) {
    return task === null && prompts.length === chat.waiting.length ? chat : { ...chat, waiting: prompts, task: null };
  }
  if (task?.to === to && task.of === head?.id) return chat;
  const commands = chat.commands + 1;
  const next: ChatTask = { to, task: running(at, commands), ...(head && { of: head.id }) };
  return { ...chat, waiting: prompts, task: next, commands };
}

function isDelivering({ task, desk }: Chat): boolean {
  return desk !== null && task?.to === 'desk' && task.task.kind === 'running';
}

/** Whom the next message is for; nobody while a handoff is under way, or when nothing more is begun. */
function receiverOf(state: Interaction, chat: Chat): ChatTask['to'] | null {
  const { leg, desk, wants, anchored } = chat;
  const live = state.legs.some((held) => held.state === 'live' && isSameLeg(held, leg));
  if (!live || state.endedAt !== undefined || state.erasing) return null;
  if (wants) return 'plan';
  // What is on its way to people goes on: it may have been taken, and begun anew it could be said twice (H5).
  if (state.move && isSameLeg(state.move.leg, leg)) return isDelivering(chat) ? 'desk' : null;
  const { kind } = state.holder;
  if (kind === 'bot') return isLeftToThem(chat) ? null : 'bot';
  return anchored && desk && !desk.unsure && (kind === 'queue' || kind === 'agent') ? 'desk' : null;
}
