// Owns how a card's address is written. What opens it stands in the fragment: no browser sends that to a server, and so it is in no log of
// ours, of a proxy or of whoever is linked to. The page reads it (src/web/card/card-page.ts).

/** A name and a value, as in a query, so that more can come. */
const REFERENCE = 'reference';

export function cardAddress(
  origin: string,
  { platform, conversationId }: { readonly platform: string; readonly conversationId: string },
  reference?: string,
): string {
  const plain = `${origin}/card?${new URLSearchParams({ platform, conversationId })}`;
  return reference === undefined ? plain : `${plain}#${new URLSearchParams({ [REFERENCE]: reference })}`;
}
