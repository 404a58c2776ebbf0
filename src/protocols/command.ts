// Owns what the machine can ask of the world. Each command says how it may be treated when its fate is unknown (H5) and how
// long it may take at most; `execute.ts` performs it.

import type { BotReply, BotTurnAsked } from '../context/bot-reply.ts';
import type { Channel, ConversationView, Queue } from '../context/conversation.ts';
import type {
  AgentId,
  ExternalId,
  HandoffId,
  Instant,
  InteractionId,
  ManifestRef,
  ParticipantId,
  PlatformName,
} from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Presence } from './agent-hold.ts';
import type { Attachment } from './chat.ts';
import type { CommitWay, TransferTarget } from './crossing.ts';
import type { EscalationPolicy } from './input.ts';
import type { CallbackTerms, Leg } from './move.ts';
import type { Overwrite } from './vendor-copy.ts';

/**
 * What may be done with a command whose fate is unknown (H5): `repeatable` — the same again changes nothing; `lookable` — the
 * far side shows whether it was taken; `fenced` — the far side takes our key and does it once; `unlookable` — nobody can tell, so that it is
 * left to a person.
 */
export type Safety = 'repeatable' | 'lookable' | 'fenced' | 'unlookable';

type Addressed = {
  readonly platform: PlatformName;
  readonly externalId: ExternalId;
  readonly channel: Channel;
};

type OfAgent = { readonly platform: PlatformName; readonly agentId: AgentId };

/** By the route of that name, to an E.164 number; `ref` is our opaque name of this send. */
type OfSms = {
  readonly route: string;
  readonly to: string;
  readonly text: string;
  readonly ref: string;
};

/** `far`: by what that platform knows our customer. `name`: the customer's. */
type ToDesk = {
  readonly platform: PlatformName;
  readonly far: ExternalId;
  readonly message: DeskMessage;
  readonly name?: string;
};

/** `id` is its sender's, and what a platform that de-duplicates does it by. */
export type DeskMessage = {
  readonly id: string;
  readonly text: string;
  readonly at: Instant;
  readonly attachments?: readonly Attachment[];
};

/**
 * `key` is `{handoff}.{step}.{attempt}`: the idempotency key wherever the far side takes one, unless the command has one of its own. After
 * `notAfter` it is no longer sent.
 */
