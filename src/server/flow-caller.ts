// Owns what every flat call says of the conversation it comes from, and the interaction that follows from it.

import { z } from '@hono/zod-openapi';
import { CHANNELS } from '../context/conversation.ts';
import type { InteractionContext } from '../context/interaction-context.ts';
import { phoneIn } from './ani.ts';
import { brandedLeg, type Opened, openInteraction, requirePlatform } from './opening.ts';
import type { ServerParts } from './parts.ts';

/** Strings only; a flow that does not know a value leaves it out or empty. */
export const flowCaller = {
  platform: z.string().min(1).openapi({ example: 'genesys_cloud' }),
  conversationId: z.string().min(1).max(256),
  channel: z.enum(CHANNELS).or(z.literal('')).optional().openapi({ description: '`voice` when it is not said.' }),
  ani: z.string().optional().openapi({ description: 'As the platform has it; used when it is a phone number.' }),
  intent: z.string().optional(),
  authenticationStatus: z.string().optional(),
  accountId: z.string().optional(),
};
const caller = z.object(flowCaller);
export type FlowCaller = z.infer<typeof caller>;

/** The interaction of the caller's conversation, made when it is new. */
export async function openForFlow(parts: ServerParts, from: FlowCaller, actor: string): Promise<Opened> {
  requirePlatform(parts, from.platform);
  const channel = from.channel || 'voice';
  const phone = from.ani ? phoneIn(from.ani) : undefined;
  const opening = {
    channel,
    direction: 'inbound' as const,
    customer: phone === undefined ? {} : { phone },
    context: toldContext(from),
    leg: brandedLeg({ platform: from.platform, externalId: from.conversationId, channel }),
  };
  return await openInteraction(parts, opening, actor);
}

/** What the call says of the matter; empty values say nothing. */
export function toldContext({ intent, authenticationStatus, accountId }: FlowCaller): InteractionContext {
  return {
    ...(intent && { intent }),
    ...(authenticationStatus && { authenticationStatus }),
    ...(accountId && { accountNumber: accountId }),
  };
}
