// Owns what the scripts tell by REST as a contact moves (the practice of ONANSWER, ONRELEASE, ONSIGNAL and ONASSIGNMENT): one
// flat message of texts each, since a script knows nothing else. Nothing at the vendor signs them: a header carries a secret.

import type { Contact } from './contact.ts';
import type { ContactEvent } from './contacts.ts';
import type { FloorEventExtra } from './floor.ts';

export type CallOut = Readonly<Record<string, string>>;

export type CallOutFacts = {
  readonly messageId: string;
  readonly at: number;
  /** Of a digital contact: its number on the digital side. */
  readonly contactNumber: string | undefined;
};

export function callOut(event: ContactEvent, contact: Contact, extra: FloorEventExtra, facts: CallOutFacts): CallOut {
  const { agent, skill, reason } = extra;
  return {
    messageId: facts.messageId,
    event,
    contactId: String(contact.id),
    masterContactId: String(contact.masterId),
    mediaType: contact.media,
    at: new Date(facts.at).toISOString(),
    ...(facts.contactNumber === undefined ? {} : { contactNumber: facts.contactNumber }),
    ...(agent === undefined ? {} : { agentId: String(agent.id) }),
    ...(skill === undefined ? {} : { skillId: String(skill.id) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** What faults of events are matched with. */
export function topicOf(event: ContactEvent, contact: Contact): string {
  return `script.${contact.id}.${event}`;
}