export type Command = {
  readonly key: string;
  readonly timeoutMs: number;
  readonly safety: Safety;
  readonly notAfter?: Instant;
} & (
  | ({ readonly kind: 'Inspect'; readonly queueName: string } & Addressed)
  | ({
      readonly kind: 'AttachContext';
      readonly customer: ParticipantId;
      readonly attributes: Readonly<Record<string, string>>;
      readonly tag: string;
    } & Addressed)
  /** The same to whoever has arrived at the destination of a transfer, and one last look at them: what was taken may find nobody. */
  | ({
      readonly kind: 'AttachOnArrival';
      readonly customer: ParticipantId;
      readonly attributes: Readonly<Record<string, string>>;
      readonly tag: string;
    } & Addressed)
  | ({ readonly kind: 'TransferToQueue'; readonly leaving: ParticipantId; readonly queue: Queue } & Addressed)
  | ({ readonly kind: 'Look' } & Addressed)
  /** Looks at the source, and asks the destination whom the transfer is for and whether they could take it. Holds nothing. */
  | ({
      readonly kind: 'CheckTransfer';
      readonly to: PlatformName;
      readonly target: TransferTarget;
      readonly fallback: { readonly source: string; readonly destination: string };
      /** The conversation that an earlier transfer, which is retried, has had at the destination: looked at as well. */
      readonly arrived?: Leg;
    } & Addressed)
  /** Holds a place at the destination: its own reservation, or after a check one of ours with a number that its entry redeems. */
  | {
      readonly kind: 'Reserve';
      readonly handoffId: HandoffId;
      readonly interactionId: InteractionId;
      readonly to: PlatformName;
      readonly target: TransferTarget;
      readonly channel: Channel;
      readonly reservation: 'native' | 'entry-script';
      /** The same for every try of one place: the idempotency key where the platform takes one. */
      readonly once: string;
      readonly token: string;
      readonly entryNumbers: readonly string[];
      /** How long a reservation of ours stands, and until when at most anything of it can still be redeemed. */
      readonly reservationMs: number;
      readonly holdLimitMs: number;
      readonly context: Readonly<Record<string, unknown>>;
      /** Who calls (E.164), where it is known: by that the call may be recognised. */
      readonly caller?: string;
      /** When the target was asked whether it could take the transfer, where that was in this very preparation. */
      readonly checkedAt?: Instant;
      /** What the agent has taken: as long as they have it, they need not be checked otherwise. */
      readonly placeholder?: PlaceholderRef;
    }
  /** Asks the destination's agent to keep free. */
  | ({ readonly kind: 'AskAgent' } & OfPlaceholder)
  /** Whether they have taken it. */
  | ({ readonly kind: 'LookForAgent' } & OfPlaceholder)
  | {
      readonly kind: 'Release';
      readonly handoffId: HandoffId;
      readonly to: PlatformName;
      readonly reservation: ReservationRef;
    }
  /** Tells the source to let go: a blind transfer, or the beginning of a consultation. */
  | ({
      readonly kind: 'TransferAway';
      readonly way: CommitWay;
      readonly style: 'blind' | 'consult';
      readonly leaving: ParticipantId;
      readonly leavingAgent?: AgentId;
      readonly address: string;
      readonly token: string;
      readonly interactionId: InteractionId;
      readonly reservationId: string;
    } & Addressed)
  | ({
      readonly kind: 'EndConsult';
      readonly accept: boolean;
      readonly leaving: ParticipantId;
      readonly leavingAgent?: AgentId;
    } & Addressed)
  /** Looks at both sides. Without `arrived` there is nothing to look at on the other. */
  | ({ readonly kind: 'Reconcile'; readonly arrived?: Leg } & Addressed)
  /** Writes to whoever is the customer of the conversation, and tags it: looks first. */
  | ({
      readonly kind: 'WriteContext';
      readonly attributes: Readonly<Record<string, string>>;
      readonly tag: string;
    } & Addressed)
  | ({ readonly kind: 'SendSms' } & OfSms)
  /** Whether a message whose sending is uncertain was taken. */
  | ({ readonly kind: 'FindSms'; readonly since: Instant } & OfSms)
  /** What became of a message whose provider calls no hook. */
  | { readonly kind: 'AskReceipt'; readonly route: string; readonly messageId: string }
  | ({ readonly kind: 'CloseLeg' } & Addressed)
  | ({ readonly kind: 'BookCallback'; readonly queueName: string } & CallbackTerms)
  /** `turn.turnId` is what the bot fences by: asked again it has the same effect once. */
  | { readonly kind: 'RunBotTurn'; readonly bot: string; readonly turn: BotTurnAsked }
  /** How people are to be reached from a conversation of ours, and by which reference they find the whole: nothing leaves us. */
  | { readonly kind: 'PrepareEscalation'; readonly platform: PlatformName; readonly interactionId: InteractionId }
  /** Begins a conversation with people, already routed: the first message makes it (DESIGN: `first-message`). */
  | ({
      readonly kind: 'OpenConversation';
      readonly queueName: string;
      readonly attributes: Readonly<Record<string, string>>;
    } & ToDesk)
  | ({ readonly kind: 'DeliverMessage'; readonly externalId?: ExternalId } & ToDesk)
  /** Brings a file that an agent sends from their platform, looks at it, and keeps it sealed under `ref`: again, it is the same file. */
  | {
      readonly kind: 'FetchFile';
      readonly platform: PlatformName;
      readonly interactionId: InteractionId;
      readonly ref: string;
      readonly url: string;
      readonly name: string;
    }
  | { readonly kind: 'RaiseAlert'; readonly code: string; readonly handoffId: HandoffId }
  | ({ readonly kind: 'OverwriteContext'; readonly overwrite: Overwrite } & Addressed)
  | ({ readonly kind: 'ReadPresence' } & OfAgent)
  | ({ readonly kind: 'HoldAgent'; readonly presence: string } & OfAgent)
  /** Puts `previous` back if the agent's presence still is what was `set`. */
  | ({ readonly kind: 'ReleaseAgent'; readonly set: Presence; readonly previous: string } & OfAgent)
);

