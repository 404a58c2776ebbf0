// Owns the floor: how a contact waits for an agent, is offered, taken or refused, and ends, and what an agent is free for.
// A contact that asks for one agent waits for that agent, however long: only its script can change its mind.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import { agentOn, type Contact, type ContactState, type EndReason, isLive } from './contact.ts';
import type { Agent, Media, Skill } from './tenant.ts';

export type FloorEvent = 'queued' | 'answered' | 'released' | 'refused';
export type FloorEventExtra = {
  readonly agent?: Agent | undefined;
  readonly skill?: Skill | undefined;
  readonly reason?: string;
};

export type FloorParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  /** Whom it may ring. */
  readonly agents: () => Iterable<Agent>;
  /** How long an agent writes up afterwards, ms. */
  readonly acwMs: () => number;
  readonly onEvent: (event: FloorEvent, contact: Contact, extra: FloorEventExtra) => void;
  /** After a contact ended, for whoever is joined with it. */
  readonly onEnd: (contact: Contact, why: EndReason) => void;
};

/** A voice agent takes one call; digital and work items run beside it. */
const CAPACITY: Readonly<Record<Media, number>> = { voice: 1, digital: 5, 'work-item': 5 };

export type Route = { readonly skill: Skill; readonly target?: Agent | undefined };

export class Floor {
  readonly #parts: FloorParts;
  readonly #contacts = new Map<number, Contact>();
  /** In the order in which they came into a queue. */
  readonly #waiting = new Set<Contact>();

  constructor(parts: FloorParts) {
    this.#parts = parts;
  }

  add(contact: Contact): void {
    this.#contacts.set(contact.id, contact);
    if (contact.initiator !== undefined) this.#hold(contact.initiator, contact);
  }

  get(id: number): Contact | undefined {
    return this.#contacts.get(id);
  }

  all(): Iterable<Contact> {
    return this.#contacts.values();
  }

  clear(): void {
    this.#contacts.clear();
    this.#waiting.clear();
  }

  /** REQAGENT: into the queue of the skill, or of one agent; whoever has the contact lets go of it. */
  requestAgent(contact: Contact, { skill, target }: Route): void {
    if (!isLive(contact)) return;
    this.#release(contact);
    contact.routes += 1;
    contact.declinedBy.clear();
    contact.skill = skill;
    contact.target = target;
    contact.firstQueuedAt ??= this.#parts.clock.now();
    this.#turn(contact, { kind: 'queued', since: this.#parts.clock.now(), skill, target });
    this.#parts.onEvent('queued', contact, { skill });
    this.#offer(contact);
  }

  /** To this agent at once, who need not accept: digital inbox assignment. */
  assign(contact: Contact, agent: Agent): void {
    this.#release(contact);
    this.#hold(agent, contact);
    this.#connect(contact, agent);
  }

