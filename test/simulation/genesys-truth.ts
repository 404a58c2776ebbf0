// Owns what the Genesys twin's own records say of a call to it.

import { type Conversation, customerOf, isLive, type Participant } from '../../src/twins/genesys/conversation.ts';
import type { GenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import type { CustomerView, Effect, VendorTruth } from './vendor-truth.ts';
import type { WireCall } from './wire-call.ts';

export class GenesysTruth implements VendorTruth {
  readonly polled = false;
  readonly #twin: GenesysTwin;
  readonly #seen = new WeakSet<object>();

  constructor(twin: GenesysTwin) {
    this.#twin = twin;
  }

  rootOf(conversationId: string): string {
    return conversationId;
  }

  values(conversationId: string): Readonly<Record<string, string>> | undefined {
    const conversation = this.#twin.conversations.get(conversationId);
    return conversation && customerOf(conversation).attributes;
  }

  leaving(call: WireCall): string {
    const found = this.#conversationOf(call)?.participants.find(({ id }) => id === call.participantId);
    return found?.purpose ?? 'nobody';
  }

  effectOf(call: WireCall): Effect | undefined {
    const conversation = this.#conversationOf(call);
    if (!conversation) return undefined;
    const newest = conversation.transfers.at(-1);
    const taken = newest && !this.#seen.has(newest) && newest.leaving.id === call.participantId;
    if (newest) this.#seen.add(newest);
    return taken ? newest : this.#consultOf(conversation);
  }

  viewOf(conversationId: string): CustomerView | undefined {
    const conversation = this.#twin.conversations.get(conversationId);
    if (!conversation) return undefined;
    const { participants, endedAt } = conversation;
    return {
      isOver: endedAt !== undefined,
      customerGone: !participants.some((one) => one.purpose === 'customer' && isLive(one)),
      wasWith: (queueId) =>
        participants.some(({ purpose, queue }) => purpose === 'agent' || (purpose === 'acd' && queue?.id === queueId)),
    };
  }

  /** A transfer that is not ours (a flow's, an agent's) must not pass for ours. */
  notOurs(transfer: object): void {
    this.#seen.add(transfer);
  }

  #consultOf({ participants }: Conversation): Effect | undefined {
    const asked = participants.findLast((one) => one.consult !== undefined);
    if (!asked || this.#seen.has(asked)) return undefined;
    this.#seen.add(asked);
    return new ConsultEffect(asked);
  }

  #conversationOf({ conversationId }: WireCall): Conversation | undefined {
    return conversationId === null ? undefined : this.#twin.conversations.get(conversationId);
  }
}

/** Somebody was asked in, and is there or not. */
class ConsultEffect implements Effect {
  readonly #asked: Participant;

  constructor(asked: Participant) {
    this.#asked = asked;
  }

  get state(): string {
    if (!isLive(this.#asked)) return 'Failed';
    return this.#asked.phase.kind === 'connected' ? 'Complete' : 'Pending';
  }
}
