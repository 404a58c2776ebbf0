// Owns the briefing: the manifest as the agent reads it (seed 004 §1, `agent_briefing`), the bot's own or written from what it said.

import type { InteractionContext } from './interaction-context.ts';
import type { DetectedIntent, Manifest } from './manifest.ts';
import { nameWords } from './name-words.ts';
import { paragraph, sentence } from './sentence.ts';

/**
 * The bot's own briefing verbatim; else one line written from the fields, what matters most first, since a vendor's limit cuts
 * the end. The context fills in what the manifest does not say. Empty when nothing is known.
 */
export function briefingOf(manifest: Manifest, context: InteractionContext = {}): string {
  const own = manifest.agent_briefing;
  if (own !== undefined && own.trim() !== '') return own;
  const { trigger, trigger_utterance: lastWords, bot_confidence_at_exit: confidence } = manifest;
  const { slots_collected: slots, session_duration_seconds: seconds } = manifest;
  return paragraph([
    sentence('Trigger', trigger && readable(trigger)),
    sentence('Intent', intentsOf(manifest.intents_detected) ?? (context.intent && readable(context.intent))),
    sentence('Sentiment', readable(manifest.sentiment_trend ?? context.sentiment ?? '')),
    sentence('Auth', context.authenticationStatus),
    sentence('Account', context.accountNumber),
    sentence('Collected', slots && slotsOf(slots)),
    sentence('Last words', lastWords && `"${lastWords}"`),
    sentence('Bot confidence at exit', confidence?.toString()),
    sentence('Bot session', seconds === undefined ? undefined : durationOf(seconds)),
  ]);
}

/** `DisputeCharge` as `Dispute charge`; a name of signs only as it is. */
function readable(name: string): string {
  const words = nameWords(name).join(' ');
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}

function intentsOf(intents: readonly DetectedIntent[] | undefined): string | undefined {
  if (intents === undefined || intents.length === 0) return undefined;
  return intents
    .map(({ intent, resolved }) =>
      resolved === undefined ? readable(intent) : `${readable(intent)} (${resolved ? 'resolved' : 'unresolved'})`,
    )
    .join(', ');
}

function slotsOf(slots: Readonly<Record<string, unknown>>): string {
  return Object.entries(slots)
    .map(([name, value]) => [readable(name), slotText(value)] as const)
    .filter(([, text]) => text.trim() !== '')
    .map(([name, text]) => `${name} ${text}`)
    .join(', ');
}

/** Empty where the bot asked for the slot and got nothing. */
function slotText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const json = JSON.stringify(value ?? '');
  return ['""', '[]', '{}'].includes(json) ? '' : json;
}

/** As the guide's card writes it (seed 004 §3): `3m 7s`. */
function durationOf(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${unit}`);
  return shown.join(' ') || '0s';
}
