// Owns the comparison of a manifest that was handed over with the one that was read back: field by field, so that what is
// lost has a name (H4). Pure but for deep equality.

import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../context/manifest.ts';

export type ReadBack = {
  /** Top-level fields, with every slot and every detected intent counted by itself. */
  readonly fields: number;
  /** Paths of what did not come back equal, such as `slots_collected.city`. */
  readonly lost: readonly string[];
};

/** Compares the manifest sent with what was read back (undefined: nothing could be read). */
export function compareManifests(sent: Manifest, received: Manifest | undefined): ReadBack {
  const expected = fieldsOf(sent);
  const found = fieldsOf(received ?? {});
  const lost = [...expected].filter(([path, value]) => !found.has(path) || !isDeepStrictEqual(found.get(path), value));
  return { fields: expected.size, lost: lost.map(([path]) => path) };
}

/** Slots among the lost. */
export function lostSlots({ lost }: ReadBack): readonly string[] {
  return lost.filter((path) => path.startsWith('slots_collected.'));
}

function fieldsOf(manifest: Manifest): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(manifest).flatMap(([name, value]): (readonly [string, unknown])[] => {
      const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      return parts.length > 0 ? parts.map(([part, inner]) => [`${name}.${part}`, inner] as const) : [[name, value]];
    }),
  );
}
