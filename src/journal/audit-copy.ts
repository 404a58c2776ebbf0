// Owns the audit of a copy: no service, no master key, nothing written beside the copy. The key that seals must be signed with
// comes from outside; without one the copy's own is believed, and who can rewrite the copy can replace that too.

import { type Anchor, auditJournal, PUBLIC_KEY_META, type Verdict } from './audit.ts';
import { pemOf, readSealPublicKey } from './seal-key.ts';
import { openSqliteCopy } from './sqlite-audit.ts';

export type CopyAudit = Verdict & {
  /** False when seals were held against the key in the copy, so that a re-signing cannot be detected. */
  readonly trustedKey: boolean;
};

/** `publicKey` as PEM. Throws when the copy or the key cannot be read. */
export async function auditCopy(
  path: string,
  given: { readonly publicKey?: string; readonly anchor?: Anchor },
): Promise<CopyAudit> {
  using copy = openSqliteCopy(path);
  const { publicKey, anchor } = given;
  const kept = publicKey ?? (await copy.readMeta(PUBLIC_KEY_META));
  const key = kept === null ? null : readSealPublicKey(kept);
  return { ...(await auditJournal(copy, { key, anchor })), trustedKey: publicKey !== undefined };
}

/** The public key that the copy has, as PEM. Throws when there is none. */
export async function keyOfCopy(path: string): Promise<string> {
  using copy = openSqliteCopy(path);
  const kept = await copy.readMeta(PUBLIC_KEY_META);
  if (!kept) throw new Error(`${path} has no key for seals.`);
  return pemOf(readSealPublicKey(kept));
}
