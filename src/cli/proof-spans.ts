// Owns how many handoffs of a proof were open at the same moment, from their own times.

type Handed = {
  readonly handoff?:
    | { readonly requestedAt?: string | undefined; readonly settledAt?: string | null | undefined }
    | null
    | undefined;
};
type Span = { readonly from: number; readonly to: number };

/** From the handoff's request to its end; nothing where it has not settled. */
export function spanOf({ handoff }: Handed): readonly Span[] {
  const { requestedAt, settledAt } = handoff ?? {};
  return requestedAt && settledAt ? [{ from: Date.parse(requestedAt), to: Date.parse(settledAt) }] : [];
}

/** A span that ends when another begins does not overlap it. */
export function mostAtOnce(spans: readonly Span[]): number {
  const changes = spans.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  let open = 0;
  let most = 0;
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}