  /** Rings the agent now, free or not. */
  ring(contact: Contact, agent: Agent): void {
    const { state } = contact;
    if (state.kind !== 'queued') return;
    const since = this.#parts.clock.now();
    this.#hold(agent, contact);
    this.#turn(contact, { kind: 'routing', since, skill: state.skill, agent, target: state.target });
    const ringing = contact.state;
    if (agent.answers !== 'auto' && agent.answers !== 'declines') return;
    this.#parts.schedule.after(agent.afterMs, () => {
      if (contact.state !== ringing) return;
      if (agent.answers === 'auto') this.answer(contact);
      else this.refuse(contact);
    });
  }

  /** The agent that rings takes it. */
  answer(contact: Contact): void {
    if (contact.state.kind === 'routing') this.#connect(contact, contact.state.agent);
  }

  /** The agent that rings does not take it; it waits on. */
  refuse(contact: Contact): void {
    const { state } = contact;
    if (state.kind !== 'routing') return;
    const { agent, skill, target } = state;
    contact.declinedBy.add(agent);
    contact.refusals += 1;
    this.#turn(contact, { kind: 'queued', since: this.#parts.clock.now(), skill, target });
    this.#parts.onEvent('refused', contact, { agent, skill });
    this.#letGo(agent, contact);
    this.#offer(contact);
  }

  hold(contact: Contact, held: boolean): void {
    const { state, heldSince } = contact;
    if (state.kind !== 'active' || state.held === held) return;
    const now = this.#parts.clock.now();
    if (held) contact.holdCount += 1;
    else if (heldSince !== undefined) contact.heldMs += now - heldSince;
    contact.heldSince = held ? now : undefined;
    this.#turn(contact, { ...state, held });
  }

  /** Back to its script, without an agent. */
  toScript(contact: Contact): void {
    this.#release(contact);
    this.#turn(contact, { kind: 'script', since: this.#parts.clock.now() });
  }

  /** Whoever was called answers the agent who dialled. */
  talk(contact: Contact): void {
    if (contact.state.kind !== 'dialing' || contact.initiator === undefined) return;
    const since = this.#parts.clock.now();
    this.#turn(contact, { kind: 'active', since, agent: contact.initiator, held: false });
  }

  /** Joined with a number outside; agents and queue let go. */
  bridge(contact: Contact): void {
    if (!isLive(contact)) return;
    this.#release(contact);
    this.dismissInitiator(contact);
    this.#turn(contact, { kind: 'bridged', since: this.#parts.clock.now() });
  }

  /** Who dialled leaves; the contact goes on. */
  dismissInitiator(contact: Contact): void {
    const { initiator } = contact;
    if (initiator === undefined) return;
    contact.initiator = undefined;
    this.#letGo(initiator, contact);
  }

  end(contact: Contact, why: EndReason): void {
    if (!isLive(contact)) return;
    const agent = agentOn(contact);
    const handled = contact.state.kind === 'active';
    if (contact.heldSince !== undefined) contact.heldMs += this.#parts.clock.now() - contact.heldSince;
    this.#turn(contact, { kind: 'ended', at: this.#parts.clock.now(), why });
    this.#parts.onEvent('released', contact, { agent: handled ? agent : undefined, skill: contact.skill, reason: why });
    if (agent !== undefined) {
      if (handled) this.#writeUp(agent);
      this.#letGo(agent, contact);
    }
    this.dismissInitiator(contact);
    this.#parts.onEnd(contact, why);
  }

  touch(contact: Contact): void {
    contact.updatedAt = this.#parts.clock.now();
  }

  /** Something about an agent changed: what waits is looked through. */
  agentChanged(agent: Agent): void {
    agent.changedAt = this.#parts.clock.now();
    this.#lookForWork(agent);
  }

  /** Advisory, as at the vendor: it may change before anything arrives. */
  isFree(agent: Agent, media: Media): boolean {
    if (agent.choice.kind !== 'available') return false;
    if (media === 'voice' && agent.acwUntil > this.#parts.clock.now()) return false;
    let busy = 0;
    for (const each of agent.contacts) if (each.media === media) busy += 1;
    return busy < CAPACITY[media];
  }

  #turn(contact: Contact, state: ContactState): void {
    contact.state = state;
    if (state.kind === 'queued') this.#waiting.add(contact);
    else this.#waiting.delete(contact);
    this.touch(contact);
  }

  #connect(contact: Contact, agent: Agent): void {
    const since = this.#parts.clock.now();
    contact.agent = agent;
    contact.firstAnsweredAt ??= since;
    this.#turn(contact, { kind: 'active', since, agent, held: false });
    agent.changedAt = since;
    this.#parts.onEvent('answered', contact, { agent, skill: contact.skill });
  }

  /** Whoever is offered the contact or has it, hears no more of it. */
  #release(contact: Contact): void {
    const agent = agentOn(contact);
    if (agent === undefined) return;
    const handled = contact.state.kind === 'active';
    this.hold(contact, false);
    this.#turn(contact, { kind: 'script', since: this.#parts.clock.now() });
    if (handled) this.#writeUp(agent);
    this.#letGo(agent, contact);
  }

  #hold(agent: Agent, contact: Contact): void {
    agent.contacts.add(contact);
    agent.changedAt = this.#parts.clock.now();
  }

  /** Later, so that whatever goes on with this contact comes first. */
  #letGo(agent: Agent, contact: Contact): void {
    agent.contacts.delete(contact);
    agent.changedAt = this.#parts.clock.now();
    this.#parts.schedule.after(0, () => this.#lookForWork(agent));
  }

  #writeUp(agent: Agent): void {
    const acwMs = this.#parts.acwMs();
    if (acwMs <= 0) return;
    agent.acwUntil = this.#parts.clock.now() + acwMs;
    this.#parts.schedule.after(acwMs, () => this.agentChanged(agent));
  }

  #offer(contact: Contact): void {
    const { state } = contact;
    if (state.kind !== 'queued') return;
    const agent = state.target === undefined ? this.#longestIdle(contact, state.skill) : state.target;
    if (agent === undefined || contact.declinedBy.has(agent) || !this.isFree(agent, contact.media)) return;
    this.ring(contact, agent);
  }

  #longestIdle(contact: Contact, skill: Skill): Agent | undefined {
    let best: Agent | undefined;
    for (const each of this.#parts.agents()) {
      if (!each.skillIds.has(skill.id) || contact.declinedBy.has(each) || !this.isFree(each, contact.media)) continue;
      if (best === undefined || each.changedAt < best.changedAt) best = each;
    }
    return best;
  }

  /** Contacts that ask for this agent come before those of a skill; among equals the oldest. */
  #lookForWork(agent: Agent): void {
    for (const targeted of [true, false]) {
      for (const contact of [...this.#waiting]) {
        const { state } = contact;
        if (state.kind !== 'queued' || contact.declinedBy.has(agent)) continue;
        const fits =
          state.target === undefined
            ? !targeted && agent.skillIds.has(state.skill.id)
            : targeted && state.target === agent;
        if (fits && this.isFree(agent, contact.media)) this.ring(contact, agent);
      }
    }
  }
}
