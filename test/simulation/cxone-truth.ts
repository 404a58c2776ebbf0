// Owns what the CXone twin's own records say of a call to it: signals, which their scripts act on or not, and calls that agents make.

import type { Contact, ContactTransfer, Signal } from '../../src/twins/cxone/contact.ts';
import type { CxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import type { CustomerView, Effect, VendorTruth } from './vendor-truth.ts';
import type { WireCall } from './wire-call.ts';

export class CxoneTruth implements VendorTruth {
  readonly polled = true;
  readonly #twin: CxoneTwin;
  readonly #seen = new WeakSet<object>();

  constructor(twin: CxoneTwin) {
    this.#twin = twin;
  }

  rootOf(conversationId: string): string {
    const contact = this.#twin.contacts.get(Number(conversationId));
    return contact ? String(contact.masterId) : conversationId;
  }

  values(conversationId: string): Readonly<Record<string, string>> | undefined {
    return this.#twin.contacts.get(Number(conversationId))?.variables;
  }

  /** A signal names nobody: whoever has the contact when its script acts lets go of it. */
  leaving(): undefined {
    return undefined;
  }

  effectOf({ conversationId }: WireCall): Effect | undefined {
    const contact = this.#twin.contacts.get(Number(conversationId));
    if (!contact) return undefined;
    const signal = contact.signals.at(-1);
    if (signal && this.#isNew(signal)) return new SignalEffect(contact, signal);
    const dialled = contact.calls.at(-1);
    return dialled && this.#isNew(dialled) ? new DialledEffect(dialled) : undefined;
  }

  viewOf(conversationId: string): CustomerView | undefined {
    const contact = this.#twin.contacts.get(Number(conversationId));
    if (!contact) return undefined;
    const family = [...this.#twin.contacts.all()].filter(
      ({ masterId, initiator }) => masterId === contact.masterId && initiator === undefined,
    );
    const customerGone = family.every(({ state }) => state.kind === 'ended');
    return {
      isOver: customerGone,
      customerGone,
      wasWith: (queueId) => family.some(({ agent, skill }) => agent !== undefined || String(skill?.id) === queueId),
    };
  }

  #isNew(record: object): boolean {
    if (this.#seen.has(record)) return false;
    this.#seen.add(record);
    return true;
  }
}

const LEFT: Readonly<Record<ContactTransfer['state'], string>> = {
  dialing: 'Active',
  complete: 'Complete',
  failed: 'Failed',
};

/** Its script has yet to act on it, has acted, or never will. */
class SignalEffect implements Effect {
  readonly #contact: Contact;
  readonly #signal: Signal;
  readonly #before: number;

  constructor(contact: Contact, signal: Signal) {
    this.#contact = contact;
    this.#signal = signal;
    this.#before = contact.transfers.length;
  }

  get state(): string {
    const { effect, params } = this.#signal;
    if (effect === 'pending') return 'Pending';
    if (effect !== 'acted') return 'Failed';
    const transfer = params.p1 === 'Transfer' ? this.#contact.transfers[this.#before] : undefined;
    return transfer ? LEFT[transfer.state] : 'Complete';
  }
}

/** The agent's own call, while it lasts. */
class DialledEffect implements Effect {
  readonly #dialled: Contact;

  constructor(dialled: Contact) {
    this.#dialled = dialled;
  }

  get state(): string {
    const { kind } = this.#dialled.state;
    if (kind === 'ended') return 'Failed';
    return kind === 'dialing' ? 'Pending' : 'Complete';
  }
}
