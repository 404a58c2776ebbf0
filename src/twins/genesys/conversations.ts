// Owns the simulated platform's conversations and every transition they make, on the clock it is given and without any
// HTTP: the vendor's paths, the control surface and a simulation drive the same core.

import type { CallEvents, CallLeg, CallOffer } from '../carrier.ts';
import { type Consults, createConsults } from './consults.ts';
import {
  type Conversation,
  customerOf,
  isLive,
  liveParticipant,
  liveParticipants,
  type Participant,
  type TransferTarget,
} from './conversation.ts';
import { DEFAULT_QUEUE, type EntryFlowParts, runEntryFlow } from './entry-flow.ts';
import type { MediaType, TransferType, WireWrapup } from './genesys-schema.ts';
import type { Agent, NewAgent, Queue } from './organisation.ts';
import { createOutside, type Outside } from './outside.ts';
import { Routing } from './routing.ts';
import { createSwitchboard, type Switchboard, type SwitchboardParts } from './switchboard.ts';
import { onItsOwn, type Telephony } from './telephony.ts';
import { createTransfers, type TransferRefusal, type Transfers } from './transfers.ts';

export type NewConversation = {
  readonly media: MediaType;
  /** `webmessaging`, `open`, `sms`…; only messages have one. */
  readonly messageType?: string;
  readonly from: string;
  readonly to: string;
  readonly customerName?: string | undefined;
  /** A flow holds the customer; with a queue beside it, that is where the flow sends the customer when it ends. */
  readonly flow?: boolean;
  readonly queue?: Queue | undefined;
  /** Of a callback: when the queue starts looking for an agent (epoch ms). */
  readonly scheduledAt?: number | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
  /** What came along with the call (User-to-User). */
  readonly uuiData?: string | undefined;
  /** The flow is the one of the entry numbers. */
  readonly entry?: boolean;
};

/** Why an act makes no sense now. */
export type ActRefusal = 'ended' | 'not-waiting' | 'no-such-agent' | 'nobody-to-close' | 'no-flow';

export type ConversationsParts = SwitchboardParts & {
  readonly settleMs: () => number;
  /** Without one there is a world outside that answers, and nobody whom the entry flow could ask. */
  readonly telephony?: Telephony;
};

export class Conversations {
  readonly #board: Switchboard;
  readonly #routing: Routing;
  readonly #transfers: Transfers;
  readonly #outside: Outside;
  readonly #telephony: Telephony;
  readonly consults: Consults;
  readonly #byId = new Map<string, Conversation>();

