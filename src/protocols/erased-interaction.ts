// Owns what is left of an interaction whose key is gone: the fold of clear columns only (docs/decisions/0013). Nothing in it is
// personal, and nothing that was can be read again. What remains to be done with it is overwriting what platforms hold.

import type { Channel } from '../context/conversation.ts';
import type { Instant, InteractionId, PlatformName } from '../ids.ts';
import { type Chore, evolveChores } from './chore.ts';
import type { Event } from './event.ts';
import type { HandoffOutcome } from './move.ts';
import type { Holder } from './ownership.ts';
import { OVERWRITE_TIMEOUT_MS, type VendorCopy } from './vendor-copy.ts';

export type ErasureReason = 'request' | 'retention';

/** What an erasure leaves, as its event carries it. */
export type Remains = {
  readonly id: InteractionId;
  readonly channel: Channel;
  readonly direction: 'inbound' | 'outbound';
  /** Of the newest leg. */
  readonly platform: PlatformName | null;
  /** Nobody any more, as far as is known here. */
  readonly holder: Holder;
  readonly handoffs: number;
  /** Of the handoff that settled last. */
  readonly outcome: HandoffOutcome | null;
  /** Manifests by reference that went with the key. */
  readonly manifests: number;
  readonly openedAt: Instant;
  readonly endedAt: Instant;
  readonly reason: ErasureReason;
  readonly erasureId?: string;
  readonly copies: readonly VendorCopy[];
  readonly chores: readonly Chore[];
};

export type ErasedInteraction = Remains & {
  readonly erasedAt: Instant;
  readonly lastAt: Instant;
};

/** What can happen to an erased interaction, and to no other. */
type OverwriteEvent = Extract<Event, { type: 'OverwriteDelayed' | 'OverwriteRetried' | 'OverwriteSettled' }>;

export function erased({ remains, at }: Extract<Event, { type: 'InteractionErased' }>): ErasedInteraction {
  return { ...remains, erasedAt: at, lastAt: at };
}

/** Pure and total, as every fold: an event that does not fit changes nothing but the time. */
export function evolveErased(state: ErasedInteraction, event: Event): ErasedInteraction {
  const next = { ...state, lastAt: Math.max(state.lastAt, event.at) };
  switch (event.type) {
    case 'OverwriteDelayed':
    case 'OverwriteRetried':
    case 'OverwriteSettled':
      return { ...next, copies: next.copies.map((copy) => (copy.id === event.id ? evolveCopy(copy, event) : copy)) };
    default:
      return { ...next, chores: evolveChores(next.chores, event) };
  }
}

function evolveCopy(copy: VendorCopy, event: OverwriteEvent): VendorCopy {
  if (copy.progress.state !== 'pending') return copy;
  const { seq } = copy.progress.task;
  switch (event.type) {
    case 'OverwriteDelayed':
      return { ...copy, progress: { state: 'pending', task: { kind: 'waiting', seq, until: event.until } } };
    case 'OverwriteRetried': {
      const task = { kind: 'running', seq: seq + 1, until: event.at + OVERWRITE_TIMEOUT_MS } as const;
      return { ...copy, progress: { state: 'pending', task } };
    }
    case 'OverwriteSettled': {
      const { state, at, code } = event;
      return { ...copy, progress: { state, at, ...(code !== undefined && { code }) } };
    }
  }
}
