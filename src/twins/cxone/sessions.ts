// Owns agents' sessions and what an agent does in one: a second call beside the customer's, holding, joining the two, and the
// events that a desktop would fetch. The only way by which REST moves a live call that a person has.

import type { Contact } from './contact.ts';
import type { Contacts } from './contacts.ts';
import type { Agent, Skill, Tenant } from './tenant.ts';

export type SessionEvent = Readonly<Record<string, unknown>>;

export type Session = { readonly id: string; readonly agent: Agent; readonly events: SessionEvent[] };

/** Why an act makes no sense now; `nothing-to-join` is transfer or conference without two calls. */
export type SessionRefusal =
  | 'not-yours'
  | 'ended'
  | 'no-such-agent'
  | 'no-such-skill'
  | 'no-such-contact'
  | 'nothing-to-join';

const MOST_EVENTS = 200;

export class Sessions {
  readonly #contacts: Contacts;
  readonly #tenant: Tenant;
  readonly #newId: () => string;
  readonly #byId = new Map<string, Session>();
  readonly #byAgent = new Map<Agent, Session>();

  constructor(contacts: Contacts, tenant: Tenant, newId: () => string) {
    this.#contacts = contacts;
    this.#tenant = tenant;
    this.#newId = newId;
  }

  /** The agent's one session; a virtual agent is at work, so there always is one to join. */
  open(agent: Agent): Session {
    const running = this.#byAgent.get(agent);
    if (running !== undefined) return running;
    const session: Session = { id: this.#newId(), agent, events: [{ Type: 'AgentSessionStart', agentId: agent.id }] };
    this.#byId.set(session.id, session);
    this.#byAgent.set(agent, session);
    return session;
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  close(session: Session): void {
    this.#byId.delete(session.id);
    this.#byAgent.delete(session.agent);
  }

  clear(): void {
    this.#byId.clear();
    this.#byAgent.clear();
  }

  /** For the desktop of whoever has to do with the contact. */
  contactChanged(contact: Contact, agents: readonly (Agent | undefined)[]): void {
    for (const agent of new Set(agents)) {
      const session = agent === undefined ? undefined : this.#byAgent.get(agent);
      if (session === undefined) continue;
      session.events.push(contactEvent(contact));
      if (session.events.length > MOST_EVENTS) session.events.shift();
    }
  }

  dialPhone(
    session: Session,
    parentId: number | undefined,
    number: string,
    skillId?: number,
  ): SessionRefusal | undefined {
    const skill = skillId === undefined ? this.#outbound() : this.#tenant.skill(skillId);
    if (skill === undefined) return 'no-such-skill';
    const parent = this.#own(session, parentId);
    if (typeof parent === 'string') return parent;
    const dialled = this.#contacts.dial(parent, session.agent, number, skill);
    dialled.skill = skill;
    dialled.transferIndicator = 'External';
    this.#contacts.lines.dial(dialled, number, dialled.variables.uui, {
      answered: () => {
        this.#contacts.floor.talk(dialled);
        this.contactChanged(dialled, [dialled.initiator]);
      },
      failed: () => this.#contacts.floor.end(dialled, 'unreachable'),
    });
    return undefined;
  }

  dialAgent(
    session: Session,
    parentId: number | undefined,
    agentId: number,
    how: 'ReAgent' | 'Consult',
  ): SessionRefusal | undefined {
    const target = this.#tenant.agent(agentId);
    if (target === undefined) return 'no-such-agent';
    const parent = this.#own(session, parentId);
    if (typeof parent === 'string') return parent;
    const skill = parent?.skill ?? this.#outbound();
    const dialled = this.#contacts.dial(parent, session.agent, target.name, skill);
    dialled.transferIndicator = how;
    this.#contacts.floor.requestAgent(dialled, { skill, target });
    return undefined;
  }

