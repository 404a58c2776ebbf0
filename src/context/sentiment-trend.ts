// Owns the word for how a customer's mood moved (seed 004 §1, `sentiment_trend`).

import type { BotTurn } from './bot-session.ts';

export type SentimentTrend = 'NEGATIVE_ESCALATING' | 'NEGATIVE_IMPROVING' | 'NEGATIVE' | 'NEUTRAL' | 'POSITIVE';

/** A score within this of zero is neutral. */
const NEUTRAL_BAND = 0.25;
const SCORES = { negative: -1, neutral: 0, positive: 1 } as const;

/**
 * The trend of the moods given, oldest first, or undefined when none was. Where the customer ended decides: POSITIVE, NEUTRAL
 * or negative; a negative end is ESCALATING when it is lower than the start, IMPROVING when higher, else plain NEGATIVE.
 */
export function sentimentTrend(moods: readonly NonNullable<BotTurn['sentiment']>[]): SentimentTrend | undefined {
  const scores = moods.map((mood) => (typeof mood === 'number' ? mood : SCORES[mood]));
  const first = scores.at(0);
  const last = scores.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (last > NEUTRAL_BAND) return 'POSITIVE';
  if (last >= -NEUTRAL_BAND) return 'NEUTRAL';
  if (last < first) return 'NEGATIVE_ESCALATING';
  return last > first ? 'NEGATIVE_IMPROVING' : 'NEGATIVE';
}
