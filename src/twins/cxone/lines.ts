// Owns how contacts hang on the telephone network: the customer's own call where it came over the carrier, the numbers outside
// that a contact is joined with, and that nobody is left on a line whose other end is gone.

import type { CallEnd, CallEvents, CallLeg, CallOffer, Carrier } from '../carrier.ts';
import type { CallFault } from '../faults.ts';
import { type Contact, type EndReason, isLive, type JoinedLeg } from './contact.ts';
import type { Floor } from './floor.ts';

export type LinesParts = {
  readonly carrier: Carrier;
  readonly floor: Floor;
  readonly faultFor: (call: string) => CallFault | undefined;
};

export type Dialled = { readonly answered: () => void; readonly failed: () => void };

export class Lines {
  readonly #parts: LinesParts;

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  /** The customer calls in over the carrier; a script answers at once. */
  arrive(contact: Contact, offer: CallOffer, leg: CallLeg): CallEvents {
    const joined: JoinedLeg = {
      direction: 'inbound',
      number: offer.from,
      uui: offer.uui,
      leg,
      owner: contact,
      state: 'answered',
      why: undefined,
    };
    contact.line = joined;
    contact.legs.push(joined);
    leg.answer();
    return { ended: (why) => this.#lineEnded(joined, why) };
  }

  /** Rings a number for the contact. */
  dial(contact: Contact, number: string, uui: string | undefined, on: Dialled): JoinedLeg {
    const { carrier, faultFor } = this.#parts;
    if (contact.far !== undefined) hangUp(contact.far, 'party');
    const joined: JoinedLeg = {
      direction: 'outbound',
      number,
      uui,
      leg: SILENT,
      owner: contact,
      state: 'ringing',
      why: undefined,
    };
    contact.far = joined;
    contact.legs.push(joined);
    const events: CallEvents = {
      answered: () => {
        joined.state = 'answered';
        on.answered();
      },
      ended: (why) => {
        const rang = joined.state === 'ringing';
        close(joined, why);
        if (rang) on.failed();
        else this.#farEnded(joined, why);
      },
    };
    joined.leg = carrier.dial({ from: contact.from, to: number, uui }, events, faultFor);
    return joined;
  }

  /** The customer puts the receiver down, wherever the call has got to. False when nobody is on the line any more. */
  customerHangsUp(contact: Contact): boolean {
    if (isLive(contact)) {
      this.#parts.floor.end(contact, 'customer');
      return true;
    }
    const { far, line } = contact;
    if (far === undefined || far.state === 'ended') return false;
    hangUp(far, 'customer');
    if (line !== undefined) hangUp(line, 'customer');
    return true;
  }

  /** Nobody is left for the customer. */
  loseCustomer({ line }: Contact): void {
    if (line !== undefined) hangUp(line, 'party');
  }

  /** The script takes the customer back from the number outside. */
  takeBack({ far }: Contact): void {
    if (far !== undefined) hangUp(far, 'party');
  }

  /** A contact is over: who hangs on it hears so, unless the customer went on without it. */
  ended({ line, far }: Contact, why: EndReason): void {
    if (why === 'transfer' || why === 'blind-transfer') return;
    const told = why === 'customer' ? 'customer' : 'party';
    if (far !== undefined) hangUp(far, told);
    if (line !== undefined) hangUp(line, told);
  }

  #lineEnded(joined: JoinedLeg, why: CallEnd): void {
    close(joined, why);
    const { owner } = joined;
    if (isLive(owner)) this.#parts.floor.end(owner, why === 'dropped' ? 'lost' : 'customer');
    else if (owner.far !== undefined) hangUp(owner.far, 'customer');
  }

  #farEnded({ owner }: JoinedLeg, why: CallEnd): void {
    if (owner.state.kind === 'bridged') this.#parts.floor.end(owner, why === 'customer' ? 'customer' : 'far-end');
    else if (!isLive(owner) && owner.line !== undefined) hangUp(owner.line, why === 'customer' ? 'customer' : 'party');
  }
}

const SILENT: CallLeg = { id: '', answer: () => {}, hangUp: () => {} };

function hangUp(joined: JoinedLeg, why: 'customer' | 'party'): void {
  if (joined.state === 'ended') return;
  close(joined, why);
  joined.leg.hangUp(why);
}

function close(joined: JoinedLeg, why: CallEnd): void {
  joined.state = 'ended';
  joined.why = why;
}
