// Owns who may speak to the customer: one holder at a time, and every change raises the epoch (H2). Also who of the agents is
// in the conversation, so that a consulted colleague who leaves does not end the talk.

import type { AgentId, Instant, ParticipantId, QueueId } from '../ids.ts';

export type HolderKind = 'bot' | 'queue' | 'agent' | 'none';

export type Holder = {
  readonly kind: HolderKind;
  readonly epoch: number;
  readonly queueId?: QueueId;
  readonly agentId?: AgentId;
};

/** Who is to hold the conversation next; the epoch follows by itself. */
export type NextHolder = Omit<Holder, 'epoch'>;

export type PresentAgent = {
  readonly participantId: ParticipantId;
  readonly agentId?: AgentId;
  readonly queueId?: QueueId;
};

/** What is known of a conversation's parties from the platform's events. `gone` guards against late arrivals of the departed. */
export type Attendance = {
  readonly agents: readonly PresentAgent[];
  readonly gone: readonly ParticipantId[];
  /** The platform's clock at the newest event that changed the holder. */
  readonly asOf: Instant;
};

export const NOBODY_YET: Attendance = { agents: [], gone: [], asOf: 0 };

/** A conversation of a few hundred parties is a loop, not a customer; older departures no longer matter. */
const REMEMBERED_DEPARTURES = 64;

/** The holder after a change: same holder, same epoch; anything else raises it by one (H2). */
export function succeed(holder: Holder, next: NextHolder): Holder {
  if (sameHolder(holder, next)) return holder;
  return { ...next, epoch: holder.epoch + 1 };
}

export function sameHolder(a: NextHolder, b: NextHolder): boolean {
  return a.kind === b.kind && a.queueId === b.queueId && a.agentId === b.agentId;
}

/** True when a message that carries `epoch` comes from a holder who has been relieved (H2). */
export function isStale(holder: Holder, epoch: number): boolean {
  return epoch < holder.epoch;
}

export function arrive(attendance: Attendance, agent: PresentAgent): Attendance {
  const others = attendance.agents.filter((present) => present.participantId !== agent.participantId);
  return { ...attendance, agents: [...others, agent] };
}

export function depart(attendance: Attendance, participantId: ParticipantId): Attendance {
  if (attendance.gone.includes(participantId)) return attendance;
  return {
    ...attendance,
    agents: attendance.agents.filter((present) => present.participantId !== participantId),
    gone: [...attendance.gone, participantId].slice(-REMEMBERED_DEPARTURES),
  };
}

export function agentHolder(agent: PresentAgent): NextHolder {
  return {
    kind: 'agent',
    ...(agent.agentId === undefined ? {} : { agentId: agent.agentId }),
    ...(agent.queueId === undefined ? {} : { queueId: agent.queueId }),
  };
}
