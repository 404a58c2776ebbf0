// Owns what the server needs of the ways to a customer beyond their conversation (types only): whoever assembles the service gives it, and the
// server never sees a provider.

import type { CallbackPolicy, DeflectionPolicy, RequestDeflection } from '../protocols/input.ts';

export type ServedDeflections = {
  /** Read anew for every request. */
  readonly policy: DeflectionPolicy;
  readonly ttlMs: number;
  /** Where the customer is sent. */
  linkTo(token: string): string;
  /** The message with its link. */
  compose(link: string): string;
  /** By which routes an E.164 number can be texted, or why it cannot. Rejects when the list of those who want none cannot be read. */
  check(number: string): Promise<RequestDeflection['number']>;
};

export type ServedCallbacks = {
  readonly policy: CallbackPolicy;
  /** The context attribute that must say that the customer agreed; null where asking for the call is agreeing to it. */
  readonly consentAttribute: string | null;
  /** Whether customers may be called at once and joined with the queue. */
  readonly bridged: boolean;
  /** Whether whoever has this E.164 number has said that they want no more. Rejects when the list of those cannot be read. */
  isSuppressed(number: string): Promise<boolean>;
};

export type SmsHookRequest = {
  readonly headers: { get(name: string): string | null | undefined };
  readonly rawBody: Uint8Array;
  /** Without the question mark; as it came, since a signature may cover it. */
  readonly query: string;
};

export type SmsSaid =
  | {
      readonly kind: 'status';
      /** Null where it settles nothing. */
      readonly status: 'delivered' | 'failed' | null;
      readonly reason?: string;
      /** `{handoffId}.{route}`, where it came back. */
      readonly ref?: string;
      readonly dedupeId: string;
      /** Keeps what it says of the number itself: that the customer wants no more. */
      noteFor(number: string): Promise<void>;
    }
  /** A customer wrote. Durable when it resolves. */
  | { readonly kind: 'reply'; take(): Promise<void> }
  | { readonly kind: 'unreadable'; readonly problem: string };

export type ServedSmsHook = {
  /** Below `/hooks/`. Several may have the same: who verifies is the one. */
  readonly path: 'twilio/status' | 'twilio/reply' | 'vonage/status' | 'vonage/reply';
  /** Asked before anything is parsed. Never throws. */
  verify(request: SmsHookRequest): boolean;
  /** Of a verified request only. Never throws. */
  read(request: SmsHookRequest): SmsSaid;
};
