// Owns the contract between us and a bot (types only): one turn in, what it says and does out. A bot never throws for what it, or what it
// asks, does: it returns an Outcome. `test/contract/bot.ts` exports the suite that every bot passes.

import type { BotReply, BotTurnAsked } from '../context/bot-reply.ts';
import type { Failure, Outcome } from '../outcome.ts';

/** What a caller gives with each turn. `mayStart` is asked again just before anything is written to a wire (fencing). */
export type BotCall = { readonly signal: AbortSignal; readonly mayStart: () => boolean };

export interface Bot {
  readonly name: string;

  /**
   * What the bot says to the prompt, and what it wants done. Fenced by `turnId`: the same turn asked again has the same effect once, so
   * it may simply be repeated. Rejected with `unexpected-answer` when the bot itself is broken.
   */
  turn(asked: BotTurnAsked, call: BotCall): Promise<Outcome<BotReply>>;

  /** The same where the bot need ask nobody else, so that nothing happens by it; null where it must, or is broken. Absent where it always must. */
  foresee?(asked: BotTurnAsked): Promise<{ readonly kind: 'done'; readonly value: BotReply } | null>;
}

export type BotRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type BotAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  /** Undefined when it broke off, took too long or was larger than the bound. */
  readonly body: string | undefined;
};

/** Sends one request, never twice and never along a redirect: as channels and platforms are given it. Never throws for what the far side does. */
export type SendBotRequest = (request: BotRequest, call: BotCall) => Promise<BotAnswer | Failure>;
