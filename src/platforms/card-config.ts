// Owns what a platform's configuration says of its agents' card where the platform signs no people in for us: who may frame it. How an agent gets
// there is the script's to say (docs/card.md).

import { z } from 'zod';

/** `*.` stands for any subdomain. */
export const desktopOrigin = z
  .string()
  .regex(/^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d+)?$/i, 'must be an origin such as https://desktop.example.com');

/** `desktops` may frame it where nothing is said; without any nobody but our own pages may. */
export function referenceCard(desktops: readonly string[]) {
  return z.strictObject({ frameAncestors: z.array(desktopOrigin).default([...desktops]) });
}

export type ReferenceCardConfig = z.output<ReturnType<typeof referenceCard>>;
