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
  /** When it came, by the platform's clock; while only a view has shown it (`observed`), just after all that was known then. */
  readonly since: Instant;
  readonly observed: boolean;
};

/** A departure by the platform's clock, and who holds the conversation after it when nobody else is there. */
export type Departure = { readonly at: Instant; readonly next: NextHolder };

export type Attendance = {
  readonly present: readonly PresentParty[];
  /** Guards against late arrivals of the departed. */
  readonly gone: readonly ParticipantId[];
  /** The newest departure that was told. */
  readonly left: Departure | null;
  /** The newest departure that only a view has shown. What the platform tells of the same party takes its place. */
  readonly shown?: Departure & { readonly participantId: ParticipantId };
};

/** What an interaction that gives a leg away knows of it, for the one that gets it. */
export type KnownOfLeg = {
  /** The customer has left it. */
  readonly ended: boolean;
  /** Who is on it, and whose arrival or departure is old news. */
  readonly attendance: Attendance;
};

export const NOBODY_YET: Attendance = { present: [], gone: [], left: null };

/** A conversation of a few hundred parties is a loop, not a customer; older departures no longer matter. */
const REMEMBERED_DEPARTURES = 64;

/** Less than any platform's clock tells apart. */
const JUST_AFTER_MS = 0.001;

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
export function holderBy(attendance: Attendance): NextHolder | null {
  const { present } = attendance;
  const left = newestDeparture(attendance);
  const talkOverAt = left && left.next.kind !== 'queue' ? left.at : Number.NEGATIVE_INFINITY;
  const queues = present.filter((party) => party.holds.kind === 'queue' && party.since > talkOverAt);
  const agents = present.filter((party) => party.holds.kind === 'agent');
  return (newest(agents) ?? newest(queues))?.holds ?? left?.next ?? null;
}

function newestDeparture({ left, shown }: Attendance): Departure | null {
  return shown && shown.at >= (left?.at ?? 0) ? shown : left;
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

/** The attendance with `party`, of which was told; the very same when that changes nothing. Corrects what a view showed. */
export function arrive(attendance: Attendance, party: Omit<PresentParty, 'observed'>): Attendance {
  if (attendance.gone.includes(party.participantId)) return attendance;
  const known = attendance.present.find((one) => one.participantId === party.participantId);
  if (!known) return { ...attendance, present: [...attendance.present, { ...party, observed: false }] };
  if (!known.observed) return attendance;
  const told = { ...known, since: party.since, observed: false };
  return { ...attendance, present: attendance.present.map((one) => (one === known ? told : one)) };
}

/**
 * The attendance with a party that a view shows; the very same when it is known. A view tells no time that could be compared
 * with the platform's (our clock may be hours off), so the order counts: it came after all that is known by now.
 */
export function appear(attendance: Attendance, party: Omit<PresentParty, 'since' | 'observed'>): Attendance {
  const { present, gone, left, shown } = attendance;
  if (gone.includes(party.participantId)) return attendance;
  if (present.some((one) => one.participantId === party.participantId)) return attendance;
  const known = [left?.at ?? 0, shown?.at ?? 0, ...present.map((one) => one.since)];
  const since = Math.max(...known) + JUST_AFTER_MS;
  return { ...attendance, present: [...present, { ...party, since, observed: true }] };
}

/** The attendance without the party, whose departure was told; the very same when that changes nothing. */
export function depart(attendance: Attendance, participantId: ParticipantId, departure: Departure): Attendance {
  const { shown, ...told } = attendance;
  if (!told.gone.includes(participantId)) {
    const left = told.left && told.left.at > departure.at ? told.left : departure;
    return { ...without(attendance, participantId), left };
  }
  const isNews = !told.left || departure.at > told.left.at;
  if (shown?.participantId === participantId) return isNews ? { ...told, left: departure } : told;
  return isNews ? { ...attendance, left: departure } : attendance;
}

/**
 * The attendance without a party that a view shows as gone, or no longer shows. Nobody says when it left: an agent later than all
 * departures that are known; a queue may have been left before the agents who answered, so no later than it is known to have been.
 */
export function vanish(
  attendance: Attendance,
  { participantId, since, holds }: PresentParty,
  next: NextHolder,
): Attendance {
  const { left, shown } = attendance;
  const at = holds.kind === 'agent' ? Math.max(since, left?.at ?? 0, shown?.at ?? 0) : since;
  const newest = shown && shown.at > at ? shown : { participantId, at, next };
  return { ...without(attendance, participantId), shown: newest };
}

/** The attendance without a party whose departure leaves the customer to nobody else; the very same when it is known. */
export function leave(attendance: Attendance, participantId: ParticipantId): Attendance {
  return attendance.gone.includes(participantId) ? attendance : without(attendance, participantId);
}

function without(attendance: Attendance, participantId: ParticipantId): Attendance {
  return {
    ...attendance,
    present: attendance.present.filter((party) => party.participantId !== participantId),
    gone: [...attendance.gone, participantId].slice(-REMEMBERED_DEPARTURES),
  };
}

/** The attendance with the departures that `known` has had: told again, they prove nothing. The very same when they are known. */
export function remember(attendance: Attendance, known: Attendance): Attendance {
  const gone = known.gone.filter((id) => !attendance.gone.includes(id));
  const left = later(attendance.left, known.left);
  const shown = later(attendance.shown ?? null, known.shown ?? null);
  if (gone.length === 0 && left === attendance.left && shown === (attendance.shown ?? null)) return attendance;
  return {
    ...attendance,
    gone: [...gone, ...attendance.gone].slice(-REMEMBERED_DEPARTURES),
    left,
    ...(shown && { shown }),
  };
}

function later<One extends Departure>(a: One | null, b: One | null): One | null {
  return a === null || (b !== null && b.at > a.at) ? b : a;
}

/** The attendance without the parties of `leg`, which no longer belongs to the interaction or is over. */
export function withoutLeg(attendance: Attendance, leg: Pick<Leg, 'platform' | 'externalId'>): Attendance {
  const present = attendance.present.filter(
    (party) => party.leg.platform !== leg.platform || party.leg.externalId !== leg.externalId,
  );
  return present.length === attendance.present.length ? attendance : { ...attendance, present };
}
