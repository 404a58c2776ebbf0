// Owns which ids are personal themselves: a phone number or an address that a platform uses as an id.

/** A phone number in any of its spellings, or an address. A vendor's numeric id falls under it too. */
const PERSONAL_ID = /@|^(tel:|sips?:)?\+?[\d\s().-]{7,}$/i;

/** By the name that the API gives it, or one that begins so: CXone counts its contacts in twelve digits, which are nobody's number. */
const COUNTS_ITS_OWN = /^(nice_)?cxone/;
const COUNTED = /^\d+$/;

/** True when the id may be somebody's number or address, so that it is findable by its keyed hash only. */
export function looksPersonal(id: string): boolean {
  return PERSONAL_ID.test(id);
}

/** True when the id of this conversation may be its customer's number or address rather than the platform's own count. */
export function isPersonalLeg({
  platform,
  externalId,
}: {
  readonly platform: string;
  readonly externalId: string;
}): boolean {
  return looksPersonal(externalId) && !(COUNTS_ITS_OWN.test(platform) && COUNTED.test(externalId));
}
