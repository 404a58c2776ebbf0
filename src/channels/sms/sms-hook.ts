// Owns the shape of a provider's hook (types only): verified on the raw bytes first, read only then.

import type { Keyword } from './opt-out.ts';
import type { SmsReport } from './sms-status.ts';

export type HookRequest = {
  readonly headers: { get(name: string): string | null | undefined };
  readonly rawBody: Uint8Array;
  /** Without the question mark; as it came, since a signature may cover it. */
  readonly query: string;
};

export type SmsStatusSaid = {
  readonly messageId: string;
  readonly report: SmsReport;
  /** The reference of the send, where the provider gives it back. */
  readonly ref?: string;
  /** The same for every repeat of this status, and for no other. */
  readonly dedupeId: string;
};

export type SmsReplySaid = {
  readonly messageId: string;
  /** E.164. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** The vendor's own finding that this is a keyword; null when it said nothing. */
  readonly keyword: Keyword | null;
};

/** `problem` is a line without content. */
export type HookReading<Said> =
  | { readonly kind: 'said'; readonly said: Said }
  | { readonly kind: 'unreadable'; readonly problem: string };

export type SmsHook<Said> = {
  /** Asked before anything is parsed. False unless one of the secrets proves it. Never throws. */
  verify(request: HookRequest): boolean;
  /** Of a verified request only. Never throws. */
  read(request: HookRequest): HookReading<Said>;
};
