// Owns what is checked of text messages, from what the wires, providers and telephones saw: nothing is sent without a lease or for what is
// over (fence, H3), one attempt makes one message and the next one waits until the one before can make none (H5), nobody is texted who has
// said STOP, and everybody is texted at their own number.

import type { SmsTwin } from '../../../src/twins/sms/sms-twin.ts';
import type { LeaseBook } from '../lease-book.ts';
import type { Trace } from '../trace.ts';
import { type Invariant, Violation } from '../violation.ts';
import type { WireCall } from '../wire-call.ts';
import type { OfferBook } from './offer-book.ts';
import type { Telephones } from './telephones.ts';
import { handoffOf, routeOf, type TextCall } from './text-call.ts';

/** Between the last look at who wants no more and the wire the store may take its time. */
const LAST_LOOK_MS = 1_000;

export type TextOracleParts = {
  readonly twin: SmsTwin;
  readonly phones: Telephones;
  readonly book: OfferBook;
  readonly leases: LeaseBook;
  readonly trace: Trace;
  readonly now: () => number;
  readonly report: (violation: Violation) => void;
};

export class TextOracle {
  readonly #parts: TextOracleParts;
  readonly #made = new Map<string, number>();

  constructor(parts: TextOracleParts) {
    this.#parts = parts;
  }

  readonly written = (written: WireCall): void => {
    const call = written as TextCall;
    const { book, leases, trace } = this.#parts;
    if (call.kind !== 'text') return;
    trace.tell(`${call.life.owner} writes text ${call.ref.split('.').slice(1).join('.')}`, call.conversationId ?? '');
    const offer = book.ofCall(call);
    if (!offer) {
      this.#broken('H3', call, 'is sent for no handoff');
      return;
    }
    const objection = leases.objection(offer.interactionId, call.life.owner);
    if (objection) this.#broken('fence', call, `is sent by ${call.life.owner}, ${objection}`);
    if (offer.settled?.by === call.life.owner)
      this.#broken('H3', call, `is sent though ${call.life.owner} itself has settled ${offer.settled.outcome}`);
    if (offer.terms && offer.terms.to !== call.to) this.#broken('H3', call, `goes to ${call.to}`);
    for (const earlier of offer.sends) {
      const again = earlier.ref === call.ref;
      if (again && !isProvablyNotTaken(earlier)) this.#broken('H5', call, 'is sent again, and the first may be taken');
      if (!again && earlier.state === 'under-way')
        this.#broken('H5', call, `is sent while that by route ${routeOf(earlier)} is on its way`);
    }
    offer.sends.push(call);
    const stoppedAt = this.#parts.phones.get(call.to)?.stoppedAt ?? Number.POSITIVE_INFINITY;
    if (stoppedAt + LAST_LOOK_MS < call.writtenAt)
      this.#broken('suppressed', call, `goes to ${call.to}, who said STOP`);
  };

  /** Called in the very moment in which the provider has dealt with it. */
  readonly landed = (landed: WireCall): void => {
    const call = landed as TextCall;
    if (call.kind !== 'text') return;
    const { twin, now, trace } = this.#parts;
    const { status } = twin.calls({ since: now() }).at(-1) ?? {};
    call.made = status !== null && status !== undefined && status >= 200 && status < 300 ? 1 : 0;
    trace.tell(`the provider ${call.made ? 'takes' : 'does not take'} the text`, call.conversationId ?? '');
    const made = (this.#made.get(call.ref) ?? 0) + call.made;
    this.#made.set(call.ref, made);
    if (made > 1) this.#broken('H5', call, `was made ${made} times`);
  };

  #broken(invariant: Invariant, call: TextCall, message: string): void {
    const concerns = [call.ref.split('.')[0] ?? ''];
    this.#parts.report(
      new Violation(invariant, `the text ${routeOf(call)} of ${handoffOf(call)} ${message}`, concerns),
    );
  }
}

/** Answers by which the sender knows that nothing was taken. */
const NOT_TAKEN: ReadonlySet<unknown> = new Set([408, 425, 429, 'never-connected']);

function isProvablyNotTaken({ heard, state }: TextCall): boolean {
  return NOT_TAKEN.has(heard) || (state === 'lost' && heard === 'never-connected');
}
