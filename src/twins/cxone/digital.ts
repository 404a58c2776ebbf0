// Owns the digital side: customers, threads, cases and their messages and custom fields. Every case has a contact in the ACD,
// which is routed like any other; unlike a call it may be moved by plain REST.

import type { Clock } from '../../clock.ts';
import type { CaseTalk } from './case-talk.ts';
import { type Contact, isLive } from './contact.ts';
import type { Contacts } from './contacts.ts';
import type { Agent, Channel, Skill } from './tenant.ts';

export const CASE_STATUSES = ['new', 'open', 'pending', 'escalated', 'resolved', 'closed', 'trashed'] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];

export type CustomFields = Record<string, { readonly value: string; readonly updatedAt: number }>;
export type Identity = { readonly idOnExternalPlatform: string; readonly firstName: string; readonly lastName: string };

export type Customer = {
  readonly id: string;
  readonly channel: Channel;
  readonly identity: Identity;
  readonly customFields: CustomFields;
  updatedAt: number;
};

export type Thread = { readonly id: string; readonly idOnExternalPlatform: string; readonly name: string };

/** As published: `TEXT` with `{text}`, or a rich type with its own payload and a text for those who cannot show it. */
export type MessageContent = {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly fallbackText?: string | undefined;
};

export type Message = {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly createdAt: number;
  readonly content: MessageContent;
  readonly author: Agent | undefined;
  /** What an agent sends along, by its address. */
  readonly files?: readonly { readonly url: string; readonly name: string; readonly mime: string }[];
  /** What the far side calls it; of ours only when the far side has taken it. */
  idOnExternalPlatform: string | undefined;
  status: 'sent' | 'delivered' | 'seen' | 'failed';
};

export type Case = {
  /** The contact number of the digital side. */
  readonly number: string;
  readonly contact: Contact;
  readonly interactionId: string;
  readonly customer: Customer;
  readonly channel: Channel;
  readonly thread: Thread;
  readonly messages: Message[];
  readonly customFields: CustomFields;
  status: CaseStatus;
  statusUpdatedAt: number;
};

export type NewMessage = {
  readonly idOnExternalPlatform: string;
  readonly direction: 'inbound' | 'outbound';
  readonly content: Message['content'];
  readonly thread: { readonly idOnExternalPlatform: string; readonly name: string };
  readonly identity: Identity;
  readonly customFields: Readonly<Record<string, string>>;
  readonly skill?: Skill | undefined;
  readonly bot?: boolean;
};

export type DigitalParts = {
  readonly clock: Clock;
  readonly uuid: () => string;
  readonly contacts: Contacts;
  /** What an agent wrote, on a channel whose far side is the customer's own. */
  readonly onWritten: (written: Message, of: Case) => void;
  /** What agents write by themselves. */
  readonly talk: () => Pick<CaseTalk, 'greet' | 'heard'>;
};

const FIRST_NUMBER = 5_000_001;
const OVER: ReadonlySet<CaseStatus> = new Set(['resolved', 'closed', 'trashed']);

export class Digital {
  readonly #parts: DigitalParts;
  readonly #cases = new Map<string, Case>();
  readonly #byContact = new Map<Contact, Case>();
  /** The newest case of a thread. */
  readonly #byThread = new Map<string, Case>();
  readonly #customers = new Map<string, Customer>();
  #nextNumber = FIRST_NUMBER;

  constructor(parts: DigitalParts) {
    this.#parts = parts;
  }

  case(number: string): Case | undefined {
    return this.#cases.get(number);
  }

  caseOf(contact: Contact): Case | undefined {
    return this.#byContact.get(contact);
  }

  cases(): Iterable<Case> {
    return this.#cases.values();
  }

