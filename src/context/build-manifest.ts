// Owns the making of a manifest from a recorded bot session (seed 004 §1). What the bot did not say stays absent.

import type { BotSession, BotTurn } from './bot-session.ts';
import { briefingOf } from './briefing.ts';
import type { DetectedIntent, Manifest } from './manifest.ts';
import { sentimentTrend } from './sentiment-trend.ts';

/**
 * The manifest of the session, fields in the seed's order. The trigger utterance is the customer's last one unless given; the
 * exit confidence is the last that was given; the duration needs two times; slots of later turns win; the briefing is the
 * bot's own, else written from the other fields.
 */
export function manifestOf(session: BotSession): Manifest {
  const { turns } = session;
  const ofCustomer = turns.filter(({ speaker }) => speaker === 'customer');
  const told = given({
    trigger: session.trigger,
    trigger_utterance: session.triggerUtterance ?? ofCustomer.at(-1)?.text,
    bot_confidence_at_exit: exitConfidence(turns),
    session_duration_seconds: durationSeconds(session),
    intents_detected: intentsOf(turns),
    slots_collected: slotsOf(turns),
    sentiment_trend: sentimentTrend(
      ofCustomer.flatMap(({ sentiment }) => (sentiment === undefined ? [] : [sentiment])),
    ),
    recommended_queue: session.recommendedQueue,
  });
  const briefing = session.briefing ?? briefingOf(told);
  return briefing === '' ? told : { ...told, agent_briefing: briefing };
}

/** The turn's own confidence, else that of the intent it was surest of. */
function exitConfidence(turns: readonly BotTurn[]): number | undefined {
  return turns
    .map(({ confidence, intents = [] }) => {
      const ofIntents = intents.flatMap((one) => (one.confidence === undefined ? [] : [one.confidence]));
      return confidence ?? (ofIntents.length > 0 ? Math.max(...ofIntents) : undefined);
    })
    .findLast((confidence) => confidence !== undefined);
}

/** From the first time known to the last one; two clocks that contradict each other tell nothing. */
function durationSeconds({ startedAt, turns, endedAt }: BotSession): number | undefined {
  const times = [startedAt, ...turns.map(({ at }) => at), endedAt].flatMap((at) =>
    at === undefined ? [] : [Date.parse(at)],
  );
  const [first, last] = [times.at(0), times.at(-1)];
  if (times.length < 2 || first === undefined || last === undefined || last < first) return undefined;
  return Math.round((last - first) / 1000);
}

/** In the order of first detection: the highest confidence seen, and of everything else the last that was said. */
function intentsOf(turns: readonly BotTurn[]): DetectedIntent[] | undefined {
  const byName = new Map<string, DetectedIntent>();
  for (const one of turns.flatMap(({ intents = [] }) => intents)) {
    const known = byName.get(one.intent);
    const confidence = Math.max(known?.confidence ?? -1, one.confidence ?? -1);
    byName.set(one.intent, { ...known, ...given(one), ...(confidence >= 0 && { confidence }) });
  }
  return byName.size > 0 ? [...byName.values()] : undefined;
}

function slotsOf(turns: readonly BotTurn[]): Record<string, unknown> | undefined {
  const slots = new Map(turns.flatMap((turn) => Object.entries(turn.slots ?? {})));
  return slots.size > 0 ? Object.fromEntries(slots) : undefined;
}

/** The fields that have a value. */
function given<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
