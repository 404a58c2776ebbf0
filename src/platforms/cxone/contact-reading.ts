// Owns the reading of a contact as it is now. A contact that was transferred goes on under a new id with the same master, so one that
// has ended is followed to where the customer is (NICE help, Contact List widget).

import type { ParticipantId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { contactView, phaseOf } from './contact-view.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireContact, type WireHierarchy, wireContact, wireHierarchy } from './cxone-wire.ts';

export type ContactReading = {
  /** The contact of this id. Rejected `not-found` when the ACD knows none, or the id cannot be one. */
  read(contactId: string, call: Call): Promise<Outcome<WireContact>>;
  /** The same, or where the customer went on from it. */
  current(contactId: string, call: Call): Promise<Outcome<WireContact>>;
  /** The same, where `leaving` is still there to leave; else rejected `conflict`. */
  heldBy(
    contact: { readonly contactId: string; readonly leaving: ParticipantId },
    call: Call,
  ): Promise<Outcome<WireContact>>;
  /** The newest contact of the same master that is not over, other than this one. */
  beside(contactId: string, call: Call): Promise<Outcome<string | undefined>>;
};

export function contactReading(line: Pick<CxoneLine, 'acd'>): ContactReading {
  const read = async (contactId: string, call: Call): Promise<Outcome<WireContact>> => {
    if (!isContactId(contactId)) return noContact();
    return readAs(wireContact, await line.acd({ method: 'GET', path: `/contacts/${contactId}` }, call));
  };
  const beside = async (contactId: string, call: Call): Promise<Outcome<string | undefined>> => {
    if (!isContactId(contactId)) return noContact();
    const path = `/contacts/${contactId}/hierarchy`;
    const found = readAs(wireHierarchy, await line.acd({ method: 'GET', path }, call));
    return found.kind === 'done' ? { kind: 'done', value: newestOpen(found.value, contactId) } : found;
  };
  const current = async (contactId: string, call: Call): Promise<Outcome<WireContact>> => {
    const own = await read(contactId, call);
    if (own.kind !== 'done' || phaseOf(own.value) !== 'ended') return own;
    const next = await beside(contactId, call);
    if (next.kind !== 'done') return next.kind === 'rejected' ? own : next;
    return next.value === undefined ? own : read(next.value, call);
  };
  return {
    read,
    beside,
    current,
    async heldBy({ contactId, leaving }, call) {
      const now = await current(contactId, call);
      if (now.kind !== 'done') return now;
      const { parties } = contactView(now.value, contactId);
      const isHere = parties.some((party) => party.id === leaving && party.state !== 'ended');
      return isHere ? now : { kind: 'rejected', code: 'conflict', detail: 'who should leave is not there' };
    },
  };
}

/** ACD contact ids are whole numbers. */
function isContactId(id: string): boolean {
  return /^\d{1,18}$/.test(id);
}

function newestOpen({ childContacts }: WireHierarchy, contactId: string): string | undefined {
  const open = (childContacts ?? []).filter(
    (one) => one.contactId !== undefined && one.contactId !== contactId && !one.endTime,
  );
  // Ids are given in order; a time may be missing.
  return open
    .map((one) => one.contactId ?? '')
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
}

function noContact(): Outcome<never> {
  return { kind: 'rejected', code: 'not-found', detail: 'the ids of CXone contacts are whole numbers' };
}
