// Owns what is checked of a transfer as a whole when it has settled: that what it says is so at both vendors (H3), that no caller was let go
// twice (H5), and that a dead letter has a cause.

import { CLOCKS_APART_MS } from '../../src/protocols/clocks.ts';
import type { CallLines } from './call-lines.ts';
import type { Caller, CrossingDesk } from './crossing-desk.ts';
import type { KnownHandoff } from './ledger.ts';
import { COMMAND_TIMEOUT_MS } from './limits.ts';
import type { Place } from './place.ts';
import { type Invariant, Violation } from './violation.ts';
import { isHeld, type Whereabouts } from './whereabouts.ts';
import { isWithoutEffect } from './wire-call.ts';

export type TransferOutcomeOracleParts = {
  readonly desk: CrossingDesk;
  readonly whereabouts: Whereabouts;
  readonly lines: CallLines;
  /** Whether a process or the store was away at some time since then. */
  readonly disturbedSince: (at: number) => boolean;
  /** Since when the caller is with somebody. */
  readonly heldSince: (caller: Caller) => number | undefined;
  /** Of a completed one: where its caller has arrived, for whoever looks at what is written there. */
  readonly onArrived: (handoff: KnownHandoff, place: Place) => void;
  readonly report: (violation: Violation) => void;
};

/** What a look shows is that old at most when its answer is judged. */
const LOOKS_TAKE_MS = COMMAND_TIMEOUT_MS + CLOCKS_APART_MS + 1_000;
/** Outcomes by which the customer was not to be moved. */
const STAYED: ReadonlySet<string> = new Set(['refused', 'declined', 'expired', 'cancelled', 'compensated']);

export class TransferOutcomeOracle {
  readonly #parts: TransferOutcomeOracleParts;

  constructor(parts: TransferOutcomeOracleParts) {
    this.#parts = parts;
  }

  settled(handoff: KnownHandoff): void {
    const { desk, whereabouts } = this.#parts;
    const caller = desk.callers.find(({ interactionId }) => interactionId === handoff.interactionId);
    const { outcome = '', reason = '' } = handoff.settled ?? {};
    this.#letGoOnce(handoff);
    if (!caller) return;
    const places = whereabouts.of(caller.phone);
    if (outcome === 'completed') this.#completed(handoff, caller, places);
    const isThere = caller.hungUpAt === undefined && places.some(({ live }) => live);
    if (STAYED.has(outcome) && isThere) this.#movesNoMore(handoff, outcome);
    if (outcome === 'dead_lettered') this.#hasCause(handoff, caller, reason, places);
  }

  #completed(handoff: KnownHandoff, caller: Caller, places: readonly Place[]): void {
    const there = places.findLast((place) => wasMeant(place, handoff));
    if (!there) {
      this.#broken('H3', handoff, 'is completed, but the caller was never with whom they were meant for');
      return;
    }
    // Who hangs up, or is hung up on, had arrived.
    const wasDropped = caller.hungUpAt === undefined && caller.closedAt === undefined;
    if (wasDropped && wasHeardOfAfter(handoff, there))
      this.#broken('H3', handoff, `is completed, though ${there.platform} had answered when the caller was gone`);
    if (!handoff.settled?.reason) this.#parts.onArrived(handoff, there);
  }

  #letGoOnce(handoff: KnownHandoff): void {
    const made = handoff.transfers.filter(({ kind, effect }) => kind === 'depart' && effect?.state === 'Complete');
    if (made.length > 1) this.#broken('H5', handoff, `has let the caller go ${made.length} times`);
  }

  /** Whoever was put back by us was moved; nothing of ours may still be on its way. */
  #movesNoMore(handoff: KnownHandoff, outcome: string): void {
    const live = handoff.transfers.find((call) => {
      if (call.state === 'under-way') return true;
      const moves = call.effect?.state === 'Pending' || call.effect?.state === 'accepted';
      return moves || (outcome === 'refused' && !isWithoutEffect(call));
    });
    if (!live) return;
    const fate = live.effect ? `is ${live.effect.state}` : 'is on its way still';
    this.#broken('H3', handoff, `is ${outcome} (${handoff.settled?.reason}), but its ${live.kind} ${fate}`);
  }

  #hasCause(handoff: KnownHandoff, caller: Caller, reason: string, places: readonly Place[]): void {
    const { lines, disturbedSince, heldSince } = this.#parts;
    const at = handoff.requestedAt;
    const since = heldSince(caller) ?? Number.POSITIVE_INFINITY;
    // An entry whose question nobody heard puts them into its own queue, and nobody knows whose they are.
    const isKnown = handoff.redeemed || places.some((place) => isHeld(place) && place.cameInOn === undefined);
    if (reason === 'caller-lost' && isKnown && since < (handoff.settledAt ?? 0) - LOOKS_TAKE_MS)
      this.#broken('H3', handoff, 'says that its caller is lost, and somebody has them');
    const cause =
      caller.hungUpAt !== undefined ||
      (caller.closedAt ?? 0) >= at ||
      disturbedSince(at) ||
      lines.callsOf(caller.phone).some((rang) => rang.fault !== undefined && rang.at >= at) ||
      handoff.calls.some(({ heard, status }) => heard === undefined || Number(heard) >= 400 || Number(status) >= 400) ||
      handoff.calls.some(({ heard }) => typeof heard === 'string') ||
      reason === 'quarantined';
    if (!cause) this.#broken('H6', handoff, `is a dead letter (${reason}), and nothing had gone wrong`);
  }

  #broken(invariant: Invariant, { id, interactionId }: KnownHandoff, message: string): void {
    this.#parts.report(new Violation(invariant, `${id} ${message}`, [interactionId]));
  }
}

/** Whoever has settled it was answered by the conversation after its end, which a look would have shown. */
function wasHeardOfAfter({ calls, settled }: KnownHandoff, { id, endedAt }: Place): boolean {
  if (endedAt === undefined) return false;
  return calls.some(
    ({ kind, conversationId, life, writtenAt, heard }) =>
      (kind === 'look' || kind === 'attributes') &&
      conversationId === id &&
      life.owner === settled?.by &&
      writtenAt > endedAt &&
      Number(heard) < 300,
  );
}

/** At the destination, in the queue that was asked for or with anybody of it; with the agent who was asked for. */
function wasMeant({ cameInOn, queues, agents }: Place, { settled, targetAgentId }: KnownHandoff): boolean {
  if (cameInOn === undefined) return false;
  if (targetAgentId !== undefined) return agents.has(targetAgentId);
  return agents.size > 0 || queues.has(settled?.queueId ?? '');
}
