// Owns the port by which keepers of the same credentials share one token (types only): whoever finds it due and gets the lease logs in,
// the others take what was put there. What lies on the shelf is a secret; its implementation seals it.

/** What somebody who knows the `newerThan`th token finds. Times are in milliseconds from now. */
export type ShelfAnswer =
  /** A newer one, with its number. */
  | {
      readonly kind: 'token';
      readonly token: string;
      readonly number: number;
      readonly ageMs: number;
      readonly leftMs: number;
    }
  /**
   * There is none that is good for longer than the margin: the asker logs in, and nobody else before `leaseMs` have passed. `failures`:
   * how many logins have failed since the last that did not.
   */
  | { readonly kind: 'yours'; readonly failures: number }
  /** Somebody else does, for at most so long. */
  | { readonly kind: 'theirs'; readonly leftMs: number }
  /** A login failed a moment ago, wherever it was tried: none before then. `refused`: the credentials themselves were. */
  | ({ readonly kind: 'paused'; readonly leftMs: number } & PauseReason);

export type PauseReason = { readonly why: string; readonly refused: boolean };

/**
 * One credential's place. Every call is bounded in time and rejects when the shelf is out of reach; all but `ask` change nothing for one
 * whose lease has passed to somebody else.
 */
export type TokenShelf = {
  ask(wish: {
    readonly newerThan: number;
    /** How long before its expiry a token is due; at most half of its life. */
    readonly marginMs: number;
    readonly leaseMs: number;
  }): Promise<ShelfAnswer>;
  /** Ends the asker's lease with a token; its number, or null when the lease has passed to somebody else. Tells the others. */
  put(grant: { readonly accessToken: string; readonly lifeMs: number }): Promise<number | null>;
  /** Ends the asker's lease with a failure: nobody logs in for so long. */
  fail(pause: PauseReason & { readonly forMs: number; readonly failures: number }): Promise<void>;
  /** Nobody logs in for so long, unless there is a newer token than the `number`th. */
  pause(number: number, pause: PauseReason & { readonly forMs: number }): Promise<void>;
  /** Calls back with its number when anybody has put a token. A hint: it may come late, twice or never. */
  onPut(listener: (number: number) => void): void;
};
