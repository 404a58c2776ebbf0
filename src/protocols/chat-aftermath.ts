// Owns what follows for a conversation of ours when something else has happened: nobody could be reached, an agent has come, or the agents'
// talk is over and the bot goes on where an explicit mark says so (seed 001: resume). Keeps H2 and H6: no end of a talk leaves silence.

import { anchoredIn, type Chat, type Wanted } from './chat.ts';
import { chatOver } from './chat-saying.ts';
import type { EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import { type Interaction, isErased, liveLeg, type State } from './interaction.ts';
import { succeed } from './ownership.ts';

/** `bodies`, with what follows from them for the conversations that we carry. */
export function withAftermath(state: Interaction, bodies: readonly EventBody[], now: number): readonly EventBody[] {
  const chat = anchoredIn(state);
  if (!chat || bodies.length === 0) return bodies;
  const after = folded(state, bodies, now);
  if (!after) return bodies;
  const failed = notReached(chat, bodies);
  const unreached = failed ? unreachedBy(after, chat, failed.wanted, failed.code) : [];
  return [...bodies, ...unreached, ...changedHands(state, chat, after)];
}

/** A bot may try another queue, and not every queue for ever: each try is a handoff (H6). */
const MOST_UNREACHED = 3;

function folded(state: Interaction, bodies: readonly EventBody[], at: number): Interaction | null {
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at, actor: '' }), state);
  return after === null || isErased(after) ? null : after;
}

/** The person that was wanted cannot be had. */
function notReached(
  { asked, wants, leg }: Chat,
  bodies: readonly EventBody[],
): { readonly wanted: Wanted; readonly code: string } | undefined {
  for (const body of bodies) {
    if (body.type === 'HandoffSettled' && body.handoffId === asked?.handoffId && body.outcome !== 'completed')
      return { wanted: asked, code: body.reason ?? body.outcome };
    if (body.type === 'PersonNotFound' && body.leg.externalId === leg.externalId && wants)
      return { wanted: wants, code: body.code };
  }
  return undefined;
}

function unreachedBy(after: Interaction, { leg }: Chat, wanted: Wanted, code: string): readonly EventBody[] {
  const now = anchoredIn(after);
  if (!now || after.endedAt !== undefined) return [];
  // The bot that asked is there to say what can be done; one that has failed, or only asks again and again, cannot: the customer is told by us.
  if (wanted.by === 'redirect' && (now.unreached ?? 0) < MOST_UNREACHED)
    return [{ type: 'BotTold', leg, name: 'redirect-failed', reason: code }];
  const handoff = after.settled.at(-1);
  const alert: readonly EventBody[] = handoff
    ? [{ type: 'ChoreAdded', id: `${handoff.id}.nobody`, code: 'nobody-reached', handoffId: handoff.id }]
    : [];
  return [{ type: 'ChatMarked', leg, seq: now.seq + 1, mark: 'nobody-reached' }, ...alert];
}

function changedHands(before: Interaction, chat: Chat, after: Interaction): readonly EventBody[] {
  const now = anchoredIn(after);
  if (!now || after.endedAt !== undefined) return [];
  const came = before.holder.kind !== 'agent' && after.holder.kind === 'agent';
  const isMarked = now.seq > chat.seq;
  if (came && now.desk && !now.desk.joined && !isMarked)
    return [{ type: 'ChatMarked', leg: now.leg, seq: now.seq + 1, mark: 'person-joined' }];
  const wasTheirs = chat.desk !== null && (before.holder.kind === 'agent' || before.holder.kind === 'queue');
  const isOver = after.holder.kind === 'bot' || after.holder.kind === 'none';
  return wasTheirs && isOver && now.desk ? handedBack(after, now, now.desk) : [];
}

/** The people's talk is over. The bot goes on if that was asked for, else the conversation ends with it. */
function handedBack(after: Interaction, chat: Chat, { leg: there }: NonNullable<Chat['desk']>): readonly EventBody[] {
  const { leg, seq } = chat;
  const live = there && liveLeg(after, there.platform, there.externalId) ? there : undefined;
  const gone: readonly EventBody[] = live ? [{ type: 'LegEnded', leg: live }] : [];
  const marked: EventBody = { type: 'ChatMarked', leg, seq: seq + 1, mark: 'person-left' };
  const closed: EventBody = { type: 'DeskClosed', leg };
  if (!after.resumeBot) {
    const legs = after.legs.map((held) =>
      live && held.externalId === live.externalId && held.platform === live.platform
        ? ({ ...held, state: 'ended' } as const)
        : held,
    );
    const over = chatOver({ ...after, legs }, { ...chat, seq: seq + 1, desk: null });
    return [marked, closed, ...gone, ...over];
  }
  const holder = succeed(after.holder, { kind: 'bot' });
  const taken: readonly EventBody[] =
    holder === after.holder ? [] : [{ type: 'HolderChanged', holder, attendance: after.attendance }];
  return [marked, closed, ...gone, ...taken, { type: 'BotTold', leg, name: 'resumed' }];
}
