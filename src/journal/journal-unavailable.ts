// Owns how it is said that the journal could not be read or written: the caller may send the same again. Everything else that is
// thrown here is a bug or damage, which repeating does not cure.

export class JournalUnavailable extends Error {
  constructor(cause: unknown) {
    super('The journal could not be read or written.', { cause });
  }
}

/** For the end of a store's promise: what it rejects with becomes the cause. */
export function unavailable(cause: unknown): never {
  throw new JournalUnavailable(cause);
}
