// Owns what is checked of callers after every step, by where both twins have them: that nobody is taken for somebody else, that no caller is
// with two at once or with nobody once their transfer has settled (H2, H3), and at the end that nobody is kept whose caller is gone.

import type { CallLines } from './call-lines.ts';
import type { Caller, CrossingDesk } from './crossing-desk.ts';
import type { Known, KnownHandoff, Ledger } from './ledger.ts';
import type { Place } from './place.ts';
import { type Invariant, Violation } from './violation.ts';
import { isHeld, isHeldBySomebody, type Whereabouts } from './whereabouts.ts';

export type CallerOracleParts = {
  readonly desk: Pick<CrossingDesk, 'callers'>;
  readonly whereabouts: Whereabouts;
  readonly lines: Pick<CallLines, 'callsOf'>;
  readonly ledger: Pick<Ledger, 'get'>;
  readonly now: () => number;
  readonly report: (violation: Violation) => void;
};

/** Since when a caller is with somebody, or on the line with nobody; both absent while they are gone. */
type Standing = { heldSince?: number; unheldSince?: number; judged?: KnownHandoff };

/** What the vendors have accepted takes effect by then, and what their lines still carry has arrived. */
const GRACE_MS = 4_000;

export class CallerOracle {
  readonly #parts: CallerOracleParts;
  readonly #standings = new Map<Caller, Standing>();

  constructor(parts: CallerOracleParts) {
    this.#parts = parts;
  }

  check(): void {
    const { desk, ledger, whereabouts } = this.#parts;
    for (const caller of desk.callers) {
      const known = ledger.get(caller.interactionId ?? '');
      if (!known) continue;
      const standing = this.#standings.get(caller) ?? {};
      this.#standings.set(caller, standing);
      // Who is gone and has nothing open changes no more.
      if (caller.hungUpAt !== undefined && !known.open && standing.judged === known.handoffs.at(-1)) continue;
      const places = whereabouts.of(caller.phone);
      this.#stand(standing, places);
      this.#identities(caller, known, places);
      this.#settledLately(caller, known, places);
    }
  }

  #stand(standing: Standing, places: readonly Place[]): void {
    const now = this.#parts.now();
    const held = places.some(isHeld);
    if (held) standing.heldSince ??= now;
    else delete standing.heldSince;
    if (!held && places.some(({ live }) => live)) standing.unheldSince ??= now;
    else delete standing.unheldSince;
  }

  /** Since when the caller is with somebody, as far as anybody has looked. */
  heldSince(caller: Caller): number | undefined {
    return this.#standings.get(caller)?.heldSince;
  }

  #identities(caller: Caller, known: Known, places: readonly Place[]): void {
    for (const { platform, id, cameInOn, values } of places) {
      const said = values.interactionId;
      if (cameInOn === undefined || !said || said === known.id) continue;
      this.#broken('H3', caller, known, `${platform} takes ${caller.phone} in ${id} for ${said}`);
    }
  }

  #settledLately(caller: Caller, known: Known, places: readonly Place[]): void {
    const { now } = this.#parts;
    const standing = this.#standings.get(caller) as Standing;
    const last = known.handoffs.at(-1);
    if (known.open || last?.kind !== 'transfer' || !last.settled || standing.judged === last) return;
    const settledAt = last.settledAt ?? 0;
    if (now() < settledAt + GRACE_MS) return;
    standing.judged = last;
    const { outcome, reason = '' } = last.settled;
    const said = `${last.id}, ${outcome} (${reason}):`;
    const there = places.filter(isHeldBySomebody);
    if (there.length > 1 && !known.handoffs.some(isLeftTalking))
      this.#broken('H2', caller, known, `${said} the caller is ${there.map(shown).join(' and ')}`);
    if (caller.hungUpAt !== undefined || known.quarantined) return;
    const lost = lostIn(known.handoffs, standing.unheldSince);
    if (lost)
      this.#broken(
        'H3',
        caller,
        known,
        `${said} since ${lost.id} nobody has the caller: ${places.map(shown).join(', ')}`,
      );
    if (outcome === 'dead_lettered') return;
    if (reason === 'customer-left' && there.length > 0)
      this.#broken('H3', caller, known, `${said} the caller is there: ${there.map(shown).join(', ')}`);
  }

  /** When all is over: whose caller has hung up talks to nobody any more. */
  nobodyIsLeft(): void {
    const { desk, whereabouts, ledger, lines } = this.#parts;
    for (const caller of desk.callers) {
      const left = whereabouts.of(caller.phone).filter(({ live }) => live);
      // Whom the network has lost hears no hang-up.
      if (left.length === 0 || lines.callsOf(caller.phone).some(({ fault }) => fault !== undefined)) continue;
      const known = ledger.get(caller.interactionId ?? '');
      if (known) this.#broken('H6', caller, known, `the caller is gone, and ${left.map(shown).join(' and ')} is left`);
    }
  }

  #broken(invariant: Invariant, { phone, id }: Caller, known: Known, message: string): void {
    this.#parts.report(new Violation(invariant, message, [phone, id, known.id]));
  }
}

/**
 * The transfer in which the caller was lost, where that is neither a person's by now nor the network's, which loses those who have arrived,
 * too.
 */
function lostIn(handoffs: readonly KnownHandoff[], since: number | undefined): KnownHandoff | undefined {
  if (since === undefined) return undefined;
  const during = handoffs.findLast(
    ({ kind, requestedAt, settledAt = 0 }) => kind === 'transfer' && requestedAt <= since && since <= settledAt,
  );
  const isAPersons = handoffs.some(({ settled }) => settled?.outcome === 'dead_lettered');
  return isAPersons || during?.reached ? undefined : during;
}

/** A consultation that could not be ended: both agents are people, and either can hang up. */
function isLeftTalking({ kind, transferType, settled }: KnownHandoff): boolean {
  const isGivenUp = settled?.outcome === 'dead_lettered' || settled?.reason === 'three-cycles-failed';
  return kind === 'transfer' && transferType !== 'blind' && isGivenUp;
}

function shown({ platform, id, heldBy, live }: Place): string {
  return `${live ? heldBy : 'over'} at ${platform} ${id}`;
}
