// Owns how a handoff reads over HTTP: from the machine's state to the documented shape.

import { z } from '@hono/zod-openapi';
import type { HandoffId, Instant } from '../ids.ts';
import { round } from '../journal/clear-columns.ts';
import { findHandoff, type Interaction } from '../protocols/interaction.ts';
import { type Handoff, isSettled, phaseOf, queueOf as queueOfMove } from '../protocols/move.ts';
import { callbackFields, callbackView } from './offer-view.ts';
import { rfc3339, time } from './rfc3339.ts';
import { transferFields, transferView } from './transfer-view.ts';

export const lossEntry = z
  .object({
    field: z.string(),
    limit: z.string(),
    carriedBy: z.enum(['reference', 'masked', 'withheld']),
  })
  .openapi('Loss', { description: 'One field that did not travel as it was, what kept it out, and where it is now.' });

const KINDS = ['escalation', 'transfer', 'deflection', 'callback'] as const satisfies readonly Handoff['kind'][];

export const handoffView = z
  .object({
    id: z.string().openapi({ description: '`{interactionId}.{n}`' }),
    interactionId: z.string(),
    n: z.number().int(),
    kind: z.enum(KINDS),
    phase: z.enum(['preparing', 'offered', 'committing', 'confirming', 'compensating', 'settled']),
    outcome: z
      .enum(['completed', 'declined', 'expired', 'refused', 'cancelled', 'superseded', 'compensated', 'dead_lettered'])
      .nullable(),
    reason: z.string().nullable().openapi({ description: 'A stable code; see the page of errors.' }),
    detail: z.string().nullable(),
    queue: z
      .object({
        id: z.string().nullable().openapi({ description: 'Null until the platform has resolved the name.' }),
        name: z.string(),
        division: z.object({ id: z.string(), name: z.string() }).optional(),
        because: z
          .string()
          .openapi({ description: '`requested`, `rule:{name}`, `recommended-by-bot`, `quota-spent` or `default`' }),
      })
      .nullable()
      .openapi({ description: 'Null where the handoff is for an agent, and of a deflection.' }),
    ...transferView,
    ...callbackView,
    commitBy: z.enum(['us', 'flow', 'first-message']),
    resumeBot: z.boolean(),
    leg: z.object({ platform: z.string(), externalId: z.string(), channel: z.string() }),
    attempts: z.number().int(),
    loss: z.array(lossEntry),
    manifestRef: z.string().nullable(),
    briefing: z.string(),
    summary: z.string(),
    contextCompleteness: z.number().nullable().optional().openapi({
      description:
        'How much of the manifest the agent was shown, 0 to 1; null before a receipt. Where a handoff or interaction is read.',
    }),
    receipt: z
      .object({ renderedFields: z.array(z.string()), renderedAt: time })
      .nullable()
      .optional()
      .openapi({ description: 'Beside it, for those with the scope `manifests`.' }),
    timing: z.object({ totalMs: z.number(), vendorMs: z.number(), ownMs: z.number() }),
    timeline: z.array(z.object({ at: time, event: z.string() })),
    requestedAt: time,
    settledAt: time.nullable(),
  })
  .openapi('Handoff');

export type HandoffView = z.infer<typeof handoffView>;

/** `now` ends the clock of a handoff that is under way. */
export function viewOfHandoff(handoff: Handoff, interaction: Interaction, now: Instant): HandoffView {
  const settled = isSettled(handoff) ? handoff : null;
  const { id, n, kind, commitBy, resumeBot, leg, attempts, loss, briefing, summary, timeline, requestedAt } = handoff;
  return {
    id,
    interactionId: interaction.id,
    n,
    kind,
    phase: phaseOf(handoff),
    outcome: settled?.outcome ?? null,
    reason: settled?.reason ?? null,
    detail: settled?.detail ?? null,
    queue: queueOf(handoff),
    ...transferFields(handoff),
    ...callbackFields(handoff),
    commitBy,
    resumeBot,
    leg,
    attempts,
    loss: [...loss],
    manifestRef: handoff.manifestRef ?? null,
    briefing,
    summary,
    timing: timingOf(handoff, now),
    timeline: timeline.map(({ at, event }) => ({ at: rfc3339(at), event })),
    requestedAt: rfc3339(requestedAt),
    settledAt: settled ? rfc3339(settled.settledAt) : null,
  };
}

/** The queue as the platform knows it, when it has said so. */
export function resolvedQueue(handoff: Handoff) {
  return isSettled(handoff) ? handoff.queue : queueOfMove(handoff);
}

function queueOf(handoff: Handoff): HandoffView['queue'] {
  const { name, because } = handoff.wish;
  const queue = resolvedQueue(handoff);
  if (queue) return { ...queue, because };
  if (handoff.kind === 'deflection' || (handoff.kind === 'transfer' && handoff.terms.target.kind === 'agent'))
    return null;
  return { id: null, name, because };
}

function timingOf(handoff: Handoff, now: Instant): HandoffView['timing'] {
  const until = isSettled(handoff) ? handoff.settledAt : now;
  const totalMs = Math.max(0, until - handoff.requestedAt);
  const vendorMs = Math.min(handoff.vendorMs, totalMs);
  return { totalMs: round(totalMs), vendorMs: round(vendorMs), ownMs: round(totalMs - vendorMs) };
}

/** The open handoff, else the offer that stands, else the one that settled last. */
export function newestHandoff({ move, offers, settled }: Interaction): Handoff | undefined {
  return move ?? offers.at(-1) ?? settled.at(-1);
}

/** By number (`1`) or full id (`{interactionId}.1`). */
export function handoffNamed(interaction: Interaction, name: string): Handoff | undefined {
  const id = /^[1-9]\d{0,8}$/.test(name) ? `${interaction.id}.${name}` : name;
  return findHandoff(interaction, id as HandoffId);
}
