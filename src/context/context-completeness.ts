// Owns how much of a manifest an agent was shown: rendered fields over the fields there are (seed 004 §3). Pure.

import type { Manifest } from './manifest.ts';

const SLOTS = 'slots_collected';

/** The fields that count: every member of the manifest, and of the collected data every slot (`slots_collected.account_number`). */
export function manifestFields(manifest: Manifest): readonly string[] {
  return Object.entries(manifest).flatMap(([name, value]) =>
    name === SLOTS ? Object.keys(value ?? {}).map((slot) => `${SLOTS}.${slot}`) : [name],
  );
}

/**
 * From 0 to 1, to three places; 1 when there is nothing to show. A field counts as rendered when it, what it is part of, or a part
 * of it is among `rendered`; names may begin with `manifest.`, as in loss reports. Unknown names count for nothing.
 */
export function contextCompleteness(manifest: Manifest, rendered: readonly string[]): number {
  const fields = manifestFields(manifest);
  if (fields.length === 0) return 1;
  const names = rendered.map((name) => name.replace(/^manifest\./, ''));
  const exact = new Set(names);
  const shown = fields.filter(
    (field) =>
      exact.has(field) ||
      (field.startsWith(`${SLOTS}.`) && exact.has(SLOTS)) ||
      names.some((name) => name.startsWith(`${field}.`)),
  );
  return Math.round((shown.length / fields.length) * 1_000) / 1_000;
}
