// Owns what the people's side of our own conversations tells us, in our words. Adapters make these values.

import type { ExternalId } from '../ids.ts';

/** A file that an agent sends is named to the customer and not carried: nobody sees a file of ours that was not looked at. */
export function namingFiles(text: string, names: readonly string[]): string {
  return [text.trim(), ...names.map((name) => `[${name}]`)].filter((line) => line !== '').join('\n');
}

/** What the people's side tells us, in our words. */
export type DeskNews =
  | {
      readonly kind: 'said';
      readonly far: ExternalId;
      readonly id: string;
      readonly text: string;
      readonly name?: string;
    }
  | { readonly kind: 'typing'; readonly far: ExternalId }
  /** Nothing for the customer, such as a receipt; or nothing that is understood, and then why. */
  | { readonly kind: 'nothing'; readonly problem?: string };
