// Owns the audit of a copy, a file's or a restored dump's: no service, no master key, nothing written beside the copy. The key that seals must be signed with
// comes from outside; without one the copy's own is believed, and who can rewrite the copy can replace that too.

import { type Anchor, type AuditedStore, auditJournal, PUBLIC_KEY_META, type Verdict } from './audit.ts';
import { openPostgresCopy } from './postgres-audit.ts';
import { pemOf, readSealPublicKey } from './seal-key.ts';
import { openSqliteCopy } from './sqlite-audit.ts';

export type CopyAudit = Verdict & {
  /** False when seals were held against the key in the copy, so that a re-signing cannot be detected. */
  readonly trustedKey: boolean;
};

/** `at`: a path, or a `postgres://` URL. */
async function openCopy(at: string): Promise<AuditedStore & AsyncDisposable> {
  if (isPostgres(at)) return openPostgresCopy(at);
  const copy = openSqliteCopy(at);
  return Object.assign(copy, { [Symbol.asyncDispose]: async () => copy[Symbol.dispose]() });
}

function isPostgres(at: string): boolean {
  return /^postgres(ql)?:\/\//.test(at);
}

/** `publicKey` as PEM. Throws when the copy or the key cannot be read. */
export async function auditCopy(
  at: string,
  given: { readonly publicKey?: string; readonly anchor?: Anchor },
): Promise<CopyAudit> {
  await using copy = await openCopy(at);
  const { publicKey, anchor } = given;
  const kept = publicKey ?? (await copy.readMeta(PUBLIC_KEY_META));
  const key = kept === null ? null : readSealPublicKey(kept);
  return { ...(await auditJournal(copy, { key, anchor })), trustedKey: publicKey !== undefined };
}

/** The public key that the copy has, as PEM. Throws when there is none. */
export async function keyOfCopy(at: string): Promise<string> {
  await using copy = await openCopy(at);
  const kept = await copy.readMeta(PUBLIC_KEY_META);
  if (!kept) throw new Error(`${isPostgres(at) ? 'The database' : at} has no key for seals.`);
  return pemOf(readSealPublicKey(kept));
}
