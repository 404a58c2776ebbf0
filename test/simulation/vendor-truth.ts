// Owns what the oracles may know of a vendor, from its twin's own records (types only): what became of a call, and what stands where.

import type { WireCall } from './wire-call.ts';

/** What a call has brought about, as it stands now: `Failed` when it can move nobody any more, `Complete` when it has. */
export type Effect = { readonly state: string };

export type VendorTruth = {
  /** The conversation as we know it, of one in which its customer goes on. */
  rootOf(conversationId: string): string;
  /** What can be read of the customer there; undefined where there is no such conversation. */
  values(conversationId: string): Readonly<Record<string, string>> | undefined;
  /** Of whom the call takes the place, in the vendor's words; undefined where it names nobody. */
  leaving(call: WireCall): string | undefined;
  /** What this call has brought about just now; undefined where nothing was. */
  effectOf(call: WireCall): Effect | undefined;
  /** Whether its conversations are read without anybody's asking, too. */
  readonly polled: boolean;
};

/** Where a customer is at a vendor, and has been. */
export type CustomerView = {
  /** Nobody goes on there: the conversation has ended, or its customer has gone. */
  readonly isOver: boolean;
  readonly customerGone: boolean;
  /** Whether they have been in the queue, or with any agent. */
  wasWith(queueId: string | undefined): boolean;
};
