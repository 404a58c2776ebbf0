// Owns how a field's or an intent's name is read as words, whatever its casing.

/** `DisputeCharge`, `dispute_charge` and `dispute-charge` all give `['dispute', 'charge']`; a name without letters or digits gives none. */
export function nameWords(name: string): readonly string[] {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}
