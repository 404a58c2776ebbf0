// Owns what follows when a platform tells something of a conversation: what it proves for the open move, who holds the conversation after
// it (H2), and the end of what is over (H6).

import type { ConversationEvent } from '../context/conversation.ts';
import type { Instant } from '../ids.ts';
import { holdOnAccept } from './agent-hold.ts';
import { aside, attend } from './attendance.ts';
import { anchoredIn } from './chat.ts';
import { consultedIn } from './consult-end.ts';
import { customerLeft, settled } from './ending.ts';
import { escalationTold } from './escalation-course.ts';
import type { EventBody } from './event.ts';
import { isOver } from './evidence.ts';
import { evolve } from './evolve.ts';
import { type HeldLeg, type Interaction, isErased, liveLeg, type State } from './interaction.ts';
import { isSameLeg, type Leg, legOf } from './move.ts';
import { isCrossing } from './transfer.ts';
import { transferLost, transferTold } from './transfer-course.ts';

/** A vendor event: first what it proves for the open move, then who holds the conversation after it. */
export function told(state: Interaction, event: ConversationEvent, now: Instant): readonly EventBody[] {
  const leg = liveLeg(state, event.platform, event.externalId);
  if (!leg) return toldAfterwards(state, event);
  const bodies = toldOf(state, event, leg, now);
  return isBeside(state, leg) ? [...bodies.filter(isNoHolder), ...aside(state, event, leg)] : bodies;
}

/** What follows from `leg`, where that is the customer's: as long as they are in a conversation of ours, another one changes no holder (H2). */
export function besideOurs(state: Interaction, leg: Leg, bodies: readonly EventBody[]): readonly EventBody[] {
  return isBeside(state, leg) ? bodies.filter(isNoHolder) : bodies;
}

/** The customer is in a conversation of ours: who comes to or leaves another one does not hold them (H2). */
function isBeside(state: Interaction, leg: Leg): boolean {
  const chat = anchoredIn(state);
  if (!chat || isSameLeg(chat.leg, leg)) return false;
  return !(chat.desk?.leg && isSameLeg(chat.desk.leg, leg));
}

function isNoHolder({ type }: EventBody): boolean {
  return type !== 'HolderChanged' && type !== 'AttendanceChanged';
}

function toldOf(state: Interaction, event: ConversationEvent, leg: HeldLeg, now: Instant): readonly EventBody[] {
  if (event.kind === 'customer-left' || (event.kind === 'seen' && isOver(event.view))) return left(state, event, leg);
  const bodies = [...proven(state, event), ...(isConsulted(state, leg) ? [] : attend(state, event, leg))];
  // The same news may complete the handoff whose agent is held.
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at: now, actor: '' }), state);
  return after && !isErased(after) ? [...bodies, ...holdOnAccept(after, event)] : bodies;
}

/** Of a transfer, the end of one side is news to be held against the other. */
function left(state: Interaction, event: ConversationEvent, held: Leg): readonly EventBody[] {
  const { move } = state;
  const leg = legOf(held);
  if (move?.kind !== 'transfer' || !isCrossing(move, leg)) return customerLeft(state, leg);
  return transferLost(state, move, { leg, hungUp: isHangUp(event) });
}

/** A look has shown before that the source is over. Whose doing it was, only what is told says: who hung up is looked for no longer (H6). */
function toldAfterwards(state: Interaction, event: ConversationEvent): readonly EventBody[] {
  const { move } = state;
  if (move?.kind !== 'transfer' || !isSameLeg(move.leg, event) || !isHangUp(event)) return [];
  const consulted = consultedIn(state, move).map((leg): EventBody => ({ type: 'LegEnded', leg }));
  return move.progress.step === 'injecting'
    ? []
    : [settled(move, 'cancelled', { reason: 'customer-left', vendorMs: 0 }), ...consulted];
}

function isHangUp(event: ConversationEvent): boolean {
  return event.kind === 'customer-left' && !event.transferred && !event.dropped;
}

function proven(state: Interaction, event: ConversationEvent): readonly EventBody[] {
  const { move } = state;
  if (!move) return [];
  if (move.kind === 'callback') return [];
  return move.kind === 'escalation' ? escalationTold(state, move, event) : transferTold(state, move, event);
}

/** The destination's agent talks to the source's, and not to the customer: they hold nobody yet (H2). */
function isConsulted({ move }: Interaction, leg: Leg): boolean {
  if (move?.kind !== 'transfer' || !move.arrived || !isSameLeg(move.arrived, leg)) return false;
  const accepted = 'accept' in move.progress && move.progress.accept === true;
  return move.terms.type !== 'blind' && !accepted;
}
