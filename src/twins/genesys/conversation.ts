// Owns what the simulated platform knows of one conversation: its participants, each in one phase, and its transfers, which
// move on after they were accepted.

import type { CallLeg } from '../carrier.ts';
import type { DisconnectType, MediaType, Purpose, TransferState, TransferType, WireWrapup } from './genesys-schema.ts';
import type { WireOpenContent } from './open-schema.ts';
import type { Agent, Division, Queue } from './organisation.ts';

/** Instants are epoch ms. */
export type Phase =
  | { readonly kind: 'scheduled'; readonly until: number }
  | { readonly kind: 'alerting'; readonly since: number }
  /** A number outside rings. */
  | { readonly kind: 'dialing'; readonly since: number }
  | { readonly kind: 'connected'; readonly since: number; readonly alertedAt?: number | undefined }
  | {
      readonly kind: 'ended';
      readonly at: number;
      readonly disconnectType: DisconnectType;
      readonly connectedAt?: number | undefined;
      readonly alertedAt?: number | undefined;
    };

export type Participant = {
  readonly id: string;
  readonly communicationId: string;
  readonly purpose: Purpose;
  readonly startedAt: number;
  readonly agent?: Agent;
  readonly queue?: Queue;
  readonly address?: string;
  /** Of a customer: what they are called, where somebody said so. */
  readonly name?: string;
  readonly attributes: Record<string, string>;
  /** Agents that were rung for this stay in the queue and did not take it. */
  readonly declinedBy: Set<string>;
  phase: Phase;
  wrapup?: WireWrapup;
  held: boolean;
  /** Whose call this party was asked into, to be spoken to first. */
  consult?: { readonly initiator: Participant; readonly object: Participant; speakTo: SpeakTo };
  /** Of a party that is on the telephone network: its end of the call. */
  leg?: CallLeg;
  /** What goes along when this party's call is handed to a number (User-to-User). */
  uuiData?: string;
};

/** Whom the one who consults speaks to: who was asked in, the customer, each in turn or all together. */
export const SPEAK_TO = ['DESTINATION', 'OBJECT', 'BOTH', 'CONFERENCE'] as const;
export type SpeakTo = (typeof SPEAK_TO)[number];

export type TransferTarget =
  | { readonly kind: 'queue'; readonly queue: Queue }
  | { readonly kind: 'agent'; readonly agent: Agent }
  | { readonly kind: 'address'; readonly address: string };

export type Transfer = {
  readonly id: string;
  readonly issuedAt: number;
  readonly type: TransferType;
  readonly target: TransferTarget;
  readonly leaving: Participant;
  /** Who came; set once the transfer is under way. */
  arriving?: Participant;
  /** `accepted` is not yet listed in `recentTransfers`. */
  state: 'accepted' | TransferState;
};

/** What was written in a message conversation. */
export type Message = {
  readonly id: string;
  /** What the customer's side calls it. */
  readonly providerId?: string | undefined;
  readonly direction: 'inbound' | 'outbound';
  readonly at: number;
  readonly by: Participant;
  readonly text: string;
  readonly content: readonly WireOpenContent[];
  status: 'received' | 'queued' | 'sent' | 'delivery-success' | 'delivery-failed' | 'published' | 'removed';
};

export type Conversation = {
  readonly id: string;
  readonly media: MediaType;
  readonly messageType: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  readonly home: Division;
  readonly participants: Participant[];
  /** Oldest first; what is said in Web Messaging is not modelled. */
  readonly messages: Message[];
  readonly transfers: Transfer[];
  /** Where the flow sends the customer when it ends by itself. */
  readonly afterFlow?: Queue | undefined;
  endedAt?: number;
  /** The customer put the receiver down, and was not put down by others. */
  customerGone?: boolean;
  /** The number that the customer went on to when the platform left the path of the call. */
  releasedTo?: CallLeg;
  externalTag?: string;
  /** When attributes were last written to it, and when it was last read, on the vendor's paths. */
  writtenAt?: number;
  lookedAt?: number;
  /** Transfer requests on the vendor's paths: asked at all, and accepted. */
  transfersAsked: number;
  transfersAccepted: number;
};

export function isLive(participant: Participant): boolean {
  return participant.phase.kind !== 'ended';
}

export function customerOf(conversation: Conversation): Participant {
  return conversation.participants.find((each) => each.purpose === 'customer') as Participant;
}

export function liveParticipants(conversation: Conversation): readonly Participant[] {
  return conversation.participants.filter(isLive);
}

/** The newest live participant of one of these purposes. */
export function liveParticipant(conversation: Conversation, ...purposes: readonly Purpose[]): Participant | undefined {
  return conversation.participants.findLast((each) => isLive(each) && purposes.includes(each.purpose));
}

/** The queue that holds the customer, or was the last to. */
export function lastQueueOf(conversation: Conversation): Queue | undefined {
  return conversation.participants.findLast((each) => each.purpose === 'acd')?.queue;
}

/** The divisions whose clients may see the conversation: those of its queues, or the home division while it was in none. */
export function divisionsOf(conversation: Conversation): readonly Division[] {
  const found = new Set<Division>();
  for (const { queue } of conversation.participants) if (queue !== undefined) found.add(queue.division);
  return found.size === 0 ? [conversation.home] : [...found];
}
