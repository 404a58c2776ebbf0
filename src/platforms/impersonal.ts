// Owns what a vendor's sentence may say to an operator: nothing that names a person. Pure.

/** Begins only where a word does: tried at every letter of a long word it would take quadratic time. */
const EMAIL = /(?<![^\s@"'<>])[^\s@"'<>]+@[^\s@"'<>]+/g;
/** Ids of the vendor's, which say where to look and nothing of a person. In a group, so that `split` keeps them. */
const UUID = /(?<![0-9a-z])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])/i;
const LONG_NUMBER = /\+?\d(?:[\s().-]{0,3}\d){6,}/g;

/** The sentence without addresses and numbers that could be a customer's, at most 240 characters. */
export function impersonal(sentence: string): string {
  const parts = sentence.replace(EMAIL, '[address]').split(UUID);
  const told = parts.map((part, index) => (index % 2 === 1 ? part : part.replace(LONG_NUMBER, '[number]')));
  return told.join('').slice(0, 240);
}
