// Owns what canonical fields are called on a platform (seed 002 §1): an explicit table, configuration. A field without a name there is
// not written; it travels behind the reference, and the loss report says so (H4). Pure.

import { z } from 'zod';

/** Canonical name (`accountNumber`, `attributes.Product_Type`, …) → the platform's own; null keeps a field from being written. */
export const mapping = z.record(z.string().min(1), z.string().min(1).nullable());
export type Mapping = z.infer<typeof mapping>;

/** A field by its name among attributes, and by where it is in the context. */
export type Named = { readonly name: string; readonly field?: string };

/**
 * What the platform calls it; undefined where it is not to be written. Without a table everything keeps its name. `always`: names that are
 * kept where the table says nothing of them.
 */
export function ownName(
  { name, field }: Named,
  table: Mapping | undefined,
  always: ReadonlySet<string>,
): string | undefined {
  if (!table) return name;
  const key = [name, field?.replace(/^context\./, '')].find((one) => one !== undefined && Object.hasOwn(table, one));
  if (key !== undefined) return table[key] ?? undefined;
  return always.has(name) ? name : undefined;
}