  constructor(parts: ConversationsParts) {
    this.#board = createSwitchboard(parts);
    this.#telephony = parts.telephony ?? onItsOwn(parts.clock);
    const routing = () => this.#routing;
    this.#outside = createOutside({
      board: this.#board,
      ...this.#telephony,
      customerHungUp: (conversation) => this.#endAll(conversation, customerOf(conversation), 'endpoint'),
      partyHungUp: (conversation, party) => this.#partyLeft(conversation, party),
    });
    this.#transfers = createTransfers(this.#board, { routing, outside: this.#outside, settleMs: parts.settleMs });
    this.consults = createConsults(this.#board, routing, this.#outside);
    this.#routing = new Routing(this.#board, this.#transfers.answered);
  }

  create(asked: NewConversation): Conversation {
    const { media, from, queue, flow = queue === undefined } = asked;
    const conversation = this.#blank(asked, flow ? queue : undefined);
    this.#byId.set(conversation.id, conversation);
    const connected = { kind: 'connected', since: conversation.startedAt } as const;
    const named = asked.customerName === undefined ? {} : { name: asked.customerName };
    const customer = { purpose: 'customer', address: from, attributes: { ...asked.attributes }, ...named } as const;
    this.#board.join(conversation, customer, connected);
    if (asked.uuiData !== undefined) customerOf(conversation).uuiData = asked.uuiData;
    if (flow) this.#board.join(conversation, { purpose: flowPurpose(media) }, connected);
    else if (queue !== undefined) this.#routing.enter(conversation, queue, asked.scheduledAt);
    this.#board.onChange(conversation);
    if (flow && asked.entry === true) this.#enter(conversation);
    return conversation;
  }

  /** A call that came over the carrier to one of the organisation's numbers. */
  arrive(offer: CallOffer, leg: CallLeg, entry: boolean): CallEvents {
    const { from, to, uui } = offer;
    const conversation = this.create({ media: 'call', from: `tel:${from}`, to: `tel:${to}`, uuiData: uui, entry });
    return this.#outside.attach(conversation, leg);
  }

  get(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Conversation> {
    return this.#byId.values();
  }

  setAttributes(conversation: Conversation, who: Participant, attributes: Readonly<Record<string, string>>): void {
    Object.assign(who.attributes, attributes);
    conversation.writtenAt = this.#board.clock.now();
    this.#board.emit('attributes', conversation, who, { attributes: { ...who.attributes } });
    this.#board.onChange(conversation);
  }

  /** Somebody reads it as it is now. */
  looked(conversation: Conversation): void {
    conversation.lookedAt = this.#board.clock.now();
  }

  tag(conversation: Conversation, externalTag: string): void {
    conversation.externalTag = externalTag;
    this.#board.onChange(conversation);
  }

  /** Accepts the transfer (undefined) or says why not. What was accepted can still fail. */
  transfer(
    conversation: Conversation,
    leaving: Participant,
    target: TransferTarget,
    type: TransferType,
  ): TransferRefusal | undefined {
    return this.#transfers.request(conversation, leaving, target, type);
  }

  /** The flow that has the caller transfers them to a number by itself: it leaves when that answers, and goes its other way when it does not. */
  flowTransfers(conversation: Conversation, number: string, uuiData: string | undefined): ActRefusal | undefined {
    if (conversation.endedAt !== undefined) return 'ended';
    const flow = liveParticipant(conversation, 'ivr');
    if (conversation.media !== 'call' || flow === undefined) return 'no-flow';
    const party = this.#outside.call(conversation, number, uuiData, {
      answered: () => {
        this.#board.leave(conversation, flow, 'transfer');
        this.#outside.release(conversation, party);
        this.#board.onChange(conversation);
      },
      failed: () => this.#flowGoesOn(conversation, flow),
    });
    this.#board.onChange(conversation);
    return undefined;
  }

  /** The failure path of its action. */
  #flowGoesOn(conversation: Conversation, flow: Participant): void {
    if (!isLive(flow)) {
      this.#board.endIfDeserted(conversation);
    } else {
      const queue = conversation.afterFlow ?? this.#board.organisation.queueByName(DEFAULT_QUEUE);
      this.#board.leave(conversation, flow, 'transfer');
      if (queue !== undefined) this.#routing.enter(conversation, queue);
    }
    this.#board.onChange(conversation);
  }

  /** One participant's part ends by the API. */
  disconnect(conversation: Conversation, participant: Participant): void {
    if (participant.purpose === 'customer') this.#endAll(conversation, participant, 'client');
    else this.#endPart(conversation, participant);
  }

  disconnectAll(conversation: Conversation): void {
    this.#endAll(conversation, customerOf(conversation), 'client');
  }

  /** The customer puts the receiver down, also where the platform has left the path of their call. */
  hangUp(conversation: Conversation): ActRefusal | undefined {
    if (conversation.releasedTo !== undefined) {
      conversation.releasedTo.hangUp('customer');
      customerOf(conversation).leg?.hangUp('customer');
      delete conversation.releasedTo;
      return undefined;
    }
    if (conversation.endedAt !== undefined) return 'ended';
    this.#endAll(conversation, customerOf(conversation), conversation.media === 'call' ? 'endpoint' : 'client');
    return undefined;
  }

  /** Who rings answers, else one of the queue's agents, else somebody who walks in. */
  answer(conversation: Conversation, agentId?: string): ActRefusal | undefined {
    const ringing = this.#answering(conversation, agentId);
    if (typeof ringing === 'string') return ringing;
    this.#routing.pickUp(conversation, ringing);
    return undefined;
  }

  /** The agent, or the flow when none is there, ends its part; `customerStays` as the media does when not said. */
  close(conversation: Conversation, customerStays?: boolean): ActRefusal | undefined {
    if (conversation.endedAt !== undefined) return 'ended';
    const flow = liveParticipant(conversation, 'ivr', 'botflow');
    const closing = liveParticipant(conversation, 'agent', 'external') ?? flow;
    if (closing === undefined) return 'nobody-to-close';
    if (closing !== flow || conversation.afterFlow === undefined) {
      this.#endPart(conversation, closing, customerStays);
      return undefined;
    }
    this.leaveFlow(conversation, conversation.afterFlow);
    return undefined;
  }

  /** A flow that has the customer is done with them: Transfer to ACD. */
  leaveFlow(conversation: Conversation, queue: Queue): void {
    const flow = liveParticipant(conversation, 'ivr', 'botflow');
    if (flow === undefined) return;
    this.#board.leave(conversation, flow, 'transfer');
    this.#routing.enter(conversation, queue);
    this.#board.onChange(conversation);
  }

  /** The customer writes where nobody is left: the flow begins anew. */
  flowAgain(conversation: Conversation): void {
    const since = this.#board.clock.now();
    this.#board.join(conversation, { purpose: flowPurpose(conversation.media) }, { kind: 'connected', since });
    this.#board.onChange(conversation);
  }

  wrapUp(conversation: Conversation, participant: Participant, wrapup: WireWrapup): void {
    participant.wrapup = wrapup;
    const fields = {
      wrapupCode: wrapup.code,
      ...(wrapup.notes === undefined ? {} : { wrapupNotes: wrapup.notes }),
      wrapupDurationMs: (wrapup.durationSeconds ?? 0) * 1_000,
    };
    this.#board.emit('wrapup', conversation, participant, fields);
    if (!isLive(participant)) this.#board.emit('acw', conversation, participant, fields);
    this.#board.onChange(conversation);
  }

  addAgent(agent: NewAgent): Agent {
    const added = this.#board.organisation.addAgent(agent);
    this.#routing.offerWaiting(this.#byId.values());
    return added;
  }

  reset(): void {
    this.#byId.clear();
    this.#board.organisation.clearAgents();
  }

  #blank(asked: NewConversation, afterFlow: Queue | undefined): Conversation {
    return {
      id: this.#board.uuid(),
      media: asked.media,
      messageType: asked.messageType ?? 'webmessaging',
      from: asked.from,
      to: asked.to,
      startedAt: this.#board.clock.now(),
      home: this.#board.organisation.home,
      participants: [],
      messages: [],
      transfers: [],
      afterFlow,
      transfersAsked: 0,
      transfersAccepted: 0,
    };
  }

  /** `first` is why it ends; everybody else ends because of that. */
  #endAll(conversation: Conversation, first: Participant, how: 'endpoint' | 'client'): void {
    if (how === 'endpoint') conversation.customerGone = true;
    for (const each of conversation.participants) {
      if (each !== first) this.#board.leave(conversation, each, 'peer', abandonOf(each));
    }
    this.#board.leave(conversation, first, how);
    this.#board.endIfDeserted(conversation);
    this.#board.onChange(conversation);
  }

  #endPart(conversation: Conversation, participant: Participant, customerStays?: boolean): void {
    if (this.consults.complete(conversation, participant)) return;
    this.consults.settle(participant);
    this.#board.leave(conversation, participant, 'client', abandonOf(participant));
    const customer = liveParticipant(conversation, 'customer');
    if (customerStays === false && customer !== undefined) this.#board.leave(conversation, customer, 'peer');
    if (customerStays !== true) this.#board.endIfDeserted(conversation);
    this.#board.onChange(conversation);
  }

  /** Somebody outside put the receiver down. */
  #partyLeft(conversation: Conversation, party: Participant): void {
    this.consults.settle(party);
    this.#board.leave(conversation, party, 'peer');
    this.#board.endIfDeserted(conversation);
    this.#board.onChange(conversation);
  }

  #enter(conversation: Conversation): void {
    const { callRest, entry: settings } = this.#telephony;
    const { organisation } = this.#board;
    const setAttributes: EntryFlowParts['setAttributes'] = (of, attributes) =>
      this.setAttributes(of, customerOf(of), attributes);
    void runEntryFlow(
      { board: this.#board, routing: this.#routing, organisation, callRest, settings, setAttributes },
      conversation,
    );
  }

  #answering(conversation: Conversation, agentId?: string): Participant | ActRefusal {
    if (conversation.endedAt !== undefined) return 'ended';
    const { organisation } = this.#board;
    const named = agentId === undefined ? undefined : organisation.agent(agentId);
    if (agentId !== undefined && named === undefined) return 'no-such-agent';
    const ringing = liveParticipants(conversation).filter((each) => each.phase.kind === 'alerting');
    const own = ringing.find((each) => named === undefined || each.agent === named);
    if (own !== undefined) return own;
    const waiting = liveParticipant(conversation, 'acd');
    if (waiting?.queue === undefined) return 'not-waiting';
    for (const each of ringing) this.#board.leave(conversation, each, 'transfer.noanswer');
    const agent = named ?? organisation.agentsOf(waiting.queue.id)[0] ?? organisation.addAgent(walkIn());
    return this.#routing.ring(conversation, agent, waiting);
  }
}

function flowPurpose(media: MediaType): 'ivr' | 'botflow' {
  return media === 'call' || media === 'callback' ? 'ivr' : 'botflow';
}

function abandonOf({ purpose }: Participant) {
  return purpose === 'acd' ? { acdOutcome: 'ABANDON' } : {};
}

/** Belongs to no queue, so that it is offered nothing by itself. */
function walkIn(): NewAgent {
  return { name: 'Walk-in agent', queueIds: new Set(), answers: 'manual', afterMs: 0 };
}
