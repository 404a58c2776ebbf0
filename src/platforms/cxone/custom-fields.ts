// Owns what the digital side's custom fields hold. A tenant makes them, each by its ident, and a write that names one that was not made is
// refused as a whole: so only those that are known to have been made are written, and what has none is behind the reference (H4).

import { z } from 'zod';
import { ATTRIBUTE } from '../../context/fields.ts';
import type { PackingLimits } from '../../context/packing.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import type { CxoneLine } from './cxone-line.ts';

/** NICE help, UPDATE CUSTOM FIELD: what a value may hold, in characters. Packing counts bytes, of which no text has fewer. */
export const FIELD_CHARACTERS = 1_024;
/** No page says how many a case or message may carry: as many as an Architect flow may set, and fields have to be made one by one. */
const FIELDS = 50;

/** What fits a case, or a first message of a channel of our own: the fields that carry the handoff itself, and those that are configured. */
export function customFieldLimits(customFields: readonly string[]): PackingLimits {
  const names = [...Object.values(ATTRIBUTE), ...customFields];
  return { attributeValueBytes: FIELD_CHARACTERS, attributeCount: FIELDS, names };
}

/** Of the published `ContactCustomFieldDefinition` what we need. Choices and dates take no text of ours. */
const definitions = z.array(z.looseObject({ ident: z.string(), type: z.string().optional() }));

/** The idents that the tenant has made for text. Repeatable. */
export async function readCustomFields(
  line: Pick<CxoneLine, 'digital'>,
  call: Call,
): Promise<Outcome<ReadonlySet<string>>> {
  const answer = await line.digital({ method: 'GET', path: '/consumer-contact-custom-fields' }, call);
  const read = readAs(definitions, answer);
  if (read.kind !== 'done') return read;
  const texts = read.value.filter(({ type }) => type === undefined || type === 'text');
  return { kind: 'done', value: new Set(texts.map(({ ident }) => ident)) };
}
