// Owns how a platform's event gets in, whichever way it came: to the interaction that has its leg, or kept until somebody does.

import type { Clock } from '../clock.ts';
import type { ConversationEvent } from '../context/conversation.ts';
import type { Journal } from './journal.ts';
import type { Reply } from './mailbox.ts';
import type { Runner } from './runner.ts';

/** How long an event waits for its conversation to become known. */
const PARKED_FOR_MS = 15 * 60_000;

/** Resolves when the event is durable, or changes nothing; rejects when the journal cannot be written. */
export async function takeIn(
  event: ConversationEvent,
  { journal, runner, clock }: { readonly journal: Journal; readonly runner: Runner; readonly clock: Clock },
): Promise<Reply | { readonly kind: 'parked' }> {
  const { platform, messageId } = event;
  const parked = () => journal.park(event, platform, clock.now() + PARKED_FOR_MS);
  const owner = (await journal.ownerOf(event)) ?? (await parked());
  if (!owner) return { kind: 'parked' };
  const input = { kind: 'conversation-event', actor: `platform:${platform}`, event } as const;
  return runner.submit(owner, input, { message: { sender: platform, messageId } });
}
