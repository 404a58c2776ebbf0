// Owns what the machine can ask of the world. Each command says how it may be treated when its fate is unknown (H5) and how
// long it may take at most; `execute.ts` performs it.

import type { Channel, ConversationView, Queue } from '../context/conversation.ts';
import type { AgentId, ExternalId, HandoffId, ParticipantId, PlatformName } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Presence } from './agent-hold.ts';
import type { Overwrite } from './vendor-copy.ts';

/**
 * What may be done with a command whose fate is unknown (H5): `repeatable` — the same again changes nothing; `lookable` — the
 * far side shows whether it was taken.
 */
export type Safety = 'repeatable' | 'lookable';

type Addressed = {
  readonly platform: PlatformName;
  readonly externalId: ExternalId;
  readonly channel: Channel;
};

type OfAgent = { readonly platform: PlatformName; readonly agentId: AgentId };

/** `key` is `{handoff}.{step}.{attempt}`: the idempotency key wherever the far side takes one. */
export type Command = { readonly key: string; readonly timeoutMs: number; readonly safety: Safety } & (
  | ({ readonly kind: 'Inspect'; readonly queueName: string } & Addressed)
  | ({
      readonly kind: 'AttachContext';
      readonly customer: ParticipantId;
      readonly attributes: Readonly<Record<string, string>>;
      readonly tag: string;
    } & Addressed)
  | ({ readonly kind: 'TransferToQueue'; readonly leaving: ParticipantId; readonly queue: Queue } & Addressed)
  | ({ readonly kind: 'Look' } & Addressed)
  | { readonly kind: 'RaiseAlert'; readonly code: string; readonly handoffId: HandoffId }
  | ({ readonly kind: 'OverwriteContext'; readonly overwrite: Overwrite } & Addressed)
  | ({ readonly kind: 'ReadPresence' } & OfAgent)
  | ({ readonly kind: 'HoldAgent'; readonly presence: string } & OfAgent)
  /** Puts `previous` back if the agent's presence still is what was `set`. */
  | ({ readonly kind: 'ReleaseAgent'; readonly set: Presence; readonly previous: string } & OfAgent)
);

/** What each command answers with when it is done. */
export type CommandResult = {
  Inspect: { readonly queue: Queue; readonly view: ConversationView };
  AttachContext: null;
  TransferToQueue: null;
  Look: ConversationView;
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

/** Performs a command. Never throws for what a vendor does; asks `mayStart` just before anything is written to the wire. */
export type Execute = (
  command: Command,
  call: { readonly signal: AbortSignal; readonly mayStart: () => boolean },
) => Promise<CommandOutcome>;
