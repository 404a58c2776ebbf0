// Owns how a conversation of ours goes on: which command the one thing under way stands for, and what follows from its answer and from
// time. One delivery at a time, in order. Keeps H5: a message whose delivery is uncertain is repeated only where the far side takes it once;
// and H6: a bot that fails or is slow is relieved, by the fallback or a person, never by silence.

import type { BotAction, BotReply } from '../context/bot-reply.ts';
import type { Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import { anchoredIn, type Chat, chatKey, sessionOf, type Undelivered } from './chat.ts';
import { type Leaving, manifestIn } from './chat-manifest.ts';
import { chatOver, idleUntil, said } from './chat-saying.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Command, CommandOutcome, CommandResult } from './command.ts';
import { requestEscalation } from './escalation.ts';
import type { EventBody } from './event.ts';
import type { Interaction } from './interaction.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';
import { changeContext } from './tending.ts';

/** A bot that failed twice is not asked a third time: the customer is waiting. */
const MOST_TURN_TRIES = 2;
/** How long a message is tried to be delivered while the far side provably did not take it. */
const DELIVER_WITHIN_MS = 120_000;
const DELIVERY_TIMEOUT_MS = 8_000;
/** A command is sent only after its append is durable: its time-out begins that much later at most. */
const COMMIT_MS = 1_000;

function timeoutOf({ task, terms }: Chat): number {
  return task?.to === 'bot' ? terms.turnTimeoutMs : DELIVERY_TIMEOUT_MS;
}

/** The command that must be under way for it; null while it waits. */
export function chatCommand(state: Interaction, chat: Chat): Command | null {
  const { task, desk, waiting, seat, leg } = chat;
  if (task?.task.kind !== 'running') return null;
  const base = { key: chatKey(chat), timeoutMs: timeoutOf(chat) } as const;
  if (task.to === 'plan') {
    return {
      ...base,
      kind: 'PrepareEscalation',
      safety: 'repeatable',
      platform: leg.platform,
      interactionId: state.id,
    };
  }
  const head = waiting.find(({ id }) => id === task.of);
  if (!head) return null;
  if (task.to === 'bot') {
    const turn = turnOf(state, chat, head);
    return { ...base, kind: 'RunBotTurn', safety: 'fenced', bot: seat.bot, turn };
  }
  if (!desk || head.prompt.kind !== 'text') return null;
  return {
    ...base,
    kind: 'DeliverMessage',
    safety: desk.deduplicates ? 'fenced' : 'unlookable',
    platform: desk.platform,
    far: desk.far,
    message: {
      id: head.id,
      text: head.prompt.text,
      at: head.at,
      ...(head.attachments && { attachments: head.attachments }),
    },
    ...(desk.leg && { externalId: desk.leg.externalId }),
    ...(state.customer.name !== undefined && { name: state.customer.name }),
  };
}

function turnOf({ id, customer, context, chats = [] }: Interaction, { seat, leg }: Chat, head: Undelivered) {
  const { name, segment, customerId } = customer;
  const other = chats.find((chat) => chat.seat.session !== sessionOf(id, leg))?.seat;
  return {
    session: seat.session,
    turnId: head.id,
    prompt: head.prompt,
    memory: seat.memory,
    ...(seat.memory === null && other?.memory && { prior: { session: other.session, memory: other.memory } }),
    customer: {
      ...(name !== undefined && { name }),
      ...(segment !== undefined && { segment }),
      ...(customerId !== undefined && { customerId }),
    },
    context,
  };
}

/** What follows from the answer to its command. */
export function chatAnswered(
  state: Interaction,
  chat: Chat,
  outcome: CommandOutcome,
  judged: Judged,
): readonly EventBody[] {
  if (outcome.kind !== 'done') return failedOf(state, chat, outcome, judged);
  const { leg } = chat;
  switch (outcome.of) {
    case 'RunBotTurn':
      return botAnswered(state, chat, outcome.result, judged);
    case 'DeliverMessage': {
      const head = underDelivery(chat);
      return head ? [{ type: 'MessageDelivered', leg, id: head.id, vendorMs: judged.vendorMs }] : [];
    }
    case 'PrepareEscalation':
      return planned(state, chat, outcome.result, judged.now);
    default:
      return [];
  }
}

function underDelivery({ waiting, task }: Chat): Undelivered | undefined {
  return waiting.find(({ id }) => id === task?.of);
}

function botAnswered(state: Interaction, chat: Chat, reply: BotReply, judged: Judged): readonly EventBody[] {
  const head = underDelivery(chat);
  if (!head) return [];
  const { leg, seat } = chat;
  const { epoch } = state.holder;
  const from = { kind: 'bot', name: seat.bot } as const;
  const lines = reply.messages.map((text, index) =>
    said(state, { leg, seq: chat.seq + index }, { from, id: `${head.id}.${index}`, text, epoch, replyTo: head.id }),
  );
  const after = { ...chat, seq: chat.seq + lines.length };
  const { memory } = reply;
  const answered: EventBody = { type: 'BotAnswered', leg, to: head.id, memory, vendorMs: judged.vendorMs };
  return [answered, ...lines, ...acted(state, after, reply.actions, { head, now: judged.now })];
}

function acted(
  state: Interaction,
  chat: Chat,
  actions: readonly BotAction[],
  left: Pick<Leaving, 'head' | 'now'>,
): readonly EventBody[] {
  const attributes = actions.flatMap((action) => (action.kind === 'attributes' ? [action.attributes] : []));
  const last = actions.find(({ kind }) => kind === 'redirect' || kind === 'end');
  const known: readonly EventBody[] =
    attributes.length > 0
      ? changeContext(state, {
          kind: 'change-context',
          actor: '',
          context: { attributes: Object.assign({}, ...attributes) },
        })
      : [];
  if (last?.kind === 'end') return [...known, ...(chat.anchored ? chatOver(state, chat) : [])];
  if (last?.kind !== 'redirect') return known;
  const { queue, resume, manifest: own } = last;
  const told = manifestIn(state, chat, { ...left, trigger: 'BotRedirected', own, queue });
  return [...known, ...wanting(chat, { ...(queue !== undefined && { queue }), resume, by: 'redirect', ...told })];
}

function wanting({ leg, seq }: Chat, wanted: NonNullable<Chat['wants']>): readonly EventBody[] {
  return [
    { type: 'PersonWanted', leg, wanted },
    { type: 'ChatMarked', leg, seq: seq + 1, mark: 'person-asked' },
  ];
}

/** How people are to be reached is known now: the handoff begins, or cannot. */
function planned(
  state: Interaction,
  { leg, wants }: Chat,
  { policy, manifestRef }: CommandResult['PrepareEscalation'],
  now: Instant,
): readonly EventBody[] {
  if (!wants) return [];
  const { queue, resume: resumeBot, manifest, masked = [] } = wants;
  const asked = requestEscalation(
    state,
    {
      kind: 'request-escalation',
      resumeBot,
      commitBy: 'us',
      masked,
      policy,
      ...(queue !== undefined && { queue }),
      ...(manifest && { manifest }),
      ...(manifestRef !== undefined && { manifestRef }),
    },
    now,
  );
  const refused = asked.find((event) => event.type === 'RequestRefused');
  return refused ? [...asked, { type: 'PersonNotFound', leg, code: refused.code }] : asked;
}

function failedOf(
  state: Interaction,
  chat: Chat,
  failure: Failure,
  { now, chance, vendorMs }: Judged,
): readonly EventBody[] {
  const { leg, task } = chat;
  if (!task) return [];
  const { code } = failure;
  const told = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  const tries = task.task.tries;
  const later: EventBody = { type: 'ChatDelayed', leg, code, until: now + retryDelayMs(tries, chance, told) };
  if (task.to === 'plan') return failure.kind === 'rejected' ? [{ type: 'PersonNotFound', leg, code }] : [later];
  if (task.to === 'bot') {
    const again = failure.kind !== 'rejected' && tries + 1 < MOST_TURN_TRIES;
    return again ? [later] : relieved(state, chat, code, now);
  }
  const head = underDelivery(chat);
  if (!head) return [];
  const { id } = head;
  if (failure.kind === 'rejected') return [{ type: 'DeliveryFailed', leg, id, code, vendorMs }];
  if (failure.kind === 'ambiguous' && chat.desk?.deduplicates !== true)
    return [{ type: 'DeliveryUncertain', leg, id, code, vendorMs }];
  if (now >= head.at + DELIVER_WITHIN_MS) return [{ type: 'DeliveryFailed', leg, id, code, vendorMs }];
  return [later];
}

/** The bot is relieved: by the fallback, which is asked the same, or by a person. */
function relieved(state: Interaction, chat: Chat, code: string, now: Instant): readonly EventBody[] {
  const { leg, seat, terms } = chat;
  const fallback = seat.fallen ? undefined : terms.fallbackBot;
  const given: EventBody = { type: 'BotRelieved', leg, code, ...(fallback !== undefined && { fallback }) };
  if (fallback !== undefined) return [given];
  const told = manifestIn(state, chat, { trigger: 'BotUnavailable', head: underDelivery(chat), now });
  return [given, ...wanting(chat, { resume: false, by: 'fallback', ...told })];
}

/** What the time brings for it. */
export function chatDue(state: Interaction, chat: Chat, now: Instant, chance: number): readonly EventBody[] {
  const { task, leg } = chat;
  const idle = idleUntil(state);
  if (!task) return idle !== null && idle <= now && anchoredIn(state) === chat ? chatOver(state, chat) : [];
  if (task.task.kind === 'waiting') return task.task.until <= now ? [{ type: 'ChatRetried', leg }] : [];
  if (now < overdueAt(chat, task.task.since)) return [];
  return failedOf(state, chat, { kind: 'ambiguous', code: 'timed-out' }, { now, chance, vendorMs: 0 });
}

function overdueAt(chat: Chat, since: Instant): Instant {
  return since + COMMIT_MS + timeoutOf(chat) + CLOCKS_APART_MS;
}

/** When somebody must look at it again; null when nothing is under way. */
export function chatDeadline(state: Interaction, chat: Chat): readonly Instant[] {
  const { task } = chat;
  if (task) return [task.task.kind === 'waiting' ? task.task.until : overdueAt(chat, task.task.since)];
  const idle = anchoredIn(state) === chat ? idleUntil(state) : null;
  return idle === null ? [] : [idle];
}

/** Another process had a delivery under way and is gone: it may have been made (H5). A turn asked again has its effect once. */
export function chatsTakenOver({ chats = [] }: Interaction): readonly EventBody[] {
  return chats.flatMap((chat): readonly EventBody[] => {
    const { task, leg, desk } = chat;
    const head = underDelivery(chat);
    if (task?.to !== 'desk' || task.task.kind !== 'running' || !head || desk?.deduplicates === true) return [];
    return [{ type: 'DeliveryUncertain', leg, id: head.id, code: 'taken-over', vendorMs: 0 }];
  });
}
