// Owns the simulated platform's conversations and every transition they make, on the clock it is given and without any
// HTTP: the vendor's paths, the control surface and a simulation drive the same core.

import {
  type Conversation,
  customerOf,
  isLive,
  liveParticipant,
  type Participant,
  type TransferTarget,
} from './conversation.ts';
import type { MediaType, TransferType, WireWrapup } from './genesys-schema.ts';
import type { Agent, Queue } from './organisation.ts';
import { createRouting } from './routing.ts';
import { createSwitchboard, type SwitchboardParts } from './switchboard.ts';
import { createTransfers, type TransferRefusal } from './transfers.ts';

export type NewConversation = {
  readonly media: MediaType;
  /** `webmessaging`, `open`, `sms`…; only messages have one. */
  readonly messageType?: string;
  readonly from: string;
  readonly to: string;
  /** A flow holds the customer; with a queue beside it, that is where the flow sends the customer when it ends. */
  readonly flow?: boolean;
  readonly queue?: Queue | undefined;
  /** Of a callback: when the queue starts looking for an agent (epoch ms). */
  readonly scheduledAt?: number | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
};

/** Why an act makes no sense now. */
export type ActRefusal = 'ended' | 'not-waiting' | 'no-such-agent' | 'nobody-to-close' | 'no-agent-yet';

export type Conversations = {
  create(conversation: NewConversation): Conversation;
  get(id: string): Conversation | undefined;
  all(): Iterable<Conversation>;
  setAttributes(
    conversation: Conversation,
    participant: Participant,
    attributes: Readonly<Record<string, string>>,
  ): void;
  tag(conversation: Conversation, externalTag: string): void;
  transfer(
    conversation: Conversation,
    leaving: Participant,
    target: TransferTarget,
    type: TransferType,
  ): TransferRefusal | undefined;
  /** One participant's part ends by the API. */
  disconnect(conversation: Conversation, participant: Participant): void;
  disconnectAll(conversation: Conversation): void;
  hangUp(conversation: Conversation): ActRefusal | undefined;
  answer(conversation: Conversation, agentId?: string): ActRefusal | undefined;
  /** The agent, or the flow when none is there, ends its part; `customerStays` as the media does when not said. */
  close(conversation: Conversation, customerStays?: boolean): ActRefusal | undefined;
  wrapUp(conversation: Conversation, participant: Participant, wrapup: WireWrapup): void;
  /** Who would wrap up: the last agent there was. */
  wrapUpParty(conversation: Conversation): Participant | undefined;
  addAgent(agent: Omit<Agent, 'id' | 'live'>): Agent;
  reset(): void;
};

