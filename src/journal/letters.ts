// Owns what is done with a batch of letters as such: a common answer, and repeated messages told apart.

import type { Letter, Reply } from './mailbox.ts';
import type { MessageKey } from './store.ts';

/** Everybody gets the same reply; nobody is left. */
export function answer(letters: readonly Letter[], reply: Reply): readonly Letter[] {
  for (const letter of letters) letter.reply(reply);
  return [];
}

/** The same message twice in one batch (a sender repeats fast): the repeat waits until the first is written, and is then known. */
export function apart(letters: readonly Letter[]): {
  readonly first: readonly Letter[];
  readonly repeats: readonly Letter[];
} {
  const seen = new Set<string>();
  const first = letters.filter(({ message }) => {
    if (!message) return true;
    const key = keyOf(message);
    return !seen.has(key) && seen.add(key);
  });
  return { first, repeats: first.length === letters.length ? [] : letters.filter((one) => !first.includes(one)) };
}

function keyOf({ sender, messageId }: MessageKey): string {
  return `${sender}\0${messageId}`;
}

/** Those that were taken before are told so. Returns the others. */
export function withoutDuplicates(letters: readonly Letter[], duplicates: readonly MessageKey[]): readonly Letter[] {
  const known = new Set(duplicates.map(keyOf));
  return letters.filter((letter) => {
    const repeated = letter.message && known.has(keyOf(letter.message));
    if (repeated) letter.reply({ kind: 'duplicate' });
    return !repeated;
  });
}