  dialSkill(session: Session, parentId: number | undefined, skillId: number): SessionRefusal | undefined {
    const skill = this.#tenant.skill(skillId);
    if (skill === undefined || !skill.active || skill.media !== 'voice') return 'no-such-skill';
    const parent = this.#own(session, parentId);
    if (typeof parent === 'string') return parent;
    const dialled = this.#contacts.dial(parent, session.agent, skill.name, skill);
    dialled.transferIndicator = 'ReSkill';
    this.#contacts.floor.requestAgent(dialled, { skill });
    return undefined;
  }

  /** Joins the held and the dialled call and drops the agent. */
  transferCalls(session: Session): SessionRefusal | undefined {
    const pair = this.#pair(session);
    if (pair === undefined) return 'nothing-to-join';
    this.#contacts.handOver(pair.customer, pair.dialled);
    return undefined;
  }

  conferenceCalls(session: Session): SessionRefusal | undefined {
    const pair = this.#pair(session);
    if (pair === undefined) return 'nothing-to-join';
    this.#contacts.floor.hold(pair.customer, false);
    for (const each of [pair.customer, pair.dialled]) {
      each.conference = true;
      this.#contacts.floor.touch(each);
    }
    return undefined;
  }

  act(
    session: Session,
    contactId: number,
    act: 'hold' | 'resume' | 'end' | 'accept' | 'reject',
  ): SessionRefusal | undefined {
    const contact = this.#contacts.get(contactId);
    if (contact === undefined) return 'no-such-contact';
    const { state } = contact;
    if (state.kind === 'ended') return 'ended';
    const own = contact.initiator === session.agent || ('agent' in state && state.agent === session.agent);
    if (!own) return 'not-yours';
    const { floor } = this.#contacts;
    switch (act) {
      case 'hold':
      case 'resume':
        floor.hold(contact, act === 'hold');
        break;
      case 'accept':
        floor.answer(contact);
        break;
      case 'reject':
        floor.refuse(contact);
        break;
      case 'end':
        floor.end(contact, 'agent');
    }
    return undefined;
  }

  /** The customer's call that this agent has, and the newest call dialled beside it. */
  #pair({ agent }: Session): { readonly customer: Contact; readonly dialled: Contact } | undefined {
    for (const dialled of [...agent.contacts].reverse()) {
      const { parent, initiator, state } = dialled;
      if (initiator !== agent || parent === undefined || state.kind === 'ended') continue;
      if (parent.state.kind === 'active' && parent.state.agent === agent) return { customer: parent, dialled };
    }
    return undefined;
  }

  #own(session: Session, contactId: number | undefined): Contact | undefined | SessionRefusal {
    if (contactId === undefined) return undefined;
    const contact = this.#contacts.get(contactId);
    if (contact === undefined) return 'no-such-contact';
    if (contact.state.kind === 'ended') return 'ended';
    return contact.state.kind === 'active' && contact.state.agent === session.agent ? contact : 'not-yours';
  }

  #outbound(): Skill {
    return this.#tenant.skills.find((each) => each.outbound) as Skill;
  }
}

/** CallContactEvent's words for where a call stands. */
function statusOf({ state }: Contact): string {
  switch (state.kind) {
    case 'script':
    case 'queued':
      return 'Interrupted';
    case 'routing':
      return 'Incoming';
    case 'dialing':
      return 'Dialing';
    case 'active':
      return state.held ? 'Holding' : 'Active';
    case 'bridged':
      return 'Joined';
    case 'ended':
      return 'Disconnected';
  }
}

function contactEvent(contact: Contact): SessionEvent {
  return {
    Type:
      contact.media === 'digital'
        ? 'DigitalContactEvent'
        : contact.media === 'voice'
          ? 'CallContactEvent'
          : 'WorkItemContactEvent',
    contactId: contact.id,
    masterId: contact.masterId,
    parentContactId: contact.parent?.id ?? contact.id,
    status: statusOf(contact),
    finalState: contact.state.kind === 'ended',
    ani: contact.from,
    dnis: contact.to,
    skill: contact.skill?.id ?? null,
    isInbound: !contact.outbound,
    startTimeUtc: new Date(contact.startedAt).toISOString(),
    screenPopUrlVariables: contact.variables,
  };
}
