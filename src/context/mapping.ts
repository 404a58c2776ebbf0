// Owns what canonical fields are called on a platform (seed 002 §1): an explicit table, configuration. A field without a name there is
// not written; it travels behind the reference, and the loss report says so (H4). Pure.

import { z } from 'zod';
import type { LossEntry } from './packing.ts';
import { ATTRIBUTE } from './packing.ts';

/** Canonical name (`accountNumber`, `attributes.Product_Type`, …) → the platform's own; null keeps a field from being written. */
export const mapping = z.record(z.string().min(1), z.string().min(1).nullable());
export type Mapping = z.infer<typeof mapping>;

export type Mapped = { readonly attributes: Readonly<Record<string, string>>; readonly loss: readonly LossEntry[] };

/** Without these the rest cannot be found: they are written under their own names where the table says nothing. */
const ALWAYS: ReadonlySet<string> = new Set([
  ATTRIBUTE.interactionId,
  ATTRIBUTE.manifestRef,
  ATTRIBUTE.contextRef,
  ATTRIBUTE.briefing,
  ATTRIBUTE.summary,
]);

/**
 * `attributes`, as `pack` gives them, under the platform's own names. Without a table they stay as they are. What the table leaves out
 * is named with the limit `no mapping`; two fields of one name are one too many, and the later one goes the same way.
 */
export function mapTo(attributes: Readonly<Record<string, string>>, table: Mapping | undefined): Mapped {
  if (!table) return { attributes, loss: [] };
  const mapped = new Map<string, string>();
  const loss: LossEntry[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    const target = Object.hasOwn(table, name) ? table[name] : ALWAYS.has(name) ? name : undefined;
    if (target == null || mapped.has(target)) loss.push({ field: name, limit: 'no mapping', carriedBy: 'reference' });
    else mapped.set(target, value);
  }
  return { attributes: Object.fromEntries(mapped), loss };
}
