// Owns the two contact centers that outlive the process that is killed: one lets calls go, the other's entry asks whose a call is. They
// do at once what they are asked, remember it, and refuse what makes no sense any more.

import type { ConversationView, Party, Queue } from '../../src/context/conversation.ts';
import type { AgentId, ParticipantId, PlatformName, QueueId } from '../../src/ids.ts';
import type { Command, CommandOutcome } from '../../src/protocols/command.ts';

export const FROM = 'genesys_cloud' as PlatformName;
export const TO = 'nice_cxone' as PlatformName;
export const TARGET: Queue = { id: 'skill-1002' as QueueId, name: 'BillingDisputes_Tier2' };
export const FALLBACK: Queue = { id: 'skill-1004' as QueueId, name: 'General_Support' };
export const AGENT = '4492' as AgentId;

/** How a case's transfers are made: ours, blind or warm, or by the source's own flow; `asked`: blind, and its agent is asked to keep free first. */
export type CaseType = 'blind' | 'warm' | 'flow' | 'asked';

/** A call that came in at the destination. */
export type Arrival = {
  readonly externalId: string;
  readonly from: string;
  readonly address: string;
  readonly token: string;
  live: boolean;
  /** The customer's, and not an agent's who consults. */
  customers: boolean;
  attributes: Readonly<Record<string, string>>;
};

/** The source's own flow lets its caller go, by itself. */
export type FlowTransfers = {
  readonly kind: 'FlowTransfers';
  readonly externalId: string;
  readonly address: string;
  readonly token: string;
};

type OfKind<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

export class TwoCenters {
  readonly arrivals: Arrival[] = [];
  /** Handoffs for which an agent was asked to keep free, each time, and those for which one does. */
  readonly askings: string[] = [];
  readonly keeping = new Set<string>();
  readonly #letGo = new Set<string>();
  /** Whether flows have the callers at the source, rather than agents. */
  readonly #flows: boolean;

  constructor(flows = false) {
    this.#flows = flows;
  }

  /** Where each customer is: at the source with its agent, or with so many calls of theirs at the destination. */
  standing(externalId: string): { readonly atSource: boolean; readonly across: number; readonly talking: number } {
    const live = this.arrivals.filter(({ from, live: is }) => from === externalId && is);
    return {
      atSource: !this.#letGo.has(externalId),
      across: live.filter(({ customers }) => customers).length,
      talking: live.filter(({ customers }) => !customers).length,
    };
  }

  perform(command: Command): CommandOutcome {
    switch (command.kind) {
      case 'CheckTransfer': {
        const fallback = { source: FALLBACK, destination: FALLBACK };
        const view = this.#source(command.externalId);
        return { kind: 'done', of: 'CheckTransfer', result: { view, free: 'yes', queue: TARGET, fallback } };
      }
      case 'TransferAway':
        return this.#transferAway(command);
      case 'EndConsult':
        return this.#endConsult(command);
      case 'AttachContext': {
        const there = this.arrivals.find(({ externalId }) => externalId === command.externalId);
        if (there) there.attributes = command.attributes;
        return { kind: 'done', of: 'AttachContext', result: null };
      }
      case 'AttachOnArrival': {
        const there = this.arrivals.find(({ externalId }) => externalId === command.externalId);
        if (there) there.attributes = command.attributes;
        return { kind: 'done', of: 'AttachOnArrival', result: { after: this.#destination(command.externalId) } };
      }
      case 'Reconcile': {
        const there = command.arrived && { destination: this.#destination(command.arrived.externalId) };
        return { kind: 'done', of: 'Reconcile', result: { source: this.#source(command.externalId), ...there } };
      }
      case 'AskAgent':
        this.askings.push(command.placeholder.key);
        this.keeping.add(command.placeholder.key);
        return { kind: 'done', of: 'AskAgent', result: { id: command.placeholder.key } };
      case 'LookForAgent': {
        const result = this.keeping.has(command.placeholder.key) ? 'taken' : 'none';
        return { kind: 'done', of: 'LookForAgent', result };
      }
      case 'Release':
        if (command.reservation.kind === 'placeholder') this.keeping.delete(command.reservation.key);
        return { kind: 'done', of: 'Release', result: null };
      case 'Reserve':
      case 'RaiseAlert':
        return { kind: 'done', of: 'RaiseAlert', result: null };
      default:
        throw new Error(`nobody is asked here to ${command.kind}`);
    }
  }

  /** A flow that has let go of its caller has none. */
  flowTransfers({ externalId, address, token }: FlowTransfers): void {
    if (this.standing(externalId).atSource) this.#departs({ externalId, address, token, customers: true });
  }

  #transferAway({ externalId, style, address, token }: OfKind<'TransferAway'>): CommandOutcome {
    const { atSource, talking } = this.standing(externalId);
    if (!atSource || talking > 0) return { kind: 'rejected', code: 'conflict' };
    this.#departs({ externalId, address, token, customers: style === 'blind' });
    return { kind: 'done', of: 'TransferAway', result: null };
  }

  #departs({ externalId, address, token, customers }: Omit<FlowTransfers, 'kind'> & Pick<Arrival, 'customers'>): void {
    if (customers) this.#letGo.add(externalId);
    const arrived = `${externalId}-there-${this.arrivals.length}`;
    this.arrivals.push({
      externalId: arrived,
      from: externalId,
      address,
      token,
      live: true,
      customers,
      attributes: {},
    });
  }

  #endConsult({ externalId, accept }: OfKind<'EndConsult'>): CommandOutcome {
    const talking = this.arrivals.find(({ from, live, customers }) => from === externalId && live && !customers);
    if (!talking) return { kind: 'rejected', code: 'conflict' };
    if (accept) {
      this.#letGo.add(externalId);
      talking.customers = true;
    } else talking.live = false;
    return { kind: 'done', of: 'EndConsult', result: null };
  }

  #source(externalId: string): ConversationView {
    const { atSource, talking } = this.standing(externalId);
    const agent = this.#flows
      ? party('p-flow', 'bot')
      : { ...party('p-agent', 'agent'), agentId: 'a-source' as AgentId };
    const line = party('p-line', 'other');
    return {
      ended: false,
      transfers: [],
      parties: [
        party('p-customer', 'customer'),
        atSource ? agent : { ...agent, state: 'ended' },
        ...(!atSource || talking > 0 ? [line] : []),
      ],
    };
  }

  #destination(externalId: string): ConversationView | 'gone' {
    const call = this.arrivals.find((one) => one.externalId === externalId);
    if (!call) return 'gone';
    const customer = party('x-customer', 'customer');
    const agent = { ...party('x-agent', 'agent'), agentId: AGENT };
    return call.live
      ? { ended: false, transfers: [], parties: [customer, agent] }
      : { ended: true, transfers: [], parties: [{ ...customer, state: 'ended' }] };
  }
}

function party(id: string, role: Party['role']): Party {
  return { id: id as ParticipantId, role, state: 'connected' };
}
