// Owns the beginning of an interaction: one per conversation however many ask at once, and what its platform told before anybody
// knew the conversation is part of the same append.

import type { InteractionId } from '../ids.ts';
import type { Parked } from '../journal/journal.ts';
import type { Reply } from '../journal/mailbox.ts';
import type { MessageKey } from '../journal/store.ts';
import type { Input, OpenInteraction } from '../protocols/input.ts';
import type { Leg } from '../protocols/move.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { durable, type Standing, standing, taken } from './taking.ts';

/** Anchored here rather than on a contact center. */
const OURS = 'throughline';

export type Opening = Omit<OpenInteraction, 'kind' | 'id' | 'retention'>;
export type Opened = { readonly kind: 'created' | 'known' } & Standing;

/** `unknown-platform` unless the platform is configured or ours. */
export function requirePlatform({ platforms }: ServerParts, name: string): void {
  const names = [...platforms.map((platform) => platform.name as string), OURS];
  if (!names.includes(name)) throw new Problem('unknown-platform', { platforms: names });
}

/** The interaction of `opening.leg`: a new one, or the one that has it. Repeatable. */
export async function openInteraction(parts: ServerParts, opening: Opening, actor: string): Promise<Opened> {
  const { journal, runner } = parts;
  const owner = await journal.ownerOf(opening.leg);
  if (owner) return { kind: 'known', ...(await standing(runner, owner)) };
  const id = parts.newId() as InteractionId;
  const told = toldBefore(await journal.parkedFor(opening.leg));
  const opens = { input: { kind: 'open-interaction', actor, id, retention: parts.retention, ...opening } } as const;
  const reply = await durable(firstOf(runner.submitAll(id, [opens, ...told])));
  // Somebody else was first: the conversation is theirs, and so is the answer.
  if (reply.kind === 'leg-taken') return { kind: 'known', ...(await standing(runner, reply.interactionId)) };
  return { kind: 'created', ...(await taken(Promise.resolve(reply))) };
}

/** Parked events as inputs that belong in the append that makes their leg known. */
export function toldBefore(
  parked: readonly Parked[],
): readonly { readonly input: Input; readonly message: MessageKey }[] {
  return parked.map(({ event, message }) => ({
    input: { kind: 'conversation-event', actor: `platform:${event.platform}`, event },
    message,
  }));
}

/** The first reply; the others are of events, whose senders were answered long ago. One that fails is kept, and swept up later. */
export async function firstOf(replies: readonly Promise<Reply>[]): Promise<Reply> {
  const [first] = await Promise.allSettled(replies);
  if (!first) throw new Error('Nothing was submitted.');
  if (first.status === 'rejected') throw first.reason;
  return first.value;
}

/** A request's words for a conversation, as the leg they name. */
export function brandedLeg({
  platform,
  externalId,
  channel,
}: {
  platform: string;
  externalId: string;
  channel: Leg['channel'];
}): Leg {
  return { platform: platform as Leg['platform'], externalId: externalId as Leg['externalId'], channel };
}
