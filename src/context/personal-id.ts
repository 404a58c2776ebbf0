// Owns which ids are personal themselves: a phone number or an address that a platform uses as an id.

/** A phone number in any of its spellings, or an address. A vendor's numeric id falls under it too. */
const PERSONAL_ID = /@|^(tel:|sips?:)?\+?[\d\s().-]{7,}$/i;

/** True when the id may be somebody's number or address, so that it is findable by its keyed hash only. */
export function isPersonalId(id: string): boolean {
  return PERSONAL_ID.test(id);
}
