// Owns a bot's session as the bot recorded it: what it understood, turn by turn, and no more than it said.

import { z } from 'zod';
import { detectedIntent } from './manifest.ts';

const time = z.iso.datetime({ offset: true });

/** -1 (very negative) to 1 (very positive), or the plain word. */
const sentiment = z.union([z.number().min(-1).max(1), z.enum(['negative', 'neutral', 'positive'])]);

export const botTurn = z.strictObject({
  speaker: z.enum(['customer', 'bot']),
  text: z.string(),
  /** RFC 3339. */
  at: time.optional(),
  /** How sure the bot was of this turn as a whole, where it says so apart from its intents. */
  confidence: z.number().min(0).max(1).optional(),
  intents: z.array(detectedIntent).optional(),
  slots: z.record(z.string(), z.unknown()).optional(),
  /** The customer's mood; read on the customer's turns only. */
  sentiment: sentiment.optional(),
});
export type BotTurn = z.infer<typeof botTurn>;

export const botSession = z.strictObject({
  /** Oldest first. */
  turns: z.array(botTurn),
  startedAt: time.optional(),
  endedAt: time.optional(),
  trigger: z.string().optional(),
  triggerUtterance: z.string().optional(),
  briefing: z.string().optional(),
  recommendedQueue: z.string().optional(),
});
export type BotSession = z.infer<typeof botSession>;
