// Owns how a platform's events change the holder: the agent's arrival, transfers between agents, and the end of the talk (H2;
// seed 001's "bot resumes"). Events come at least once and in any order, so the departed stay departed and older news changes
// nothing.

import type { ConversationEvent } from '../context/conversation.ts';
import type { Instant } from '../ids.ts';
import { customerLeft } from './ending.ts';
import type { EventBody } from './event.ts';
import { agentsIn, customerOf } from './evidence.ts';
import type { HeldLeg, Interaction } from './interaction.ts';
import { type Attendance, agentHolder, arrive, depart, type NextHolder, succeed } from './ownership.ts';

/** What a vendor event changes about who holds the conversation. Pure; an event that is old news gives nothing. */
export function attend(state: Interaction, event: ConversationEvent, leg: HeldLeg): readonly EventBody[] {
  switch (event.kind) {
    case 'customer-left':
      return customerLeft(state, leg);
    case 'queue-entered':
      return joins(state, event, { kind: 'queue', queueId: event.queueId }, state.attendance);
    case 'agent-joined':
      return joins(state, event, agentHolder(event), arrive(state.attendance, event));
    case 'queue-left':
      return leaves(state, event.participantId);
    case 'agent-left':
      return agentLeaves(state, event);
    case 'seen':
      return seen(state, event, leg);
  }
}

function joins(
  state: Interaction,
  event: Extract<ConversationEvent, { kind: 'queue-entered' | 'agent-joined' }>,
  next: NextHolder,
  attendance: Attendance,
): readonly EventBody[] {
  if (state.attendance.gone.includes(event.participantId)) return [];
  if (event.at < state.attendance.asOf) {
    // Older news: an agent who is present counts from now on, but does not take the conversation from a later one.
    return event.kind === 'agent-joined' && attendance.agents.length > state.attendance.agents.length
      ? [changed(state, state.holder.kind === 'agent' ? state.holder : next, attendance, state.attendance.asOf)]
      : [];
  }
  const known = state.attendance.agents.some((agent) => agent.participantId === event.participantId);
  return known ? [] : [changed(state, next, attendance, event.at)];
}

function leaves(
  state: Interaction,
  participantId: Extract<ConversationEvent, { kind: 'queue-left' }>['participantId'],
) {
  const attendance = depart(state.attendance, participantId);
  return attendance === state.attendance ? [] : [{ type: 'PartyLeft' as const, participantId, attendance }];
}

function agentLeaves(
  state: Interaction,
  event: Extract<ConversationEvent, { kind: 'agent-left' }>,
): readonly EventBody[] {
  const gone = leaves(state, event.participantId);
  const attendance = gone[0]?.attendance;
  if (!attendance) return [];
  const other = attendance.agents.at(-1);
  if (other) return [...gone, ...holds(state, agentHolder(other), attendance, event.at)];
  const wasPresent = state.attendance.agents.some((agent) => agent.participantId === event.participantId);
  // Its arrival may still be on the way to us: newer news of somebody else is not overruled.
  if (!wasPresent && event.at < state.attendance.asOf) return gone;
  if (event.transferred || !event.talked) {
    const queueId = event.transferred ? undefined : (event.queueId ?? state.holder.queueId);
    return [...gone, ...holds(state, { kind: 'queue', ...(queueId && { queueId }) }, attendance, event.at)];
  }
  return [...gone, ...holds(state, { kind: state.resumeBot ? 'bot' : 'none' }, attendance, event.at)];
}

/** The platform pushed the whole conversation: whoever is in it now holds it. */
function seen(
  state: Interaction,
  event: Extract<ConversationEvent, { kind: 'seen' }>,
  leg: HeldLeg,
): readonly EventBody[] {
  if (event.at < state.attendance.asOf) return [];
  if (event.view.ended || !customerOf(event.view)) return customerLeft(state, leg);
  const agent = agentsIn(event.view).findLast((party) => !state.attendance.gone.includes(party.id));
  if (!agent || state.attendance.agents.some((present) => present.participantId === agent.id)) return [];
  const present = {
    participantId: agent.id,
    ...(agent.agentId && { agentId: agent.agentId }),
    ...(agent.queueId && { queueId: agent.queueId }),
  };
  return [changed(state, agentHolder(present), arrive(state.attendance, present), event.at)];
}

function holds(state: Interaction, next: NextHolder, attendance: Attendance, at: Instant): readonly EventBody[] {
  return succeed(state.holder, next) === state.holder ? [] : [changed(state, next, attendance, at)];
}

function changed(state: Interaction, next: NextHolder, attendance: Attendance, at: Instant): EventBody {
  return {
    type: 'HolderChanged',
    holder: succeed(state.holder, next),
    attendance: { ...attendance, asOf: Math.max(attendance.asOf, at) },
  };
}
