// Owns the simulated platform's contacts and what may be done with one, on the clock it is given and without any HTTP: the
// vendor's paths, the control surface and a simulation drive the same core.

import type { CallEvents, CallLeg, CallOffer, Carrier } from '../carrier.ts';
import type { CallFault } from '../faults.ts';
import { type Contact, type EndReason, isLive } from './contact.ts';
import { Floor, type FloorEvent, type FloorEventExtra, type FloorParts } from './floor.ts';
import { Lines } from './lines.ts';
import { type ScriptEvent, type Start, Studio, type StudioParts } from './studio.ts';
import type { Agent, Media, NewAgent, PointOfContact, ScriptName, Skill, Tenant } from './tenant.ts';

export type ContactEvent = FloorEvent | ScriptEvent;

export type NewContact = {
  readonly media: Media;
  readonly from: string;
  readonly to: string;
  readonly script: ScriptName;
  readonly defaultSkill: Skill;
  readonly pointOfContact?: PointOfContact | undefined;
  readonly token?: string | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  readonly outbound?: boolean;
  readonly parent?: Contact;
  readonly initiator?: Agent;
  /** Comes over the carrier: its script starts when the line is joined. */
  readonly start?: Start | 'later';
};

/** Why an act makes no sense now. */
export type ActRefusal = 'ended' | 'not-waiting' | 'no-such-agent' | 'nobody-to-close';

export type ContactsParts = Pick<FloorParts, 'clock' | 'schedule' | 'acwMs'> &
  Pick<StudioParts, 'callRest' | 'settings'> & {
    readonly tenant: Tenant;
    readonly carrier: Carrier;
    readonly faultFor: (call: string) => CallFault | undefined;
    readonly onEvent: (event: ContactEvent, contact: Contact, extra: FloorEventExtra) => void;
    readonly onEnd: (contact: Contact) => void;
  };

const FIRST_ID = 700_000_000_001;

export class Contacts {
  readonly floor: Floor;
  readonly lines: Lines;
  readonly studio: Studio;
  readonly #parts: ContactsParts;
  #nextId = FIRST_ID;

  constructor(parts: ContactsParts) {
    const { clock, schedule, tenant, carrier, faultFor, acwMs, onEvent } = parts;
    this.#parts = parts;
    const onEnd = (contact: Contact, why: EndReason) => this.#ended(contact, why);
    this.floor = new Floor({ clock, schedule, acwMs, agents: () => tenant.agents(), onEvent, onEnd });
    this.lines = new Lines({ carrier, floor: this.floor, faultFor });
    const { callRest, settings } = parts;
    this.studio = new Studio({
      clock,
      schedule,
      tenant,
      floor: this.floor,
      lines: this.lines,
      callRest,
      settings,
      onEvent,
    });
  }

  create(asked: NewContact): Contact {
    const contact = this.#blank(asked);
    this.floor.add(contact);
    const { start = {} } = asked;
    if (start !== 'later') this.studio.begin(contact, start);
    return contact;
  }

  /** A call that came over the carrier to one of the tenant's numbers. */
  arrive(point: PointOfContact, offer: CallOffer, leg: CallLeg): CallEvents {
    const { script, defaultSkill, media } = point;
    const { from, to, uui } = offer;
    const contact = this.create({
      media,
      from,
      to,
      script,
      defaultSkill,
      pointOfContact: point,
      token: uui,
      start: 'later',
    });
    const events = this.lines.arrive(contact, offer, leg);
    this.studio.begin(contact);
    return events;
  }

  get(id: number): Contact | undefined {
    return this.floor.get(id);
  }

  all(): Iterable<Contact> {
    return this.floor.all();
  }

  hangUp(contact: Contact): ActRefusal | undefined {
    return this.lines.customerHangsUp(contact) ? undefined : 'ended';
  }

  /** Who rings answers, else an agent of the skill, else somebody who walks in. */
  answer(contact: Contact, agentId?: number): ActRefusal | undefined {
    if (!isLive(contact)) return 'ended';
    const { tenant, clock } = this.#parts;
    const named = agentId === undefined ? undefined : tenant.agent(agentId);
    if (agentId !== undefined && named === undefined) return 'no-such-agent';
    const ringing = contact.state.kind === 'routing' ? contact.state.agent : undefined;
    if (ringing === undefined && contact.state.kind !== 'queued') return 'not-waiting';
    if (ringing === undefined || (named !== undefined && named !== ringing)) {
      if (ringing !== undefined) this.floor.refuse(contact);
      if (contact.state.kind === 'queued') {
        const { skill, target } = contact.state;
        const ofSkill = tenant.agents().find((each) => each.skillIds.has(skill.id));
        this.floor.ring(contact, named ?? target ?? ofSkill ?? tenant.addAgent(walkIn(), clock.now()));
      }
    }
    this.floor.answer(contact);
    return undefined;
  }