export function createConversations(parts: SwitchboardParts & { readonly settleMs: () => number }): Conversations {
  const { clock, organisation } = parts;
  const board = createSwitchboard(parts);
  const transfers = createTransfers(board, () => routing, parts.settleMs);
  const routing = createRouting(board, transfers.answered);
  const byId = new Map<string, Conversation>();

  function create(asked: NewConversation): Conversation {
    const { media, from, to, queue, flow = queue === undefined } = asked;
    const now = clock.now();
    const conversation: Conversation = {
      id: board.uuid(),
      media,
      messageType: asked.messageType ?? 'webmessaging',
      from,
      to,
      startedAt: now,
      home: organisation.home,
      participants: [],
      transfers: [],
      afterFlow: flow ? queue : undefined,
      transfersAsked: 0,
      transfersAccepted: 0,
    };
    byId.set(conversation.id, conversation);
    const connected = { kind: 'connected', since: now } as const;
    board.join(conversation, { purpose: 'customer', address: from, attributes: { ...asked.attributes } }, connected);
    if (flow)
      board.join(conversation, { purpose: media === 'call' || media === 'callback' ? 'ivr' : 'botflow' }, connected);
    else if (queue !== undefined) routing.enter(conversation, queue, asked.scheduledAt);
    board.onChange(conversation);
    return conversation;
  }

  /** `first` names why it ends; everybody else ends because of that. */
  function endAll(conversation: Conversation, first: Participant, how: 'endpoint' | 'client'): void {
    for (const each of conversation.participants) {
      if (each === first) continue;
      board.leave(conversation, each, 'peer', each.purpose === 'acd' ? { acdOutcome: 'ABANDON' } : {});
    }
    board.leave(conversation, first, how);
    board.endIfDeserted(conversation);
    board.onChange(conversation);
  }

  function endPart(conversation: Conversation, participant: Participant, customerStays?: boolean): void {
    board.leave(conversation, participant, 'client', participant.purpose === 'acd' ? { acdOutcome: 'ABANDON' } : {});
    const customer = liveParticipant(conversation, 'customer');
    if (customerStays === false && customer !== undefined) board.leave(conversation, customer, 'peer');
    if (customerStays !== true) board.endIfDeserted(conversation);
    board.onChange(conversation);
  }

  /** The agent who answers by hand: who rings already, else one of the queue, else somebody who walks in. */
  function answering(conversation: Conversation, agentId?: string): Participant | ActRefusal {
    if (conversation.endedAt !== undefined) return 'ended';
    const named = agentId === undefined ? undefined : organisation.agent(agentId);
    if (agentId !== undefined && named === undefined) return 'no-such-agent';
    const ringing = conversation.participants.findLast(
      (each) =>
        each.phase.kind === 'alerting' && each.agent !== undefined && (named === undefined || each.agent === named),
    );
    if (ringing !== undefined) return ringing;
    const waiting = liveParticipant(conversation, 'acd');
    if (waiting?.queue === undefined) return 'not-waiting';
    const agent = named ?? organisation.agentsOf(waiting.queue.id)[0] ?? organisation.addAgent(walkIn());
    for (const each of conversation.participants) {
      if (each.phase.kind === 'alerting') board.leave(conversation, each, 'transfer.noanswer');
    }
    return routing.ring(conversation, agent, waiting);
  }

  return {
    create,
    get: (id) => byId.get(id),
    all: () => byId.values(),
    setAttributes(conversation, participant, attributes) {
      Object.assign(participant.attributes, attributes);
      board.emit('attributes', conversation, participant, { attributes: { ...participant.attributes } });
      board.onChange(conversation);
    },
    tag(conversation, externalTag) {
      conversation.externalTag = externalTag;
      board.onChange(conversation);
    },
    transfer: transfers.request,
    disconnect(conversation, participant) {
      if (participant.purpose === 'customer') endAll(conversation, participant, 'client');
      else endPart(conversation, participant);
    },
    disconnectAll: (conversation) => endAll(conversation, customerOf(conversation), 'client'),
    hangUp(conversation) {
      if (conversation.endedAt !== undefined) return 'ended';
      endAll(conversation, customerOf(conversation), conversation.media === 'call' ? 'endpoint' : 'client');
      return undefined;
    },
    answer(conversation, agentId) {
      const ringing = answering(conversation, agentId);
      if (typeof ringing === 'string') return ringing;
      routing.pickUp(conversation, ringing);
      return undefined;
    },
    close(conversation, customerStays) {
      if (conversation.endedAt !== undefined) return 'ended';
      const agent = liveParticipant(conversation, 'agent', 'external');
      const flow = liveParticipant(conversation, 'ivr', 'botflow');
      const closing = agent ?? flow;
      if (closing === undefined) return 'nobody-to-close';
      if (closing === flow && conversation.afterFlow !== undefined) {
        board.leave(conversation, closing, 'transfer');
        routing.enter(conversation, conversation.afterFlow);
        board.onChange(conversation);
      } else endPart(conversation, closing, customerStays);
      return undefined;
    },
    wrapUp(conversation, participant, wrapup) {
      participant.wrapup = wrapup;
      const fields = {
        wrapupCode: wrapup.code,
        ...(wrapup.notes === undefined ? {} : { wrapupNotes: wrapup.notes }),
        wrapupDurationMs: (wrapup.durationSeconds ?? 0) * 1_000,
      };
      board.emit('wrapup', conversation, participant, fields);
      if (!isLive(participant)) board.emit('acw', conversation, participant, fields);
      board.onChange(conversation);
    },
    wrapUpParty: (conversation) => conversation.participants.findLast((each) => each.purpose === 'agent'),
    addAgent(agent) {
      const added = organisation.addAgent(agent);
      routing.offerWaiting(byId.values());
      return added;
    },
    reset() {
      byId.clear();
      organisation.clearAgents();
    },
  };
}

/** Belongs to no queue, so that it is offered nothing by itself. */
function walkIn(): Omit<Agent, 'id' | 'live'> {
  return { name: 'Walk-in agent', queueIds: new Set(), answers: 'manual', afterMs: 0 };
}
