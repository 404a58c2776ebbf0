// Owns who may speak to the customer: one holder at a time, and every change raises the epoch (H2). The holder is read off who
// is there. Arrivals and departures are kept as sets, so that events which come repeatedly and in any order come to the same.

import type { AgentId, Instant, ParticipantId, QueueId } from '../ids.ts';
import type { Leg } from './move.ts';

export type HolderKind = 'bot' | 'queue' | 'agent' | 'none';

export type Holder = {
  readonly kind: HolderKind;
  readonly epoch: number;
  readonly queueId?: QueueId;
  readonly agentId?: AgentId;
};

/** Who is to hold the conversation next; the epoch follows by itself. */
export type NextHolder = Omit<Holder, 'epoch'>;

/** An agent's or a queue's party that is in the conversation. */
export type PresentParty = {
  readonly participantId: ParticipantId;
  readonly leg: Pick<Leg, 'platform' | 'externalId'>;
  readonly holds: NextHolder;
  /** When it came, by the platform's clock; by ours while only a view has shown it (`observed`). */
  readonly since: Instant;
  readonly observed: boolean;
};

/** A departure by the platform's clock, and who holds the conversation after it when nobody else is there. */
export type Departure = { readonly at: Instant; readonly next: NextHolder };

export type Attendance = {
  readonly present: readonly PresentParty[];
  /** Guards against late arrivals of the departed. */
  readonly gone: readonly ParticipantId[];
  /** The newest departure. */
  readonly left: Departure | null;
};

export const NOBODY_YET: Attendance = { present: [], gone: [], left: null };

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

/**
 * The agent who came last; else the queue that came last; else whom the newest departure left the conversation to; null when
 * nothing was told yet. A queue that was entered before the talk was over is over with it, though its end was not told.
 */
export function holderBy({ present, left }: Attendance): NextHolder | null {
  const talkOverAt = left && left.next.kind !== 'queue' ? left.at : Number.NEGATIVE_INFINITY;
  const queues = present.filter((party) => party.holds.kind === 'queue' && party.since > talkOverAt);
  const agents = present.filter((party) => party.holds.kind === 'agent');
  return (newest(agents) ?? newest(queues))?.holds ?? left?.next ?? null;
}

function newest(parties: readonly PresentParty[]): PresentParty | undefined {
  return parties.reduce<PresentParty | undefined>(
    (latest, party) => (latest === undefined || isLater(party, latest) ? party : latest),
    undefined,
  );
}

/** A total order, so that the order of arrival here does not matter. */
function isLater(a: PresentParty, b: PresentParty): boolean {
  return a.since === b.since ? a.participantId > b.participantId : a.since > b.since;
}

/** The attendance with `party`; the very same when that changes nothing. What the platform tells corrects what a view showed. */
export function arrive(attendance: Attendance, party: PresentParty): Attendance {
  if (attendance.gone.includes(party.participantId)) return attendance;
  const known = attendance.present.find((one) => one.participantId === party.participantId);
  if (!known) return { ...attendance, present: [...attendance.present, party] };
  if (!known.observed || party.observed) return attendance;
  const told = { ...known, since: party.since, observed: false };
  return { ...attendance, present: attendance.present.map((one) => (one === known ? told : one)) };
}

/** The attendance without the party; the very same when that changes nothing. */
export function depart(attendance: Attendance, participantId: ParticipantId, departure: Departure): Attendance {
  const { present, gone, left } = attendance;
  if (gone.includes(participantId)) {
    return left && departure.at <= left.at ? attendance : { ...attendance, left: departure };
  }
  return {
    present: present.filter((party) => party.participantId !== participantId),
    gone: [...gone, participantId].slice(-REMEMBERED_DEPARTURES),
    left: left && left.at > departure.at ? left : departure,
  };
}

/** The attendance without the parties of `leg`, which no longer belongs to the interaction or is over. */
export function withoutLeg(attendance: Attendance, leg: Pick<Leg, 'platform' | 'externalId'>): Attendance {
  const present = attendance.present.filter(
    (party) => party.leg.platform !== leg.platform || party.leg.externalId !== leg.externalId,
  );
  return present.length === attendance.present.length ? attendance : { ...attendance, present };
}