  customer(id: string): Customer | undefined {
    return [...this.#customers.values()].find((each) => each.id === id);
  }

  /** Takes a message in: into the thread's running case, or into a new one with customer, thread and contact. */
  receive(channel: Channel, message: NewMessage): { readonly of: Case; readonly message: Message } {
    const key = `${channel.id} ${message.thread.idOnExternalPlatform}`;
    const running = this.#byThread.get(key);
    const of =
      running === undefined || OVER.has(running.status) ? this.#open(channel, message, running?.thread) : running;
    this.#byThread.set(key, of);
    this.setFields(of.customFields, message.customFields);
    const { idOnExternalPlatform, direction, content } = message;
    const taken = this.#note(of, { idOnExternalPlatform, direction, content, author: undefined, status: 'delivered' });
    const { text } = content.payload;
    if (direction === 'inbound' && typeof text === 'string') this.#parts.talk().heard(of, text);
    return { of, message: taken };
  }

  setFields(fields: CustomFields, values: Readonly<Record<string, string>>): void {
    const updatedAt = this.#parts.clock.now();
    for (const [ident, value] of Object.entries(values)) fields[ident] = { value, updatedAt };
  }

  /** To the end of a skill's queue, whoever has it. */
  requeue(of: Case, skill: Skill): void {
    of.contact.moves += 1;
    this.#parts.contacts.floor.requestAgent(of.contact, { skill });
  }

  /** Into an agent's inbox, who need not accept; undefined takes it out of whoever's it is in. */
  assign(of: Case, agent: Agent | undefined): void {
    const { contact } = of;
    contact.moves += 1;
    const { floor } = this.#parts.contacts;
    if (agent === undefined) floor.requestAgent(contact, { skill: contact.skill ?? contact.defaultSkill });
    else floor.assign(contact, agent);
  }

  setStatus(of: Case, status: CaseStatus): void {
    this.#turn(of, status);
    if (OVER.has(status)) this.#parts.contacts.floor.end(of.contact, 'agent');
  }

  /** An agent writes to the customer; undefined when nobody has the case. */
  write(of: Case, said: string | MessageContent, files: NonNullable<Message['files']> = []): Message | undefined {
    const { state } = of.contact;
    if (state.kind !== 'active') return undefined;
    const written = this.#note(of, {
      idOnExternalPlatform: undefined,
      direction: 'outbound',
      content: typeof said === 'string' ? { type: 'TEXT', payload: { text: said } } : said,
      author: state.agent,
      status: 'sent',
      ...(files.length > 0 && { files }),
    });
    if (of.channel.ownChannel) this.#parts.onWritten(written, of);
    return written;
  }

  message(channelId: string, idOnExternalPlatform: string): Message | undefined {
    for (const of of this.#cases.values()) {
      if (of.channel.id !== channelId) continue;
      const found = of.messages.find((each) => each.idOnExternalPlatform === idOnExternalPlatform);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The agent who takes the case says so. */
  answered(contact: Contact): void {
    const of = this.#byContact.get(contact);
    if (of === undefined) return;
    this.#turn(of, 'open');
    if (contact.state.kind !== 'active') return;
    const { agent } = contact.state;
    if (agent.talks === true) this.#parts.talk().greet(of, agent);
    else this.write(of, `${agent.name} is here.`);
  }

  ended(contact: Contact): void {
    const of = this.#byContact.get(contact);
    if (of !== undefined && !OVER.has(of.status)) this.#turn(of, 'closed');
  }

  clear(): void {
    for (const each of [this.#cases, this.#byContact, this.#byThread, this.#customers]) each.clear();
  }

  #turn(of: Case, status: CaseStatus): void {
    of.status = status;
    of.statusUpdatedAt = this.#parts.clock.now();
  }

  #open(channel: Channel, message: NewMessage, thread: Thread | undefined): Case {
    const { clock, uuid, contacts } = this.#parts;
    const customer = this.#customerOf(channel, message.identity);
    const { idOnExternalPlatform, name } = message.thread;
    const contact = contacts.create({
      media: 'digital',
      from: message.identity.idOnExternalPlatform,
      to: channel.idOnExternalPlatform,
      script: 'Throughline_Digital',
      defaultSkill: channel.defaultSkill,
      start: 'later',
    });
    const opened: Case = {
      number: String(this.#nextNumber),
      contact,
      interactionId: uuid(),
      customer,
      channel,
      thread: thread ?? { id: uuid(), idOnExternalPlatform, name },
      messages: [],
      customFields: {},
      status: 'new',
      statusUpdatedAt: clock.now(),
    };
    this.#nextNumber += 1;
    this.#cases.set(opened.number, opened);
    this.#byContact.set(contact, opened);
    contacts.studio.begin(contact, { skill: message.skill, bot: message.bot === true });
    return opened;
  }

  #customerOf(channel: Channel, identity: Identity): Customer {
    const key = `${channel.id} ${identity.idOnExternalPlatform}`;
    const known = this.#customers.get(key);
    if (known !== undefined) return known;
    const updatedAt = this.#parts.clock.now();
    const made: Customer = { id: this.#parts.uuid(), channel, identity, customFields: {}, updatedAt };
    this.#customers.set(key, made);
    return made;
  }

  #note(of: Case, message: Omit<Message, 'id' | 'createdAt'>): Message {
    const noted: Message = { ...message, id: this.#parts.uuid(), createdAt: this.#parts.clock.now() };
    of.messages.push(noted);
    if (isLive(of.contact)) this.#parts.contacts.floor.touch(of.contact);
    return noted;
  }
}
