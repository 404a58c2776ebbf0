// Owns how an interaction reads over HTTP: whole for those who ask for it by id, and without anything personal in lists.

import { z } from '@hono/zod-openapi';
import { CHANNELS } from '../context/conversation.ts';
import { customer, interactionContext } from '../context/interaction-context.ts';
import type { Instant, InteractionId } from '../ids.ts';
import type { InteractionSummary } from '../journal/store.ts';
import type { ErasedInteraction } from '../protocols/erased-interaction.ts';
import { handoffView, lossEntry, newestHandoff, viewOfHandoff } from './handoff-view.ts';
import { rfc3339, time } from './rfc3339.ts';
import type { Standing } from './taking.ts';

export const HOLDERS = ['bot', 'queue', 'agent', 'none'] as const;
export const PHASES = ['preparing', 'offered', 'committing', 'confirming', 'compensating', 'settled'] as const;

export const interactionView = z
  .object({
    id: z.string().openapi({ description: 'Ours (UUID v7), never a vendor’s.' }),
    version: z.number().int(),
    channel: z.enum(CHANNELS),
    direction: z.enum(['inbound', 'outbound']),
    customer,
    context: interactionContext,
    loss: z.array(lossEntry).openapi({ description: 'What was masked on the way in.' }),
    legs: z.array(
      z.object({
        platform: z.string(),
        externalId: z.string(),
        channel: z.enum(CHANNELS),
        state: z.enum(['live', 'ended']),
      }),
    ),
    holder: z.object({
      kind: z.enum(HOLDERS),
      epoch: z.number().int(),
      queueId: z.string().optional(),
      agentId: z.string().optional(),
    }),
    handoff: handoffView.nullable().openapi({ description: 'The open handoff, else the one that settled last.' }),
    wrapup: z.object({ code: z.string(), notes: z.string().optional() }).nullable(),
    survey: z.object({ score: z.number(), comment: z.string().optional() }).nullable(),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .openapi('Interaction');

export type InteractionView = z.infer<typeof interactionView>;

export function viewOfInteraction({ state, version }: Standing, now: Instant): InteractionView {
  const handoff = newestHandoff(state);
  return {
    id: state.id,
    version,
    channel: state.channel,
    direction: state.direction,
    customer: state.customer,
    context: state.context,
    loss: [...state.masked],
    legs: state.legs.map(({ platform, externalId, channel, state: is }) => ({
      platform,
      externalId,
      channel,
      state: is,
    })),
    holder: state.holder,
    handoff: handoff ? viewOfHandoff(handoff, state, now) : null,
    wrapup: state.wrapup ?? null,
    survey: state.survey ?? null,
    createdAt: rfc3339(state.openedAt),
    endedAt: state.endedAt === undefined ? null : rfc3339(state.endedAt),
  };
}

export const erasedInteractionView = z
  .object({
    id: z.string(),
    version: z.number().int(),
    erased: z.literal(true),
    erasedAt: time,
    reason: z.enum(['request', 'retention']),
    channel: z.enum(CHANNELS),
    direction: z.enum(['inbound', 'outbound']),
    holder: interactionView.shape.holder,
    handoffs: z.number().int(),
    outcome: z.string().nullable().openapi({ description: 'Of the handoff that settled last.' }),
    createdAt: time,
    endedAt: time.openapi({ description: 'When it ended, or was erased before it had.' }),
  })
  .openapi('ErasedInteraction', { description: 'What is left of an interaction: nothing personal.' });

export function viewOfErased(
  { id, channel, direction, reason, holder, handoffs, outcome, erasedAt, openedAt, endedAt }: ErasedInteraction,
  version: number,
): z.infer<typeof erasedInteractionView> {
  const times = { erasedAt: rfc3339(erasedAt), createdAt: rfc3339(openedAt), endedAt: rfc3339(endedAt) };
  return { id, version, erased: true, reason, channel, direction, holder, handoffs, outcome, ...times };
}

export const interactionSummary = z
  .object({
    id: z.string(),
    version: z.number().int(),
    channel: z.string(),
    platform: z.string().nullable(),
    phase: z
      .string()
      .nullable()
      .openapi({ description: 'Of the open handoff, else of the one that settled last; null when there was none.' }),
    holder: z.string(),
    outcome: z.string().nullable().openapi({ description: 'Of the handoff that settled last.' }),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .openapi('InteractionSummary', { description: 'Without anything personal.' });

export function viewOfSummary(
  of: InteractionSummary & { readonly id: InteractionId; readonly version: number },
): z.infer<typeof interactionSummary> {
  const { id, version, channel, platform, phase, holder, outcome, openedAt, endedAt } = of;
  const times = { createdAt: rfc3339(openedAt), endedAt: endedAt === null ? null : rfc3339(endedAt) };
  return { id, version, channel, platform, phase, holder, outcome, ...times };
}
