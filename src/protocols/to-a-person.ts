// Owns who has the caller where a quota is spent: a transfer is over at once then, and of a bot that wanted them gone a person at the
// source takes them over, by an escalation of ours. Keeps H1 (the transfer has settled before) and H4 (the same reference goes along).

import type { Instant } from '../ids.ts';
import { manifestNow } from './carrying.ts';
import type { Packing } from './crossing.ts';
import { requestEscalation } from './escalation.ts';
import type { EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import { type Interaction, isErased, type State } from './interaction.ts';
import { isSameLeg, type TransferMove } from './move.ts';
import { DEFAULT_QUEUE_RULES } from './queue-rules.ts';

type Settled = Extract<EventBody, { type: 'HandoffSettled' }>;

/** Why a queue was chosen, as the API tells it. */
const BECAUSE = 'quota-spent';

/** What follows from a transfer that ended since a quota was spent, where a bot has the caller still. */
export function toAPerson(state: Interaction, bodies: readonly EventBody[], now: Instant): readonly EventBody[] {
  const { move } = state;
  // A flow is told its fallback queue, and a dead letter's retry is a person's own.
  if (move?.kind !== 'transfer' || move.commitBy === 'flow' || move.retries !== undefined || state.erasing) return [];
  const { packing, sourceLimits } = move.terms;
  if (!packing || !sourceLimits || !bodies.some((body) => isSpent(body, move))) return [];
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at: now, actor: '' }), state);
  if (!after || isErased(after) || after.holder.kind !== 'bot') return [];
  const isThere = after.legs.some((leg) => leg.state === 'live' && isSameLeg(leg, move.leg));
  return isThere ? escalated(after, move, { ...packing, limits: sourceLimits }, now) : [];
}

/** Nobody has moved: the quota was spent before the source was told, or when it was to be. */
function isSpent(body: EventBody, { id }: TransferMove): body is Settled {
  if (body.type !== 'HandoffSettled' || body.handoffId !== id || body.detail !== 'rate-limited') return false;
  return body.outcome === 'refused' || body.outcome === 'compensated';
}

/** The request that the bot would make: what is known goes along as with any other, within the source's own limits. */
function escalated(
  state: Interaction,
  { leg, terms, limits, manifestRef, requestedAt }: TransferMove,
  packing: Packing,
  now: Instant,
): readonly EventBody[] {
  const { manifest, masked } = manifestNow(state, packing);
  const { settleMs, settleBy, agentHold: _, ...rest } = limits;
  const asked = {
    kind: 'request-escalation',
    actor: 'throughline',
    queue: terms.fallback.source,
    commitBy: 'us',
    resumeBot: false,
    masked,
    policy: {
      rules: DEFAULT_QUEUE_RULES,
      platforms: { [leg.platform]: { limits: packing.limits, settleMs } },
      settleWithinMs: settleBy - requestedAt - terms.consultMs,
      limits: rest,
    },
    ...(manifest && { manifest }),
    ...(manifestRef !== undefined && { manifestRef }),
  } as const;
  return requestEscalation(state, asked, now).map((body) =>
    body.type === 'EscalationRequested'
      ? { ...body, handoff: { ...body.handoff, wish: { ...body.handoff.wish, because: BECAUSE } } }
      : body,
  );
}
