// Owns how a platform's event gets in, whichever way it came: to the interaction that has its leg, or kept until somebody does.

import type { Clock } from '../clock.ts';
import type { ConversationEvent } from '../context/conversation.ts';
import type { Journal } from './journal.ts';
import type { Reply } from './mailbox.ts';
import type { Runner } from './runner.ts';

/** How long an event waits for its conversation to become known. */
const PARKED_FOR_MS = 15 * 60_000;

/** A conversation may move on while an event of it is on its way; one that moves on more often than this is asked for again. */
const MOST_TURNS = 5;

/**
 * Resolves when the event is durable, or changes nothing; rejects when the journal cannot be written. `not-held`: the conversation
 * keeps changing hands, and nothing was taken.
 */
export async function takeIn(
  event: ConversationEvent,
  {
    journal,
    runner,
    clock,
  }: { readonly journal: Pick<Journal, 'ownerOf' | 'park'>; readonly runner: Runner; readonly clock: Clock },
): Promise<Reply | { readonly kind: 'parked' }> {
  const { platform, messageId } = event;
  const parked = () => journal.park(event, platform, clock.now() + PARKED_FOR_MS);
  const input = { kind: 'conversation-event', actor: `platform:${platform}`, event } as const;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const owner = (await journal.ownerOf(event)) ?? (await parked());
    if (!owner) return { kind: 'parked' };
    const reply = await runner.submit(owner, input, { message: { sender: platform, messageId } });
    if (reply.kind !== 'not-held') return reply;
  }
  return { kind: 'not-held' };
}
