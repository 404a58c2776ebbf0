// Owns what the people's side of our own conversations tells us, in our words. Adapters make these values.

import type { ExternalId } from '../ids.ts';

/** A file that an agent sends: where their platform has it, and its name. */
export type OfferedFile = { readonly url: string; readonly name: string };

/** A file that cannot be carried is named: nobody sees a file of ours that was not looked at. */
export function namingFiles(text: string, names: readonly string[]): string {
  return [text.trim(), ...names.map((name) => `[${name}]`)].filter((line) => line !== '').join('\n');
}

/** Words with the files that came along: those with an address apart, others named. */
export function sayingWith(
  words: string,
  sent: readonly { readonly name: string; readonly url?: string | undefined }[],
): { readonly text: string; readonly files?: readonly OfferedFile[] } {
  const files = sent.flatMap(({ name, url }) => (url === undefined || url === '' ? [] : [{ name, url }]));
  const named = sent.filter(({ url }) => url === undefined || url === '').map(({ name }) => name);
  return { text: namingFiles(words, named), ...(files.length > 0 && { files }) };
}

/** What the people's side tells us, in our words. */
export type DeskNews =
  | {
      readonly kind: 'said';
      readonly far: ExternalId;
      readonly id: string;
      readonly text: string;
      readonly name?: string;
      /** Those that can be fetched; others are named in the text. */
      readonly files?: readonly OfferedFile[];
    }
  | { readonly kind: 'typing'; readonly far: ExternalId }
  /** Nothing for the customer, such as a receipt; or nothing that is understood, and then why. */
  | { readonly kind: 'nothing'; readonly problem?: string };

/** Of a post that can only be a message: said, or why not. */
export type AgentPost = Extract<DeskNews, { kind: 'said' }> | { readonly kind: 'nothing'; readonly problem: string };
