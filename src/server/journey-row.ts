// Owns one row of the report: an interaction as one customer episode over all of its conversations (seed 000, the trap of two rows for one
// customer), from clear columns alone, so that an erased one keeps its row. What each figure means is in docs/reports.md.

import type { Instant } from '../ids.ts';
import type { InteractionSummary } from '../journal/store.ts';

export type JourneyEvent = { readonly type: string; readonly at: Instant; readonly clear: string };
type Clear = Readonly<Record<string, unknown>>;
type Told = { readonly type: string; readonly at: Instant; readonly clear: Clear };

export type JourneyHandoff = {
  readonly kind: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly durationMs: number;
};

/** How far a link came; each implies those before it but `delivered`, since a receipt may be missing. */
export type JourneyFunnel = {
  readonly sent: boolean;
  readonly delivered: boolean;
  readonly opened: boolean;
  readonly claimed: boolean;
  readonly resolved: boolean;
};

export type JourneyRow = {
  readonly id: string;
  readonly openedAt: Instant;
  readonly endedAt: Instant | null;
  readonly direction: string | null;
  readonly intent: string | null;
  readonly segment: string | null;
  /** In the order in which the customer came to them. */
  readonly channels: readonly string[];
  readonly platforms: readonly string[];
  readonly conversations: number;
  /** Conversations that the customer began by themselves: those that a handoff brought are no new contact. */
  readonly contacts: number;
  readonly botMs: number;
  readonly queueMs: number;
  /** Handle time: with agents, on whichever conversation, counted once. */
  readonly agentMs: number;
  readonly agents: number;
  readonly handoffs: readonly JourneyHandoff[];
  /** Null where no link was asked for. */
  readonly deflection: JourneyFunnel | null;
  /** Null while it goes on. */
  readonly firstContactResolved: boolean | null;
  /** Of the handoffs that moved the customer, the share whose context went along; null where none did. */
  readonly contextCompleteness: number | null;
  readonly wrapup: string | null;
  readonly surveyScore: number | null;
};

const FAILED: ReadonlySet<string> = new Set(['expired', 'refused', 'compensated', 'dead_lettered']);
/** What brings a conversation of its own into an interaction, just before it is attached. */
const BRINGS: ReadonlySet<string> = new Set(['OfferClaimed', 'ReservationRedeemed']);

/**
 * `history`: the interaction's events, oldest first. `now` ends the clock of one that goes on. Null where its conversations have all gone to another
 * interaction, as one does that was begun before its link was claimed: it is no contact of its own.
 */
export function journeyRow(
  { id, openedAt, endedAt }: Pick<InteractionSummary, 'openedAt' | 'endedAt'> & { readonly id: string },
  history: readonly JourneyEvent[],
  now: Instant,
): JourneyRow | null {
  const events = history.map(({ type, at, clear }): Told => ({ type, at, clear: JSON.parse(clear) }));
  const legs = events.filter(({ type }) => type === 'LegAttached');
  const moved = events.filter(({ type }) => type === 'LegDetached').length;
  if (legs.length > 0 && moved >= legs.length) return null;
  const contacts = events.filter((event, index) => event.type === 'LegAttached' && !isBrought(events, index)).length;
  const held = holdings(events, endedAt ?? now);
  const handoffs = events.flatMap(handoffIn);
  const opening = events.find(({ type }) => type === 'InteractionOpened')?.clear ?? {};
  return {
    id,
    openedAt,
    endedAt,
    direction: textIn(opening.direction),
    intent: textIn(lastOf(events, 'intent')),
    segment: textIn(opening.segment),
    channels: distinct(legs.map(({ clear }) => textIn(clear.channel))),
    platforms: distinct(legs.map(({ clear }) => textIn(clear.platform))),
    conversations: legs.length - moved,
    contacts,
    botMs: held.bot,
    queueMs: held.queue,
    agentMs: held.agent,
    agents: new Set(events.flatMap(({ type, clear }) => (type === 'HolderChanged' ? (clear.agentId ?? []) : []))).size,
    handoffs,
    deflection: funnelOf(events, endedAt !== null),
    firstContactResolved: endedAt === null ? null : isFirst(contacts, handoffs),
    contextCompleteness: completenessOf(handoffs),
    wrapup: textIn(lastOf(events, 'wrapup')),
    surveyScore: numberIn(lastOf(events, 'score')),
  };
}

