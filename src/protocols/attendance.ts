// Owns how what a platform tells or shows changes the holder: the agent's arrival, transfers between agents, and the end of the
// talk (H2; seed 001's "bot resumes"). Events come at least once and in any order, and end in the same holder all the same.

import type { ConversationEvent, ConversationView, Party } from '../context/conversation.ts';
import type { ParticipantId } from '../ids.ts';
import { anchoredIn } from './chat.ts';
import type { EventBody } from './event.ts';
import { isOver, isPending } from './evidence.ts';
import type { Interaction } from './interaction.ts';
import { isSameLeg, type Leg } from './move.ts';
import {
  type Attendance,
  appear,
  arrive,
  depart,
  holderBy,
  type KnownOfLeg,
  leave,
  type NextHolder,
  type PresentParty,
  remember,
  succeed,
  vanish,
  withoutLeg,
} from './ownership.ts';

/** What a vendor event about `leg` changes about who is there and so about the holder; nothing when it is old news. */
export function attend(state: Interaction, event: ConversationEvent, leg: Leg): readonly EventBody[] {
  return become(state, attendanceAfter(state, event, leg));
}

function attendanceAfter(state: Interaction, event: ConversationEvent, leg: Leg): Attendance {
  const { attendance } = state;
  switch (event.kind) {
    case 'queue-entered':
    case 'agent-joined': {
      const { participantId, at: since } = event;
      return arrive(attendance, { participantId, leg: refOf(leg), holds: holdingOf(event), since });
    }
    case 'queue-left': {
      const next: NextHolder = { kind: 'queue', queueId: event.queueId };
      return depart(attendance, event.participantId, { at: event.at, next });
    }
    case 'agent-left':
      return depart(attendance, event.participantId, { at: event.at, next: afterAgent(state, event) });
    case 'seen':
      return observe(state, event.view, leg);
    case 'customer-left':
      return attendance;
  }
}

/**
 * Who comes to or leaves `leg`, while the customer is in a conversation of ours: they hold nobody, and are remembered for when that is over (H2).
 * When they leave, nothing is left to anybody.
 */
export function aside(state: Interaction, event: ConversationEvent, leg: Leg): readonly EventBody[] {
  const attendance = asideAfter(state, event, leg);
  return attendance === state.attendance ? [] : [{ type: 'AttendanceChanged', attendance }];
}

function asideAfter(state: Interaction, event: ConversationEvent, leg: Leg): Attendance {
  const { attendance } = state;
  switch (event.kind) {
    case 'queue-entered':
    case 'agent-joined':
      return attendanceAfter(state, event, leg);
    case 'queue-left':
    case 'agent-left':
      return leave(attendance, event.participantId);
    case 'customer-left':
      return withoutLeg(attendance, leg);
    case 'seen': {
      if (isOver(event.view)) return withoutLeg(attendance, leg);
      const { left, shown } = attendance;
      const { shown: _, ...seen } = observe(state, event.view, leg);
      const isSame = seen.present === attendance.present && seen.gone === attendance.gone;
      return isSame ? attendance : { ...seen, left, ...(shown && { shown }) };
    }
  }
}

function holdingOf(event: Extract<ConversationEvent, { kind: 'queue-entered' | 'agent-joined' }>): NextHolder {
  if (event.kind === 'queue-entered') return { kind: 'queue', queueId: event.queueId };
  return { kind: 'agent', agentId: event.agentId, ...(event.queueId === undefined ? {} : { queueId: event.queueId }) };
}

/** Where the last agent leaves the customer: on the way elsewhere, back in the queue that rang, or at the end of the talk. */
function afterAgent(state: Interaction, event: Extract<ConversationEvent, { kind: 'agent-left' }>): NextHolder {
  if (event.transferred) return { kind: 'queue' };
  if (event.talked) return talkOver(state);
  const queueId = event.queueId ?? state.holder.queueId;
  return { kind: 'queue', ...(queueId === undefined ? {} : { queueId }) };
}

function talkOver(state: Interaction): NextHolder {
  return { kind: state.resumeBot ? 'bot' : 'none' };
}

/**
 * Who is there after `view` was seen of `leg`. A view may be older than what was told, so it never brings back the departed;
 * but of those who were `known` to be there before it was asked for, whoever it does not show has left.
 */
