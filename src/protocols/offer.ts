// Owns the shape of an offer that waits for the customer: a deflection's link. It stands beside ordinary life (DESIGN: standing offer) and
// has work of its own; accepting it starts its move. Each step owns what it needs.

import type { PackingLimits } from '../context/packing.ts';
import type { Instant } from '../ids.ts';
import type { AnyRecord, Leg, Task } from './move.ts';

/** What is known of the message: with the customer, on its way, silent, or not to be had by any route. */
export type SmsStatus = 'pending' | 'sent' | 'delivered' | 'unconfirmed' | 'failed';

/** What a deflection is asked with, and what configuration says of it; fixed when it is asked for. */
export type DeflectionTerms = {
  /** E.164. */
  readonly to: string;
  /** SHA-256 of the link's token, hexadecimal: by it the link is known as this offer's. */
  readonly claim?: string;
  /** The message, its link included: the link holds the claim. */
  readonly text: string;
  /** Names, in order; the next is used when one fails or stays silent. */
  readonly routes: readonly string[];
  /** What the matter was when it was deflected; absent where it is not to be kept. */
  readonly intent?: string;
  readonly receiptWaitMs: number;
  /** Of the routes, those whose provider calls no hook: whoever sent asks after it. */
  readonly asked?: readonly string[];
  /** What becomes of the call once the message is delivered: it stays where it is, or we end it. A flow does so itself. */
  readonly source: 'park' | 'disconnect' | 'flow';
  readonly expiresAt: Instant;
  /** Context fields that go with the first use of the claim. */
  readonly purge: readonly string[];
  /** What fits a digital conversation, for what is restored there; null where the conversation is our own. */
  readonly digital: PackingLimits;
};

/** Who has claimed it: one conversation, on one device (H7). */
export type Claimed = { readonly leg: Leg; readonly device: string; readonly at: Instant };

export type DeflectionRecord = AnyRecord & {
  readonly kind: 'deflection';
  readonly terms: DeflectionTerms;
  readonly sms: SmsStatus;
  readonly claimed?: Claimed;
};

/** The message that is asked after, by its provider's name of it, and since when its provider has it. */
export type Asking = { readonly messageId: string; readonly route: number; readonly since: Instant };

export type Deflecting =
  /** The call is being told that it was deflected. */
  | { readonly step: 'deflecting'; readonly task: Task; readonly uncertain: boolean }
  /** `failed`: its receipt says so already. */
  | {
      readonly step: 'sending';
      readonly task: Task;
      readonly route: number;
      readonly askedAt: Instant;
      readonly failed?: true;
    }
  /** Whether a message whose sending is uncertain was taken after all. `landsBy`: until then it may still appear (H5). */
  | {
      readonly step: 'finding';
      readonly task: Task;
      readonly route: number;
      readonly askedAt: Instant;
      readonly landsBy: Instant;
      readonly failed?: true;
    }
  | { readonly step: 'awaiting-receipt'; readonly task: Task; readonly route: number; readonly asks?: Asking }
  /** `asks`: unconfirmed, and its provider may know more yet. */
  | { readonly step: 'standing'; readonly task: Task; readonly asks?: Asking }
  /** Claimed: what is known is being written to the digital conversation. */
  | { readonly step: 'restoring'; readonly task: Task; readonly uncertain: boolean };

/** An offer that is open. */
export type Offer = DeflectionRecord & { readonly progress: Deflecting };
