// Owns who has the caller where a quota is spent: a transfer is over at once then, and of a bot that wanted them gone a person at the
// source takes them over, by an escalation of ours. Keeps H1 (the transfer has settled before) and H4 (the same reference goes along).

import { pack } from '../context/packing.ts';
import type { HandoffId, Instant } from '../ids.ts';
import type { EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import { type Interaction, isErased, nextNumber, type State, underWay } from './interaction.ts';
import { isSameLeg, type SettledHandoff, type TransferMove } from './move.ts';

type Settled = Extract<EventBody, { type: 'HandoffSettled' }>;

/** Why a queue was chosen, as the API tells it. */
const BECAUSE = 'quota-spent';

/** What follows from a transfer that ended since a quota was spent, where a bot has the caller still. */
export function toAPerson(state: Interaction, bodies: readonly EventBody[], now: Instant): readonly EventBody[] {
  const { move } = state;
  // A flow is told its fallback queue, and a dead letter's retry is a person's own.
  if (move?.kind !== 'transfer' || move.commitBy === 'flow' || move.retries !== undefined || state.erasing) return [];
  const { sourceLimits } = move.terms;
  if (sourceLimits === undefined || !bodies.some((body) => isSpent(body, move))) return [];
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at: now, actor: '' }), state);
  if (!after || isErased(after) || after.endedAt !== undefined || underWay(after)) return [];
  const isThere = after.legs.some((leg) => leg.state === 'live' && isSameLeg(leg, move.leg));
  return isThere && after.holder.kind === 'bot' ? [escalationOf(after, move, sourceLimits, now)] : [];
}

/** Nobody has moved: the quota was spent before the source was told, or when it was to be. */
function isSpent(body: EventBody, { id }: TransferMove): body is Settled {
  if (body.type !== 'HandoffSettled' || body.handoffId !== id || body.detail !== 'rate-limited') return false;
  return body.outcome === 'refused' || body.outcome === 'compensated';
}

function escalationOf(
  state: Interaction,
  { leg, terms, limits, manifestRef, briefing, summary, loss, requestedAt }: TransferMove,
  sourceLimits: NonNullable<TransferMove['terms']['sourceLimits']>,
  now: Instant,
): EventBody {
  const packed = pack({
    interactionId: state.id,
    channel: leg.channel,
    customer: state.customer,
    context: state.context,
    told: { briefing, summary },
    limits: sourceLimits,
    ...(terms.packing?.manifest && { manifest: terms.packing.manifest }),
    ...(manifestRef !== undefined && { ref: manifestRef }),
  });
  const n = nextNumber(state);
  return {
    type: 'EscalationRequested',
    attributes: packed.attributes,
    handoff: {
      id: `${state.id}.${n}` as HandoffId,
      n,
      kind: 'escalation',
      commitBy: 'us',
      resumeBot: false,
      leg,
      wish: { name: terms.fallback.source, because: BECAUSE },
      requestedAt: now,
      ...(manifestRef !== undefined && { manifestRef }),
      briefing,
      summary,
      loss: [...packed.loss, ...protectedIn(loss)],
      limits: { ...limits, settleBy: now + (limits.settleBy - requestedAt) - terms.consultMs },
    },
  };
}

/** What was masked or withheld of the manifest is so behind the reference, too. */
function protectedIn(loss: SettledHandoff['loss']): SettledHandoff['loss'] {
  return loss.filter(({ carriedBy }) => carriedBy !== 'reference');
}
