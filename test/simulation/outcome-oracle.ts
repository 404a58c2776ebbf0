// Owns what is checked of handoffs as wholes after every step: that what a settled one says is so at the vendor (H3, H5), that none is
// open beyond its time (H6), that a customer who is known to have left leaves none open (H6), and that nobody is moved twice (H5).

import type { Told } from './hook-line.ts';
import type { KnownHandoff, Ledger } from './ledger.ts';
import { SLACK_MS } from './limits.ts';
import type { CustomerView } from './vendor-truth.ts';
import { type Invariant, Violation } from './violation.ts';
import { isWithoutEffect } from './wire-call.ts';

export type OutcomeOracleParts = {
  /** Of a conversation; undefined where there is no such. */
  readonly viewOf: (leg: string) => CustomerView | undefined;
  readonly ledger: Ledger;
  /** How long somebody was up, in all. */
  readonly upMs: () => number;
  readonly legOf: (handoffId: string) => Promise<string>;
  /** One to another contact center has settled: what its outcome says is looked at by who sees both. */
  readonly onTransfer: (handoff: KnownHandoff) => void;
  /** A callback has settled. */
  readonly onCallback: (handoff: KnownHandoff) => void;
  readonly report: (violation: Violation) => void;
};

/** Ends by which the customer was not moved by us. */
const NOT_MOVED: ReadonlySet<string> = new Set(['refused', 'compensated', 'expired', 'cancelled', 'declined']);

type HungUp = { readonly conversationId: string; readonly handoff: KnownHandoff; readonly upMsThen: number };

/** An event that came just before its conversation was known is kept, and swept up within a second. */
const KNOWN_WITHIN_MS = 5_000;

export class OutcomeOracle {
  readonly #parts: OutcomeOracleParts;
  readonly #hungUp: HungUp[] = [];

  constructor(parts: OutcomeOracleParts) {
    this.#parts = parts;
  }

  told({ conversationId, kind, hungUp }: Told): void {
    const handoff = this.#parts.ledger.ownerOf(conversationId)?.open;
    // Of a transfer, a customer who was dropped is news of one side only.
    const left = hungUp || (kind === 'customer.end' && handoff?.kind === 'escalation');
    if (left && handoff) this.#hungUp.push({ conversationId, handoff, upMsThen: this.#parts.upMs() });
  }

  async check(): Promise<void> {
    const { ledger, upMs } = this.#parts;
    for (const handoff of ledger.settledNow.splice(0)) await this.#settled(handoff);
    const up = upMs();
    for (const known of ledger.all()) {
      const handoff = known.open;
      if (!handoff) continue;
      // What was put away unread is open still when a person brings it back: whoever has it then settles it.
      const due = Math.max(handoff.upMsThen + handoff.boundMs, known.releasedUpMs);
      const late = up - due - SLACK_MS;
      if (late > 0 && !known.quarantined)
        this.#broken('H6', handoff, `is open ${Math.round(late)} ms beyond its bound`);
      this.#movedOnce(handoff);
    }
    await this.#customersLeft();
  }

  async #customersLeft(): Promise<void> {
    const due = this.#hungUp.findIndex(({ upMsThen }) => this.#parts.upMs() - upMsThen < KNOWN_WITHIN_MS);
    for (const { conversationId, handoff } of this.#hungUp.splice(0, due === -1 ? this.#hungUp.length : due)) {
      const isOpen =
        handoff.settled === undefined &&
        !handoff.reached &&
        this.#parts.ledger.get(handoff.interactionId)?.quarantined === false;
      if (isOpen && (await this.#parts.legOf(handoff.id)) === conversationId) {
        this.#broken('H6', handoff, 'is open though its customer is known to have left');
      }
    }
  }

  async #settled(handoff: KnownHandoff): Promise<void> {
    if (handoff.kind === 'callback') return this.#parts.onCallback(handoff);
    if (handoff.kind === 'transfer') return this.#parts.onTransfer(handoff);
    const { outcome = '', reason, queueId } = handoff.settled ?? {};
    this.#movedOnce(handoff);
    const leg = await this.#parts.legOf(handoff.id);
    // Asked for, settled and erased at once: nobody can say any more where it was.
    if (leg === '') return;
    const view = this.#parts.viewOf(leg);
    if (outcome === 'completed' && !view?.wasWith(queueId))
      this.#broken('H3', handoff, `is completed, but the customer was never in ${queueId}`);
    const customerGone = view?.customerGone !== false;
    if (reason === 'customer-left' && !customerGone)
      this.#broken('H3', handoff, 'is cancelled, but the customer is there');
    if (!NOT_MOVED.has(outcome) || customerGone) return;
    const live = handoff.transfers.find((call) => !isWithoutEffect(call));
    if (live) {
      const fate = live.effect ? `is ${live.effect.state}` : 'is on its way still';
      this.#broken('H3', handoff, `is ${outcome} (${reason}), but its transfer ${fate}`);
    }
  }

  #movedOnce(handoff: KnownHandoff): void {
    if (handoff.kind === 'transfer') return;
    const made = handoff.transfers.filter(({ effect }) => effect?.state === 'Complete');
    if (made.length > 1) this.#broken('H5', handoff, `has moved the customer ${made.length} times`);
  }

  #broken(invariant: Invariant, { id, interactionId }: KnownHandoff, message: string): void {
    const conversation = this.#parts.ledger.conversationsOf(interactionId);
    this.#parts.report(new Violation(invariant, `${id} ${message}`, [interactionId, ...conversation]));
  }
}
