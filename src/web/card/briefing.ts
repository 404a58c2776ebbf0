// Owns what the card is given to show (types only): the manifest verbatim (seed 004 §1) and what the journal knows beside it.

import type { InteractionContext } from '../../context/interaction-context.ts';
import type { Manifest } from '../../context/manifest.ts';

/** `what` and `by` are stable words (`with-queue`, `operator`). */
export type JourneyStep = { readonly at: string; readonly what: string; readonly by: string };
export type Loss = { readonly field: string; readonly limit: string; readonly carriedBy: string };

export type Briefing = {
  readonly ref: string;
  readonly interactionId: string;
  readonly manifest: Manifest;
  readonly whole: { readonly context: InteractionContext };
  readonly handoff: { readonly id: string; readonly queue: string };
  readonly journey: readonly JourneyStep[];
  readonly loss: readonly Loss[];
  readonly expiresAt: string;
};

/** Which conversation the card is about. */
export type CardAddress = {
  readonly platform: string;
  readonly conversationId: string;
  readonly ref: string;
};

export type CardState =
  | { readonly kind: 'loading' }
  /** The URL names no conversation. */
  | { readonly kind: 'unaddressed' }
  /** Nobody has set the card up for this platform: there is no use in trying again. */
  | { readonly kind: 'not-configured' }
  | { readonly kind: 'signed-out'; readonly because: 'no-session' | 'refused' | 'no-window' }
  /** It opens by a reference from the desktop's own script: `spent` where one came that opens nothing any more. */
  | { readonly kind: 'unopened'; readonly because: 'no-reference' | 'spent' }
  | { readonly kind: 'signing-in' }
  | { readonly kind: 'not-yours' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'ready'; readonly briefing: Briefing };
