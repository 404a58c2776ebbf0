// Owns what is checked of callbacks, from what the wires and the vendor saw: nothing is asked for without a lease or for what is over (fence, H3),
// one handoff books one callback and none is asked for again that may have been taken (H5), what a settled one says is so at the vendor, and
// nobody is called at an hour at which they may not be, or who has said STOP.

import { CLOCKS_APART_MS } from '../../../src/protocols/clocks.ts';
import type { Conversation } from '../../../src/twins/genesys/conversation.ts';
import type { GenesysTwin } from '../../../src/twins/genesys/genesys-twin.ts';
import type { LeaseBook } from '../lease-book.ts';
import type { KnownHandoff, Ledger } from '../ledger.ts';
import { LEASE_MS } from '../limits.ts';
import type { Trace } from '../trace.ts';
import { type Invariant, Violation } from '../violation.ts';
import { isKnownNotTaken, type WireCall } from '../wire-call.ts';
import type { Telephones } from './telephones.ts';
import { CALLING_HOURS } from './terms.ts';

export type CallbackOracleParts = {
  readonly twin: GenesysTwin;
  readonly phones: Telephones;
  readonly ledger: Ledger;
  readonly leases: LeaseBook;
  readonly trace: Trace;
  readonly report: (violation: Violation) => void;
};

type Booking = { readonly call: WireCall; made?: Conversation };

export class CallbackOracle {
  readonly #parts: CallbackOracleParts;
  readonly #bookings = new Map<string, Booking[]>();
  readonly #seen = new Set<string>();
  /** By interaction and number: the zones that were named when callbacks were asked for. */
  readonly #zones = new Map<string, Set<string>>();

  constructor(parts: CallbackOracleParts) {
    this.#parts = parts;
  }

  /** A zone that a request of this interaction names as the customer's. */
  told(interactionId: string, zone: string): void {
    this.#zones.set(interactionId, (this.#zones.get(interactionId) ?? new Set()).add(zone));
  }

  written(call: WireCall): void {
    const { ledger, leases, trace } = this.#parts;
    const handoff = ledger.handoffOf(call.command ?? '');
    if (!handoff) {
      this.#parts.report(new Violation('H3', `${call.life.owner} asks for a callback without a handoff`));
      return;
    }
    trace.tell(`${call.life.owner} writes callback`, handoff.interactionId);
    const objection = leases.objection(handoff.interactionId, call.life.owner);
    if (objection) this.#broken('fence', handoff, `is asked for by ${call.life.owner}, ${objection}`);
    if (handoff.settled?.by === call.life.owner) this.#broken('H3', handoff, 'is asked for by who has settled it');
    const bookings = this.#bookings.get(handoff.id) ?? [];
    if (bookings.some((one) => !isKnownNotTaken(one.call)))
      this.#broken('H5', handoff, 'is asked for again, and the first may be taken');
    this.#bookings.set(handoff.id, [...bookings, { call }]);
  }

  /** Called in the very moment in which the vendor has dealt with it. */
  landed(call: WireCall): void {
    const { ledger, twin, trace } = this.#parts;
    const handoff = ledger.handoffOf(call.command ?? '');
    const booking = handoff && this.#bookings.get(handoff.id)?.find((one) => one.call === call);
    if (!handoff || !booking) return;
    const newest = [...twin.conversations.all()].findLast(({ media }) => media === 'callback');
    if (!newest || this.#seen.has(newest.id)) return;
    this.#seen.add(newest.id);
    booking.made = newest;
    trace.name(newest.id, `b${this.#seen.size}`);
    trace.tell(`the vendor books a callback of ${newest.from}`, handoff.interactionId, newest.id);
    const made = this.#bookings.get(handoff.id)?.filter((one) => one.made) ?? [];
    if (made.length > 1) this.#broken('H5', handoff, `has booked ${made.length} callbacks`);
    this.#inHours(handoff, newest, call);
    const stoppedAt = this.#parts.phones.get(newest.from)?.stoppedAt ?? Number.POSITIVE_INFINITY;
    if (stoppedAt + LEASE_MS < call.writtenAt)
      this.#broken('suppressed', handoff, `calls ${newest.from}, who said STOP`);
  }

  settled(handoff: KnownHandoff): void {
    const bookings = this.#bookings.get(handoff.id) ?? [];
    const { outcome = '', reason } = handoff.settled ?? {};
    const made = bookings.filter((one) => one.made).length;
    if (outcome === 'completed' && made !== 1) this.#broken('H3', handoff, `is completed, and ${made} were booked`);
    if (outcome === 'completed' || outcome === 'dead_lettered') return;
    const live = bookings.find(({ call, made: there }) => there || call.state === 'under-way');
    if (live)
      this.#broken('H3', handoff, `is ${outcome} (${reason}), and its callback ${live.made ? 'is booked' : 'may be'}`);
  }

  #inHours(handoff: KnownHandoff, { from, participants, startedAt }: Conversation, call: WireCall): void {
    const waiting = participants.find(({ purpose }) => purpose === 'acd');
    const scheduled = waiting?.phase.kind === 'scheduled' ? waiting.phase.until : undefined;
    const zones = this.#parts.phones.get(from)?.zones;
    const named = [...(this.#zones.get(handoff.interactionId) ?? [])].map((zone) => [zone]);
    const choices = [...(zones ? [zones] : []), ...named];
    const instants = scheduled === undefined ? [call.writtenAt, call.writtenAt - CLOCKS_APART_MS] : [scheduled];
    const allowed = choices.some((each) => instants.some((at) => each.every((zone) => isAwake(at, zone))));
    if (choices.length > 0 && !allowed) {
      const when = new Date(scheduled ?? startedAt).toISOString();
      this.#broken('hours', handoff, `calls ${from} at ${when}`);
    }
  }

  #broken(invariant: Invariant, { id, interactionId }: KnownHandoff, message: string): void {
    this.#parts.report(new Violation(invariant, `the callback ${id} ${message}`, [interactionId]));
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Reckoned apart from the product's own. */
function isAwake(at: number, zone: string): boolean {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
  clocks.set(zone, clock);
  const hour = Number(clock.formatToParts(at).find(({ type }) => type === 'hour')?.value);
  return hour >= CALLING_HOURS.fromHour && hour < CALLING_HOURS.toHour;
}
