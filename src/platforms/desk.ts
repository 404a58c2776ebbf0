// Owns the contract between us and the people's side of our own conversations (types only): the platform's messaging door, through which the
// first message makes a conversation already routed. An adapter never throws for what a vendor does: it returns an Outcome.

import type { Queue } from '../context/conversation.ts';
import type { AgentId, ExternalId, Instant } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { Call } from './platform.ts';

/** `url`: where the platform fetches it, for a short while. */
export type DeskFile = {
  readonly ref: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: number;
};

/** `id` is its sender's: the name by which the platform may know that it has it already. */
export type DeskDelivery = {
  /** By what the platform knows our customer in this stretch; ours, and nothing personal. */
  readonly far: ExternalId;
  readonly message: {
    readonly id: string;
    readonly text: string;
    readonly at: Instant;
    readonly attachments?: readonly DeskFile[];
  };
  /** The customer's, as agents see it. */
  readonly name?: string;
};

export interface Desk {
  /** Whether a message of the same id is taken once, however often it is sent. What no document gives is not promised (H3, H5). */
  readonly deduplicates: boolean;
  /** Origins from which files that its agents send may be fetched. */
  readonly fileOrigins?: readonly string[];

  /**
   * Begins a conversation: resolves the queue by its exact name, and sends the first message with what is known. Fenced by the message's id
   * where the platform de-duplicates, else unlookable. Rejects with `queue-not-found-or-not-visible`; then nothing was sent.
   */
  open(
    opening: DeskDelivery & { readonly queueName: string; readonly attributes: Readonly<Record<string, string>> },
    call: Call,
  ): Promise<Outcome<{ readonly queue: Queue; readonly externalId?: ExternalId }>>;

  /** Sends a message on. Fenced or unlookable as `open`. */
  deliver(delivery: DeskDelivery, call: Call): Promise<Outcome<null>>;

  /** How customers are to be told who this agent is, where messages of the platform do not say it. Repeatable. */
  nameOf?(agentId: AgentId, call: Call): Promise<Outcome<string>>;

  /** Shows that our customer is writing. Kept nowhere and relied on by nobody, so never repeated. Absent where no public page has a way. */
  typing?(writer: Pick<DeskDelivery, 'far' | 'name'> & { readonly at: Instant }, call: Call): Promise<Outcome<null>>;
}