function isBrought(events: readonly Told[], index: number): boolean {
  const [before, after] = [events[index - 1], events[index + 1]];
  if (before && BRINGS.has(before.type)) return true;
  // The first message of our own conversation has begun one with people.
  if (before?.type === 'HandoffSettled' && events[index - 2]?.type === 'DeskOpened') return true;
  return after?.type === 'HandoffSettled' && after.clear.kind === 'callback';
}

/** One holder at a time (H2), so that no moment counts twice. */
function holdings(events: readonly Told[], until: Instant): Readonly<Record<string, number>> & Held {
  const total: Record<string, number> & Held = { bot: 0, queue: 0, agent: 0 };
  let holder = 'none';
  let since: Instant = 0;
  const change = (to: string, at: Instant) => {
    if (holder in total) total[holder] = (total[holder] ?? 0) + Math.max(0, at - since);
    holder = to;
    since = at;
  };
  for (const { type, at, clear } of events) {
    if (type === 'InteractionOpened') change('bot', at);
    if (type === 'HolderChanged') change(String(clear.holder), at);
    if (type === 'InteractionEnded') change('none', at);
  }
  change('none', until);
  return total;
}
type Held = { bot: number; queue: number; agent: number };

function handoffIn({ type, clear }: Told): readonly JourneyHandoff[] {
  if (type !== 'HandoffSettled' && type !== 'OfferSettled') return [];
  const { kind, outcome, reason, durationMs } = clear;
  if (typeof outcome !== 'string') return [];
  return [{ kind: String(kind), outcome, reason: textIn(reason), durationMs: numberIn(durationMs) ?? 0 }];
}

function funnelOf(events: readonly Told[], ended: boolean): JourneyFunnel | null {
  if (!events.some(({ type }) => type === 'DeflectionRequested')) return null;
  const has = (is: (event: Told) => boolean) => events.some(is);
  const opened = has(({ type }) => type === 'OfferClaimed');
  const claimedAt = events.findIndex(({ type, clear }) => type === 'OfferSettled' && clear.outcome === 'completed');
  const claimed = claimedAt >= 0;
  const back = events.slice(claimedAt + 1).some(({ type, clear }) => isCall(type, clear));
  return {
    sent: has(({ type }) => type === 'SmsTaken'),
    delivered: has(({ type, clear }) => type === 'SmsReported' && clear.status === 'delivered'),
    opened,
    claimed,
    resolved: claimed && ended && !back,
  };
}

/** The customer is on the telephone again. */
function isCall(type: string, clear: Clear): boolean {
  return type === 'CallbackRequested' || (type === 'LegAttached' && clear.channel === 'voice');
}

/** One contact, at whose end nothing was left: no call back, and no handoff that came to nothing after it. */
function isFirst(contacts: number, handoffs: readonly JourneyHandoff[]): boolean {
  const last = handoffs.at(-1);
  const left = last !== undefined && FAILED.has(last.outcome);
  return contacts <= 1 && !left && !handoffs.some(({ kind }) => kind === 'callback');
}

function completenessOf(handoffs: readonly JourneyHandoff[]): number | null {
  const moved = handoffs.filter(({ outcome, kind }) => outcome === 'completed' && kind !== 'callback');
  if (moved.length === 0) return null;
  return moved.filter(({ reason }) => reason !== 'context-not-attached').length / moved.length;
}

function lastOf(events: readonly Told[], name: string): unknown {
  return events.findLast(({ clear }) => clear[name] !== undefined)?.clear[name];
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function distinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
