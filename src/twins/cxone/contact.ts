// Owns what the simulated ACD knows of one contact: where it stands, what its script knows, and how it came about. A transfer
// makes a new contact; the master and the parent tell them together.

import type { CallEnd, CallLeg } from '../carrier.ts';
import type { Agent, Media, PointOfContact, ScriptName, Skill } from './tenant.ts';

/** Why a contact is over. */
export type EndReason =
  | 'customer'
  | 'agent'
  | 'script'
  | 'forced'
  | 'transfer'
  | 'blind-transfer'
  | 'far-end'
  | 'unreachable'
  | 'lost';

/** Instants are epoch ms. */
export type ContactState =
  /** A script holds it: a bot, or the entry script. */
  | { readonly kind: 'script'; readonly since: number }
  | { readonly kind: 'queued'; readonly since: number; readonly skill: Skill; readonly target: Agent | undefined }
  | {
      readonly kind: 'routing';
      readonly since: number;
      readonly skill: Skill;
      readonly agent: Agent;
      readonly target: Agent | undefined;
    }
  | { readonly kind: 'active'; readonly since: number; readonly agent: Agent; readonly held: boolean }
  /** An agent's own call to a number, ringing there. */
  | { readonly kind: 'dialing'; readonly since: number }
  /** Joined with a number outside; no agent, no queue. */
  | { readonly kind: 'bridged'; readonly since: number }
  | { readonly kind: 'ended'; readonly at: number; readonly why: EndReason };

export type Params = Readonly<Record<string, string>>;

export type Signal = {
  readonly at: number;
  readonly params: Params;
  /** `swallowed`: another signal was under way, and the two acted as one. */
  effect: 'pending' | 'acted' | 'swallowed' | 'refused' | 'ignored' | 'late';
};

/** A call over the carrier that this contact has a part in. */
export type JoinedLeg = {
  readonly direction: 'inbound' | 'outbound';
  readonly number: string;
  readonly uui: string | undefined;
  leg: CallLeg;
  /** Moves on when the customer is handed to a new contact. */
  owner: Contact;
  state: 'ringing' | 'answered' | 'ended';
  why: CallEnd | undefined;
};

export type TransferIndicator = 'None' | 'ReSkill' | 'ReAgent' | 'Consult' | 'TakeOver' | 'External';

export type ContactTransfer = {
  readonly at: number;
  readonly action: 'TRANSFER' | 'BLINDXFER' | 'transfer-calls';
  readonly to: string;
  state: 'dialing' | 'complete' | 'failed';
};

/** A page that POPURL has opened on an agent's desktop. */
export type Popped = { readonly at: number; readonly agent: Agent; readonly url: string };

export type Contact = {
  readonly id: number;
  readonly masterId: number;
  readonly parent: Contact | undefined;
  readonly media: Media;
  readonly outbound: boolean;
  from: string;
  readonly to: string;
  readonly pointOfContact: PointOfContact | undefined;
  readonly script: ScriptName;
  readonly defaultSkill: Skill;
  readonly startedAt: number;
  /** What came along with the call (User-to-User). */
  readonly token: string | undefined;
  readonly variables: Record<string, string>;
  readonly customData: Record<string, string>;
  readonly tags: Set<number>;
  readonly signals: Signal[];
  readonly popped: Popped[];
  /** When it was last read by its id, on the vendor's paths. */
  lookedAt?: number;
  readonly transfers: ContactTransfer[];
  readonly legs: JoinedLeg[];
  /** What its agent dialled beside it. */
  readonly calls: Contact[];
  /** Agents that were offered this stay in the queue and did not take it. */
  readonly declinedBy: Set<Agent>;
  /** Counts the routing requests: a time-out belongs to one of them. */
  routes: number;
  state: ContactState;
  updatedAt: number;
  /** The skill it is in or was last in. */
  skill: Skill | undefined;
  /** Who handles it or handled it last. */
  agent: Agent | undefined;
  target: Agent | undefined;
  /** Of an agent's own call: who dialled. */
  initiator: Agent | undefined;
  /** The customer's own call, where it came over the carrier. */
  line: JoinedLeg | undefined;
  /** The number outside that the customer is joined with, or is about to be. */
  far: JoinedLeg | undefined;
  conference: boolean;
  transferIndicator: TransferIndicator;
  disposition: Readonly<Record<string, string>> | undefined;
  firstQueuedAt: number | undefined;
  firstAnsweredAt: number | undefined;
  heldSince: number | undefined;
  heldMs: number;
  holdCount: number;
  refusals: number;
  /** Requests on the vendor's paths that moved it or will. */
  moves: number;
};

export type ContactHolder = 'bot' | 'queue' | 'agent' | 'none';

export function isLive(contact: Contact): boolean {
  return contact.state.kind !== 'ended';
}

/** Who speaks to the customer now; a number outside counts as an agent. */
export function holderOf({ state }: Contact): ContactHolder {
  switch (state.kind) {
    case 'script':
      return 'bot';
    case 'queued':
    case 'routing':
      return 'queue';
    case 'active':
    case 'bridged':
      return 'agent';
    default:
      return 'none';
  }
}

/** Who is offered the contact or has it; not who dialled it. */
export function agentOn({ state }: Contact): Agent | undefined {
  return state.kind === 'routing' || state.kind === 'active' ? state.agent : undefined;
}
