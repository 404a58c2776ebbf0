// Owns what the platforms of this node share with those of other nodes, where they have a database in common: each credential's access
// token, and its quota. Part of the composition root: it joins the ports of two rooms that do not know each other.

import { createHash, randomUUID } from 'node:crypto';
import type { Journal } from './journal/journal.ts';
import { type CredentialTable, tokenPlace } from './journal/shared-credentials.ts';
import type { SliceBook } from './platforms/quota-slice.ts';
import type { TokenShelf } from './platforms/token-shelf.ts';

export type CredentialId = { readonly loginUrl: string; readonly clientId: string };

/** What one credential's keepers are given; nothing where a process is alone. */
export type Shared = { readonly shelf?: TokenShelf; readonly book?: SliceBook };

/** `table` is null where a process is alone. */
export async function sharing(
  table: CredentialTable | null,
  journal: Pick<Journal, 'secrets'>,
): Promise<(credential: CredentialId) => Shared> {
  if (table === null) return () => ({});
  const secrets = await journal.secrets();
  return (credential) => {
    const [name, node] = [nameOf(credential), randomUUID()];
    return {
      shelf: tokenPlace(table, secrets, name, node),
      book: { take: (question) => table.takeSlice(name, node, question) },
    };
  };
}

/** The same on every node, however each calls its platform. */
function nameOf({ loginUrl, clientId }: CredentialId): string {
  return createHash('sha256').update(`${loginUrl}\0${clientId}`).digest('hex').slice(0, 32);
}
