// Owns which platform's card a call is about, also where its address does not say.

import { z } from '@hono/zod-openapi';
import type { PlatformName } from '../ids.ts';
import type { ServedCard, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';

export const conversationFields = {
  platform: z.string().max(64).optional().openapi({
    description: 'May be left out where one platform only has a card, or one only at which agents sign in.',
  }),
  conversationId: z.string().min(1).max(256),
};

/** One conversation, as a card's address names it. */
export type AskedCard = { readonly platform?: string | undefined; readonly conversationId: string };

type Found<Card> = { readonly name: PlatformName; readonly card: Card };

/**
 * The platform's card; unnamed, the only one there is, or the only one at which agents sign in: who comes by a reference has brought
 * the platform's name in it.
 */
export function cardOf(
  { platforms }: Pick<ServerParts, 'platforms'>,
  { platform }: Pick<AskedCard, 'platform'>,
): Found<ServedCard> {
  const all = platforms.flatMap(({ name, card }) => (card ? [{ name, card }] : []));
  const named = platform === undefined ? all : all.filter(({ name }) => name === platform);
  const found = named.length > 1 ? named.filter(({ card }) => card.kind === 'sign-in') : named;
  const [only] = found;
  if (!only || found.length > 1) throw new Problem('card-not-configured');
  return only;
}
