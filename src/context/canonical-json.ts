// Owns the one text of a JSON value, for whoever digests it: members may come in any order, the text is the same.

/** `value` as JSON with the members of every object in order of their names; `null` for what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  // The types of JSON.stringify leave out that it answers undefined with undefined.
  const text: string | undefined = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? sorted(inner) : inner,
  );
  return text ?? 'null';
}

function sorted(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
