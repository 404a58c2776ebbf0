// Owns the contract between us and whoever sends text messages: what a provider must do and may promise. `test/contract/sms.ts`
// exports the suite that every provider passes. A provider never throws for what its vendor does.

import type { Instant } from '../../ids.ts';
import type { Failure } from '../../outcome.ts';
import type { ChannelCall } from '../send-request.ts';
import type { SmsReason, SmsReport } from './sms-status.ts';

export type SmsVendor = 'genesys' | 'twilio' | 'vonage';

/** Numbers are E.164 with the plus. */
export type SmsMessage = {
  readonly to: string;
  /** One of the provider's own numbers. */
  readonly from: string;
  /** No message of another send may have the same text to the same number: its link makes it so, and `find` relies on it. */
  readonly text: string;
  /** Our opaque reference of this send, at most 100 of `[A-Za-z0-9._-]`, nothing personal: it travels in a URL. */
  readonly ref: string;
  /** After so long it is worth nothing; a provider that can, then stops trying. Seconds. */
  readonly validForSec?: number;
};

/** The provider has taken the message; nothing is said of its delivery. */
export type SmsAccepted = { readonly messageId: string; readonly report: SmsReport };

/** An `Outcome` whose failure also says what it means for the message, where the vendor told. Policy reads code and reason. */
export type SmsFailure = Failure & { readonly reason?: SmsReason };
export type SmsOutcome<Value> = { readonly kind: 'done'; readonly value: Value } | SmsFailure;

export type SmsFound =
  | { readonly kind: 'taken'; readonly accepted: SmsAccepted }
  /** Not there now. It may still appear until `settleMs` after the send ended. */
  | { readonly kind: 'not-there' }
  /** There are messages that cannot be told from it. */
  | { readonly kind: 'unsure' };

export type SmsCapabilities = {
  /** How the provider tells what became of a message: by calling our hook, or only when it is asked. */
  readonly receipts: 'hook' | 'look';
  /** Whether its statuses carry our `ref`, so that they prove a send whose answer was lost. */
  readonly refInReceipts: boolean;
  /** How long after a call's time-out its effect may still appear. */
  readonly settleMs: number;
  /** Whether the vendor itself answers STOP, START and HELP: then we do not. */
  readonly answersKeywords: boolean;
};

export interface SmsProvider {
  readonly vendor: SmsVendor;
  /** The longest text that the vendor takes, in UTF-16 units. */
  readonly maxTextUnits: number;
  readonly capabilities: SmsCapabilities;

  /**
   * Hands one message over. No vendor takes an idempotency key for this, so it is never repeated blindly (H5): after `ambiguous`,
   * `find` is asked, or where that is null only a receipt with our `ref` or a person can tell. `transient` was not taken.
   */
  send(message: SmsMessage, call: ChannelCall): Promise<SmsOutcome<SmsAccepted>>;

  /**
   * Looks for a send whose fate is unknown, begun no earlier than `since` by our clock. Null where the vendor gives no way: the
   * send is then `unlookable`. Repeatable.
   */
  readonly find: ((message: SmsMessage, since: Instant, call: ChannelCall) => Promise<SmsOutcome<SmsFound>>) | null;

  /** What the vendor knows of a message it has taken. Null where it can only be told by its hook. Repeatable. */
  readonly look: ((messageId: string, call: ChannelCall) => Promise<SmsOutcome<SmsReport>>) | null;
}
