// Owns what passes between a conversation and the bot that holds it (types only): what the bot is told, and what it answers. Bots of
// every make speak these words (seed 001: `redirect`, `SetExternalSessionAttributes`).

import type { Customer, InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';

/** What the bot keeps between two turns, in its own words: JSON, handed back as it was given. Null before its first turn. */
export type BotMemory = Readonly<Record<string, unknown>>;

/**
 * What the bot is told. Events: `opened` (the customer has come), `resumed` (a person has ended the talk and it is the bot's again),
 * `redirect-failed` (nobody could be reached; `reason` says why), or one that the caller names.
 */
export type BotPrompt =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'event'; readonly name: string; readonly reason?: string };

export type BotAction =
  /**
   * To a person. Without a queue the rules choose. `resume`: the bot goes on once they have ended the talk. `manifest`: what it tells whoever
   * comes (seed 004 §1); what it leaves out is added as far as the talk itself shows it.
   */
  | {
      readonly kind: 'redirect';
      readonly queue?: string;
      readonly resume: boolean;
      readonly manifest?: Manifest;
    }
  /** For whoever comes next, and for the platform (seed 001 §4). */
  | { readonly kind: 'attributes'; readonly attributes: Readonly<Record<string, string>> }
  /** The matter is done. */
  | { readonly kind: 'end' };

export type BotReply = {
  readonly messages: readonly string[];
  /** In order; what follows a redirect or an end is not acted on. */
  readonly actions: readonly BotAction[];
  readonly memory: BotMemory | null;
};

/** One turn, whole: a bot needs to know no more than this. */
export type BotTurnAsked = {
  /** `{interaction}-voice` or `{interaction}-digital`: one bot knows both as one customer's (seed 000, edge case 2). */
  readonly session: string;
  /** The same turn asked again carries the same id, and is to have the same effect once. */
  readonly turnId: string;
  readonly prompt: BotPrompt;
  readonly memory: BotMemory | null;
  /** What the bot of the other channel remembered, for the first turn on this one. */
  readonly prior?: { readonly session: string; readonly memory: BotMemory };
  readonly customer: Pick<Customer, 'name' | 'segment' | 'customerId'>;
  readonly context: InteractionContext;
};
