// Owns how it is said that the journal could not be read or written: the caller may send the same again. Everything else that is
// thrown here is a bug or damage, which repeating does not cure.

export class JournalUnavailable extends Error {
  /** The answer to a write was lost and could not be found out in time: it may stand after all. */
  readonly fateUnknown: boolean;

  constructor(cause: unknown) {
    super('The journal could not be read or written.', { cause });
    this.fateUnknown = cause instanceof FateUnknown;
  }
}

/** A store says: what was written may stand or not, and there was no finding out. */
export class FateUnknown extends Error {
  constructor(options: { readonly cause: unknown }) {
    super('The answer to a write was lost, and whether it stands could not be found out in time.', options);
  }
}

/** A store says: the database does not understand us, or is damaged. Repeating does not cure it. */
export class StoreBroken extends Error {}

/** For the end of a store's promise: what it rejects with becomes the cause. */
export function unavailable(cause: unknown): never {
  throw cause instanceof StoreBroken ? cause : new JournalUnavailable(cause);
}
