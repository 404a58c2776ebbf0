// Owns an interaction's journey as an agent reads it: few steps, each a stable word, when and by whom. From clear columns only.

import type { Instant } from '../ids.ts';
import type { HistoryEntry } from '../journal/journal.ts';

/** Every word a step can have; `docs/card.md` lists them. */
export const JOURNEY_WORDS = [
  'contact-started',
  'conversation-added',
  'context-changed',
  'escalation-requested',
  'transfer-requested',
  'context-attached',
  'place-reserved',
  'transfer-accepted',
  'call-arrived',
  'consultation-begun',
  'put-back',
  'handoff-completed',
  'handoff-declined',
  'handoff-expired',
  'handoff-refused',
  'handoff-cancelled',
  'handoff-superseded',
  'handoff-compensated',
  'handoff-dead_lettered',
  'with-bot',
  'with-queue',
  'with-agent',
  'with-nobody',
  'wrapped-up',
  'contact-ended',
] as const;
type JourneyWord = (typeof JOURNEY_WORDS)[number];

/** Who did it, by kind; the journal has the names. */
export const JOURNEY_ACTORS = ['customer', 'bot', 'queue', 'agent', 'platform', 'throughline', 'operator'] as const;
type JourneyActor = (typeof JOURNEY_ACTORS)[number];

export type JourneyStep = { readonly at: Instant; readonly what: JourneyWord; readonly by: JourneyActor };

/** Oldest first. Events that say nothing to people are left out. */
export function journeyOf(
  history: readonly Pick<HistoryEntry, 'type' | 'at' | 'actor' | 'clear'>[],
): readonly JourneyStep[] {
  let legs = 0;
  return history.flatMap(({ type, at, actor, clear }) => {
    if (type === 'LegAttached') legs += 1;
    const columns: Clear = JSON.parse(clear);
    const what = type === 'LegAttached' && legs < 2 ? undefined : wordOf(type, columns);
    return what === undefined ? [] : [{ at, what, by: initiatorOf(columns, what) ?? ACTORS[what] ?? kindOf(actor) }];
  });
}

type Clear = Readonly<Record<string, unknown>>;

/** Who wanted a transfer is said in its request. */
function initiatorOf({ initiatedBy }: Clear, what: JourneyWord): JourneyActor | undefined {
  if (what !== 'transfer-requested') return undefined;
  return initiatedBy === 'agent' || initiatedBy === 'bot' ? initiatedBy : 'throughline';
}

const PLAIN: Readonly<Record<string, JourneyWord>> = {
  InteractionOpened: 'contact-started',
  LegAttached: 'conversation-added',
  ContextChanged: 'context-changed',
  EscalationRequested: 'escalation-requested',
  TransferRequested: 'transfer-requested',
  PlaceReserved: 'place-reserved',
  ReservationRedeemed: 'call-arrived',
  ConsultationBegun: 'consultation-begun',
  ReturnBegun: 'put-back',
  ContextAttached: 'context-attached',
  TransferAccepted: 'transfer-accepted',
  WrapupRecorded: 'wrapped-up',
  InteractionEnded: 'contact-ended',
};

/** Whose doing a step is, whoever told of it. */
const ACTORS: Partial<Readonly<Record<JourneyWord, JourneyActor>>> = {
  'contact-started': 'customer',
  'escalation-requested': 'bot',
  'call-arrived': 'platform',
  'consultation-begun': 'agent',
  'put-back': 'throughline',
  'with-bot': 'bot',
  'with-queue': 'queue',
  'with-agent': 'agent',
  'wrapped-up': 'agent',
};

function kindOf(actor: string): JourneyActor {
  if (actor.startsWith('api:')) return 'bot';
  if (actor.startsWith('console:')) return 'operator';
  return actor.startsWith('platform:') ? 'platform' : 'throughline';
}

const HOLDERS: Readonly<Record<string, JourneyWord>> = {
  bot: 'with-bot',
  queue: 'with-queue',
  agent: 'with-agent',
  none: 'with-nobody',
};

function wordOf(type: string, clear: Clear): JourneyWord | undefined {
  if (type === 'HolderChanged') return HOLDERS[String(clear.holder)];
  if (type === 'HandoffSettled') return JOURNEY_WORDS.find((word) => word === `handoff-${clear.outcome}`);
  return PLAIN[type];
}