export function observe(
  state: Interaction,
  view: ConversationView,
  leg: Leg,
  known: readonly ParticipantId[] = [],
): Attendance {
  const parties = view.parties.filter((party) => party.role === 'agent' || party.role === 'queue');
  const here = parties.filter((party) => party.state !== 'ended');
  const ended = new Set(parties.filter((party) => party.state === 'ended').map((party) => party.id));
  const shown = new Set(view.parties.map((party) => party.id));
  const hasLeft = ({ participantId: id, leg: where }: PresentParty) =>
    ended.has(id) || (known.includes(id) && !shown.has(id) && isSameLeg(where, leg));
  const arrived = here.reduce(
    (attendance, { id, ...party }) =>
      appear(attendance, { participantId: id, leg: refOf(leg), holds: holdingIn(party) }),
    state.attendance,
  );
  return arrived.present.filter(hasLeft).reduce((attendance, party) => {
    const next = party.holds.kind === 'queue' ? party.holds : afterAgentIn(view, state);
    return vanish(attendance, party, next);
  }, arrived);
}

function holdingIn({ role, agentId, queueId }: Omit<Party, 'id'>): NextHolder {
  return {
    kind: role === 'agent' ? 'agent' : 'queue',
    ...(role !== 'agent' || agentId === undefined ? {} : { agentId }),
    ...(queueId === undefined ? {} : { queueId }),
  };
}

/** A view does not say why an agent left: a queue or a transfer that it shows does, else the talk is over. */
function afterAgentIn(view: ConversationView, state: Interaction): NextHolder {
  const onward = view.parties.some((party) => party.role === 'queue' && party.state !== 'ended');
  return onward || view.transfers.some(isPending) ? { kind: 'queue' } : talkOver(state);
}

/** The events that make `attendance` the interaction's; none when it is already. */
export function become(state: Interaction, attendance: Attendance): readonly EventBody[] {
  return attendance === state.attendance ? [] : held(state, attendance);
}

function held(state: Interaction, attendance: Attendance): readonly EventBody[] {
  const holder = succeed(state.holder, holderBy(withCustomer(state, attendance)) ?? state.holder);
  if (holder !== state.holder) return [{ type: 'HolderChanged', holder, attendance }];
  return attendance === state.attendance ? [] : [{ type: 'AttendanceChanged', attendance }];
}

/** While the customer is in a conversation of ours, only its people are with them (H2). */
function withCustomer(state: Interaction, attendance: Attendance): Attendance {
  const chat = anchoredIn(state);
  if (!chat) return attendance;
  const there = chat.desk?.leg;
  return { ...attendance, present: attendance.present.filter(({ leg }) => there && isSameLeg(leg, there)) };
}

/** A leg is ours now, with whoever is on it; without anybody the bot has what nobody had for want of a leg (H2). */
export function gainLeg(state: Interaction, known: Attendance): readonly EventBody[] {
  const remembered = remember(state.attendance, known);
  const attendance = known.present.reduce<Attendance>(
    (before, { observed, ...party }) => (observed ? appear(before, party) : arrive(before, party)),
    remembered,
  );
  if (attendance !== remembered) return become(state, attendance);
  if (state.holder.kind === 'none' && !hasLiveLeg(state)) {
    return [{ type: 'HolderChanged', holder: succeed(state.holder, { kind: 'bot' }), attendance }];
  }
  return attendance === state.attendance ? [] : [{ type: 'AttendanceChanged', attendance }];
}

/** What is known of `leg` before it is given away. */
export function knownOf({ legs, attendance }: Interaction, leg: Leg): KnownOfLeg {
  return {
    ended: legs.some((held) => held.state === 'ended' && isSameLeg(held, leg)),
    attendance: { ...attendance, present: attendance.present.filter((party) => isSameLeg(party.leg, leg)) },
  };
}

/**
 * `leg` is over or no longer ours while the interaction goes on: without anybody elsewhere the bot has what is left, and nobody
 * where nothing is left. Nobody gains what is over.
 */
export function loseLeg(state: Interaction, leg: Leg): readonly EventBody[] {
  if (state.endedAt !== undefined) return [];
  const attendance = withoutLeg(state.attendance, leg);
  const legs = state.legs.map((one) => (isSameLeg(one, leg) ? ({ ...one, state: 'ended' } as const) : one));
  if (attendance.present.length > 0) return held({ ...state, legs }, attendance);
  const kind = hasLiveLeg(state, leg) ? 'bot' : 'none';
  const holder = state.holder.kind === 'none' ? state.holder : succeed(state.holder, { kind });
  return holder === state.holder ? [] : [{ type: 'HolderChanged', holder, attendance }];
}

function hasLiveLeg({ legs }: Interaction, but?: Leg): boolean {
  return legs.some((held) => held.state === 'live' && !(but && isSameLeg(held, but)));
}

function refOf({ platform, externalId }: Leg): Pick<Leg, 'platform' | 'externalId'> {
  return { platform, externalId };
}