/** By our `key`, or by the platform's own `id` of it. */
export type PlaceholderRef = { readonly key: string; readonly id?: string };
type OfPlaceholder = { readonly to: PlatformName; readonly agentId: AgentId; readonly placeholder: PlaceholderRef };

/** `key`: of a placeholder ours, where `id` is the platform's or not known. */
export type ReservationRef =
  | { readonly kind: 'native' | 'entry-script'; readonly id: string }
  | ({ readonly kind: 'placeholder' } & PlaceholderRef);

/** A side as a look shows it; `gone` where its platform no longer knows the conversation. */
export type SideView = ConversationView | 'gone';

/** What each command answers with when it is done. */
export type CommandResult = {
  Inspect: { readonly queue: Queue; readonly view: ConversationView };
  /** `unwritten`: attributes that the platform has no place for. They are behind the reference. */
  AttachContext: { readonly unwritten?: readonly string[] } | null;
  /** `after`: how they stood once the write was taken, or `refused`. */
  AttachOnArrival: { readonly after: SideView; readonly refused?: Extract<Failure, { readonly kind: 'rejected' }> };
  TransferToQueue: null;
  Look: ConversationView;
  CheckTransfer: {
    readonly view: ConversationView;
    readonly destination?: SideView;
    readonly free: 'yes' | 'no' | 'unknown';
    readonly code?: string;
    readonly queue?: Queue;
    readonly fallback: { readonly source: Queue; readonly destination: Queue };
    /** When the destination said whether it is free: the rest of the answer may have come later. */
    readonly freeAt?: Instant;
  };
  /** `free` as above, at the moment of reserving. Where it is `no`, nothing is held. `checkedAt`: when that was asked, if not just now. */
  Reserve:
    | {
        readonly held: true;
        readonly id: string;
        readonly validUntil: Instant;
        readonly address: string;
        readonly checkedAt?: Instant;
      }
    | { readonly held: false; readonly code: string };
  AskAgent: { readonly id: string };
  LookForAgent: 'none' | 'asked' | 'taken';
  Release: null;
  TransferAway: null;
  EndConsult: null;
  Reconcile: { readonly source: SideView; readonly destination?: SideView };
  WriteContext: { readonly customer: ParticipantId; readonly unwritten?: readonly string[] };
  SendSms: { readonly messageId?: string };
  FindSms:
    | { readonly kind: 'taken'; readonly messageId: string }
    | { readonly kind: 'not-there' }
    | { readonly kind: 'unsure' };
  AskReceipt: { readonly status: 'delivered' | 'failed' | 'pending'; readonly reason?: string };
  CloseLeg: null;
  BookCallback: { readonly externalId?: ExternalId; readonly queue: Queue };
  RunBotTurn: BotReply;
  /** `manifestRef`: leads to the interaction as it stands when the escalation is asked for with it, and nowhere before. */
  PrepareEscalation: { readonly policy: EscalationPolicy; readonly manifestRef?: ManifestRef };
  /** `externalId`: the conversation, where the platform says it. */
  OpenConversation: { readonly queue: Queue; readonly externalId?: ExternalId };
  DeliverMessage: null;
  FetchFile: { readonly file: Attachment } | { readonly refused: string };
  RaiseAlert: null;
  OverwriteContext: null;
  ReadPresence: Presence;
  HoldAgent: Presence;
  ReleaseAgent: { readonly restored: boolean };
};

/** The answer of a finished command, with its kind so that the machine can tell them apart. */
export type CommandValue = {
  [K in keyof CommandResult]: { readonly of: K; readonly result: CommandResult[K] };
}[keyof CommandResult];

export type CommandOutcome = ({ readonly kind: 'done' } & CommandValue) | Failure;

/**
 * What a command would answer with, where nobody outside has to be asked and nothing happens there, so that it may be known before what asks for
 * it is durable. Done again it has the same effect once. Null where somebody has to be asked. Never throws.
 */
export type Foresee = (command: Command) => Promise<CommandOutcome | null> | null;

/** Performs a command. Never throws for what a vendor does; asks `mayStart` just before anything is written to the wire. */
export type Execute = (
  command: Command,
  call: { readonly signal: AbortSignal; readonly mayStart: () => boolean },
) => Promise<CommandOutcome>;
