// Owns the way from a channel to the wire (types only). A channel has no HTTP client of its own: whoever assembles the service
// gives it one that keeps the fence, the hard time-out, the size bound, and the difference between "never sent" and "sent, fate
// unknown" (H5).

import type { Failure } from '../outcome.ts';

/** What a caller gives with each call. `mayStart` is asked again just before anything is written to the wire (fencing). */
export type ChannelCall = { readonly signal: AbortSignal; readonly mayStart: () => boolean };

export type ChannelRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type ChannelAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Undefined when it broke off, took too long or was larger than the bound: the status still stands. */
  readonly body: string | undefined;
};

/**
 * Sends one request, never twice and never along a redirect. The answer, whatever its status; or `transient` when it was
 * provably not sent or took nothing, `ambiguous` when it may have been taken. Never throws for what the far side does.
 */
export type SendRequest = (request: ChannelRequest, call: ChannelCall) => Promise<ChannelAnswer | Failure>;
