// Owns what nodes on one database tell each other about the credentials they all use: the access token, sealed before it leaves the
// process, and how the quota is divided. It says nothing of a platform and knows none; a credential is a name here.

import { SealBroken } from './vault.ts';

/** Why nobody logs in for a while. */
export type LoginPause = { readonly why: string; readonly refused: boolean; readonly forMs: number };

/** What a database must do for it. Every call is one statement, tried once and bounded in time; all but reading changes by compare-and-set. */
export type CredentialTable = {
  /** The lease to log in, where the token is none, not newer than the `newerThan`th or due, and nobody has the lease: the failures before it. */
  claimToken(
    credential: string,
    refresher: string,
    wish: { readonly newerThan: number; readonly marginMs: number; readonly leaseMs: number },
  ): Promise<number | null>;
  readToken(credential: string): Promise<TokenRow | null>;
  /** Ends the lease. The new number, or null when the lease is somebody else's by now. Tells all nodes. */
  putToken(credential: string, refresher: string, sealed: Uint8Array, lifeMs: number): Promise<number | null>;
  failToken(credential: string, refresher: string, pause: LoginPause & { readonly failures: number }): Promise<void>;
  pauseToken(credential: string, number: number, pause: LoginPause): Promise<void>;
  onTokenPut(listener: (put: TokenPut) => void): void;
  /** See `postgres-credential-tables.ts`. Null when a later question was answered before. */
  takeSlice(credential: string, node: string, question: SliceQuestion): Promise<Slice | null>;
};

export type TokenPut = { readonly credential: string; readonly number: number };

/** Milliseconds from now; below zero when past. */
export type TokenRow = {
  readonly number: number;
  readonly sealed: Uint8Array | null;
  readonly ageMs: number;
  readonly leftMs: number;
  readonly refreshingMs: number;
  readonly paused: LoginPause;
};

export type SliceQuestion = {
  /** 1, 2, 3 …: which of the node's questions it is. */
  readonly asked: number;
  /** What the node keeps to until it is answered. */
  readonly keeps: number;
  readonly wants: number;
  readonly quota: number;
  readonly leaseMs: number;
};
/** `granted` calls in any minute; of `nodes`, which together are `short` of so many. */
export type Slice = { readonly granted: number; readonly nodes: number; readonly short: number };

/** Seals what is a secret and no interaction's. `open` throws SealBroken. */
export type Secrets = {
  seal(text: string, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): string;
};

/** A token with less life than this is as good as none. */
const LEAST_LIFE_MS = 2_000;

type Found =
  | {
      readonly kind: 'token';
      readonly token: string;
      readonly number: number;
      readonly ageMs: number;
      readonly leftMs: number;
    }
  | { readonly kind: 'yours'; readonly failures: number }
  | { readonly kind: 'theirs'; readonly leftMs: number }
  | { readonly kind: 'paused'; readonly leftMs: number; readonly why: string; readonly refused: boolean };

/** One credential's place on the shelf. `refresher` names the asker, and nobody else. Rejects when the database is out of reach. */
export function tokenPlace(table: CredentialTable, secrets: Secrets, credential: string, refresher: string) {
  const context = `credential ${credential}`;

  const opened = (row: TokenRow): string | null => {
    if (row.sealed === null) return null;
    try {
      return secrets.open(row.sealed, context);
    } catch (error) {
      // Sealed under a key that this node does not have: as good as none, and it is replaced.
      if (error instanceof SealBroken) return null;
      throw error;
    }
  };

  return {
    async ask(wish: {
      readonly newerThan: number;
      readonly marginMs: number;
      readonly leaseMs: number;
    }): Promise<Found> {
      const failures = await table.claimToken(credential, refresher, wish);
      if (failures !== null) return { kind: 'yours', failures };
      const row = await table.readToken(credential);
      if (row === null) return { kind: 'theirs', leftMs: 0 };
      const { number, ageMs, leftMs, refreshingMs, paused } = row;
      if (number > wish.newerThan && leftMs > LEAST_LIFE_MS) {
        const token = opened(row);
        if (token !== null) return { kind: 'token', token, number, ageMs, leftMs };
        const again = await table.claimToken(credential, refresher, { ...wish, newerThan: number });
        if (again !== null) return { kind: 'yours', failures: again };
      }
      if (paused.forMs > 0) return { kind: 'paused', leftMs: paused.forMs, why: paused.why, refused: paused.refused };
      return { kind: 'theirs', leftMs: Math.max(0, refreshingMs) };
    },
    put: ({ accessToken, lifeMs }: { readonly accessToken: string; readonly lifeMs: number }) =>
      table.putToken(credential, refresher, secrets.seal(accessToken, context), lifeMs),
    fail: (pause: LoginPause & { readonly failures: number }) => table.failToken(credential, refresher, pause),
    pause: (number: number, pause: LoginPause) => table.pauseToken(credential, number, pause),
    onPut: (listener: (number: number) => void) =>
      table.onTokenPut((put) => {
        if (put.credential === credential) listener(put.number);
      }),
  };
}
