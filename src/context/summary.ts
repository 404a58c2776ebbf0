// Owns the one-line summary that agents see beside the conversation (seed 000 §4, `agentContextSummary`): what is known is said,
// what is not known is left out.

import type { Channel } from './conversation.ts';
import type { InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import { paragraph, sentence } from './sentence.ts';

/** The summary of an escalation in the guide's words. The context is believed before the bot's manifest. */
export function agentContextSummary({
  channel,
  context,
  manifest = {},
}: {
  readonly channel: Channel;
  readonly context: InteractionContext;
  readonly manifest?: Manifest;
}): string {
  return paragraph([
    `Escalated by bot from ${channel}.`,
    sentence('Intent', context.intent ?? openIntent(manifest)),
    sentence('Auth', context.authenticationStatus),
    sentence('Account', context.accountNumber ?? accountSlot(manifest)),
    sentence('Sentiment', context.sentiment ?? manifest.sentiment_trend),
    sentence('Trigger', manifest.trigger),
    sentence('Recommended queue', manifest.recommended_queue),
    sentence('Previous queue', context.previousQueue),
  ]);
}

/** Of the intents that are not resolved, the one the bot was surest of; the earlier one when it was as sure of two. */
function openIntent({ intents_detected: intents = [] }: Manifest): string | undefined {
  const open = intents.filter(({ resolved }) => resolved !== true);
  return open.toSorted((one, other) => (other.confidence ?? 0) - (one.confidence ?? 0)).at(0)?.intent;
}

/** The slot that seed 004 §1 collects the account in. */
function accountSlot({ slots_collected: slots }: Manifest): string | undefined {
  const account = slots?.account_number;
  return typeof account === 'string' ? account : undefined;
}
