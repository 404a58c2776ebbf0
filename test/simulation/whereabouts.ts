// Owns where every caller is, by both twins' own records: all the places that there ever were of one, the oldest first.

import type { Contact } from '../../src/twins/cxone/contact.ts';
import type { CxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import type { Conversation } from '../../src/twins/genesys/conversation.ts';
import type { GenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { cxonePlace, genesysPlace, type Place } from './place.ts';

type Records = { readonly conversations: Conversation[]; readonly contacts: Contact[] };

export class Whereabouts {
  readonly #genesys: GenesysTwin;
  readonly #cxone: CxoneTwin;
  readonly #records = new Map<string, Records>();
  readonly #seen = new Set<Conversation | Contact>();

  constructor(genesys: GenesysTwin, cxone: CxoneTwin) {
    this.#genesys = genesys;
    this.#cxone = cxone;
  }

  of(phone: string): readonly Place[] {
    this.#readOn();
    const { conversations, contacts } = this.recordsOf(phone);
    const places = [...conversations.map(genesysPlace), ...contacts.flatMap((contact) => cxonePlace(contact) ?? [])];
    return places.toSorted((a, b) => a.startedAt - b.startedAt);
  }

  recordsOf(phone: string): Records {
    const known = this.#records.get(phone);
    if (known) return known;
    const none: Records = { conversations: [], contacts: [] };
    this.#records.set(phone, none);
    return none;
  }

  #readOn(): void {
    for (const conversation of this.#genesys.conversations.all()) {
      if (this.#isNew(conversation)) this.recordsOf(phoneOf(conversation.from)).conversations.push(conversation);
    }
    for (const contact of this.#cxone.contacts.all()) {
      if (this.#isNew(contact)) this.recordsOf(phoneOf(contact.from)).contacts.push(contact);
    }
  }

  #isNew(record: Conversation | Contact): boolean {
    if (this.#seen.has(record)) return false;
    this.#seen.add(record);
    return true;
  }
}

function phoneOf(from: string): string {
  return from.replace(/^tel:/, '');
}

/** Whether somebody has them: a person, a queue, a bot, or a script that brings them to one. */
export function isHeld(place: Place): boolean {
  return place.live && place.heldBy !== 'none' && place.heldBy !== 'outside';
}

/** Whether it is the customer that somebody has there, and not only a script that still asks. */
export function isHeldBySomebody(place: Place): boolean {
  return isHeld(place) && place.heldBy !== 'entry';
}
