// Owns the one-line summary that agents see beside the conversation (seed 000 §4, `agentContextSummary`): what is known is said,
// what is not known is left out.

import type { Instant } from '../ids.ts';
import type { Channel } from './conversation.ts';
import type { InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import { paragraph, sentence } from './sentence.ts';

/** The call that the customer was sent to another channel from. */
export type Deflected = { readonly conversation: string; readonly at: Instant };

type Told = {
  readonly channel: Channel;
  readonly context: InteractionContext;
  readonly manifest?: Manifest | undefined;
  /** What is being done with the customer, and by whom. */
  readonly how?: string | undefined;
  readonly deflected?: Deflected | undefined;
  /** Something was masked or withheld: said early, since a vendor's limit cuts the end. */
  readonly masked?: boolean;
};

/** The summary in the guide's words: how the customer came, then their matter. The context is believed before the bot's manifest. */
export function agentContextSummary({
  channel,
  context,
  manifest = {},
  how = 'Escalated by bot',
  deflected,
  masked = false,
}: Told): string {
  return paragraph([
    `${how} from ${channel}${deflected ? `; ${deflectionOf(deflected)}` : ''}.`,
    masked ? 'Some data is masked.' : '',
    ...matterOf(context, manifest),
  ]);
}

/** The summary of a call whose customer goes on elsewhere. */
export function deflectionSummary(deflected: Deflected, context: InteractionContext): string {
  return paragraph([`Customer ${deflectionOf(deflected)}.`, ...matterOf(context, {})]);
}

/** The hour as the guide gives it; a link stands for a day at most. */
function deflectionOf({ conversation, at }: Deflected): string {
  return `deflected from voice (call ${conversation}) at ${new Date(at).toISOString().slice(11, 16)} UTC`;
}

function matterOf(context: InteractionContext, manifest: Manifest): readonly string[] {
  return [
    sentence('Intent', context.intent ?? openIntent(manifest)),
    sentence('Auth', context.authenticationStatus),
    sentence('Account', context.accountNumber ?? accountSlot(manifest)),
    sentence('Sentiment', context.sentiment ?? manifest.sentiment_trend),
    sentence('Trigger', manifest.trigger),
    sentence('Recommended queue', manifest.recommended_queue),
    sentence('Previous queue', context.previousQueue),
  ];
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
