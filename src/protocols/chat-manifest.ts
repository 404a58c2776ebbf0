// Owns what whoever takes over from the bot in a conversation of ours is told (seed 004 §1): the bot's own manifest, with what the talk itself
// shows added to it, masked as the interaction's flags ask. Keeps H4: what was masked is named.

import type { Manifest } from '../context/manifest.ts';
import { mask } from '../context/masking.ts';
import type { Instant } from '../ids.ts';
import type { Chat, Undelivered, Wanted } from './chat.ts';
import type { Interaction } from './interaction.ts';

export type Leaving = {
  /** Seed 004's words: why the bot leaves. */
  readonly trigger: 'BotRedirected' | 'BotUnavailable';
  /** The customer's message that it left at. */
  readonly head?: Undelivered | undefined;
  /** What it says itself; believed before what follows from the talk. */
  readonly own?: Manifest | undefined;
  readonly queue?: string | undefined;
  readonly now: Instant;
};

/** The manifest of a wish for a person, and what was masked in it. */
export function manifestIn(
  { context }: Pick<Interaction, 'context'>,
  { since }: Pick<Chat, 'since'>,
  { trigger, head, own, queue, now }: Leaving,
): Pick<Wanted, 'manifest' | 'masked'> {
  const words = head?.prompt.kind === 'text' ? head.prompt.text.trim() : '';
  const told: Manifest = {
    trigger,
    ...(words !== '' && { trigger_utterance: words }),
    ...(since !== undefined && { session_duration_seconds: Math.max(0, Math.round((now - since) / 1_000)) }),
    ...(queue !== undefined && { recommended_queue: queue }),
    ...own,
  };
  const { value, loss } = mask({ manifest: told }, context.complianceFlags ?? []);
  return { manifest: value.manifest, ...(loss.length > 0 && { masked: loss }) };
}
