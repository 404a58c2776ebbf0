// Owns which other origins the card's page has to do with: where it redeems its sign-in, and which desktops may show it.

import type { ServedPlatform } from './parts.ts';

/** Origins beside our own. */
export type CardNeighbours = { readonly signIn: readonly string[]; readonly desktops: readonly string[] };

/** Of every platform that has a card: the page is the same for all, and after a login its address names none. */
export function cardNeighbours(platforms: readonly Pick<ServedPlatform, 'card'>[]): CardNeighbours {
  const cards = platforms.flatMap(({ card }) => card ?? []);
  return {
    signIn: [...new Set(cards.flatMap((card) => (card.kind === 'sign-in' ? [new URL(card.tokenUrl).origin] : [])))],
    desktops: [...new Set(cards.flatMap(({ frameAncestors }) => frameAncestors))],
  };
}