  /** The agent, or the script where none is there, ends the contact. */
  close(contact: Contact): ActRefusal | undefined {
    if (!isLive(contact)) return 'ended';
    if (contact.state.kind === 'active') this.floor.end(contact, 'agent');
    else if (contact.state.kind === 'script') this.floor.end(contact, 'script');
    else if (contact.state.kind === 'bridged') this.floor.end(contact, 'far-end');
    else return 'nobody-to-close';
    return undefined;
  }

  /** POST contacts/{id}/end. */
  force(contact: Contact): void {
    this.floor.end(contact, 'forced');
  }

  addAgent(agent: NewAgent): Agent {
    const added = this.#parts.tenant.addAgent(agent, this.#parts.clock.now());
    this.floor.agentChanged(added);
    return added;
  }

  /** The agent's own call beside the customer's, who is put on hold. */
  dial(parent: Contact | undefined, agent: Agent, to: string, skill: Skill): Contact {
    if (parent !== undefined) this.floor.hold(parent, true);
    const dialled = this.create({
      media: 'voice',
      from: parent?.from ?? '',
      to,
      script: 'Throughline_Queue',
      defaultSkill: skill,
      outbound: true,
      initiator: agent,
      start: 'later',
      ...(parent === undefined ? {} : { parent, variables: parent.variables }),
    });
    parent?.calls.push(dialled);
    return dialled;
  }

  /** The customer goes on in the contact that the agent dialled; the agent leaves both. */
  handOver(from: Contact, to: Contact): void {
    to.from = from.from;
    to.line = from.line;
    if (to.line !== undefined) to.line.owner = to;
    from.line = undefined;
    this.floor.dismissInitiator(to);
    if (to.far !== undefined && to.far.state !== 'ended') this.floor.bridge(to);
    from.transfers.push({ at: this.#parts.clock.now(), action: 'transfer-calls', to: to.to, state: 'complete' });
    from.moves += 1;
    this.floor.end(from, 'transfer');
  }

  reset(): void {
    this.floor.clear();
    this.#parts.tenant.clearAgents();
  }

  /** An agent's own call for a customer who has left is of no use any more. */
  #ended(contact: Contact, why: EndReason): void {
    this.lines.ended(contact, why);
    if (why !== 'transfer') {
      for (const each of contact.calls) if (each.initiator !== undefined) this.floor.end(each, 'agent');
    }
    this.#parts.onEnd(contact);
  }

  #blank(asked: NewContact): Contact {
    const { media, from, to, script, defaultSkill, parent, initiator, outbound = false } = asked;
    const id = this.#nextId;
    this.#nextId += 1;
    const now = this.#parts.clock.now();
    return {
      id,
      masterId: parent?.masterId ?? id,
      parent,
      media,
      outbound,
      from,
      to,
      pointOfContact: asked.pointOfContact,
      script,
      defaultSkill,
      startedAt: now,
      token: asked.token,
      variables: { ...asked.variables },
      customData: {},
      tags: new Set(),
      signals: [],
      popped: [],
      transfers: [],
      legs: [],
      calls: [],
      declinedBy: new Set(),
      routes: 0,
      state: initiator === undefined ? { kind: 'script', since: now } : { kind: 'dialing', since: now },
      updatedAt: now,
      skill: undefined,
      agent: undefined,
      target: undefined,
      initiator,
      line: undefined,
      far: undefined,
      conference: false,
      transferIndicator: 'None',
      disposition: undefined,
      firstQueuedAt: undefined,
      firstAnsweredAt: undefined,
      heldSince: undefined,
      heldMs: 0,
      holdCount: 0,
      refusals: 0,
      moves: 0,
    };
  }
}

/** Has no skill, so that it is offered nothing by itself. */
function walkIn(): NewAgent {
  return { name: 'Walk-in agent', skillIds: new Set(), answers: 'manual', afterMs: 0 };
}
