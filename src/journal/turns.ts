// Owns whose turn it is to write where a thread and its owner share a file: several batches of the thread, or writes of the
// owner's own. Neither is kept waiting for the file inside the database, where waiting stops the event loop.

export class Turns {
  #batches = 0;
  /** Of the owner; each is done in one go. */
  #own: (() => void)[] = [];
  #held: (() => void)[] = [];

  get idle(): boolean {
    return this.#batches === 0;
  }

  /** Does `work`, which must not wait for anything, when no batch is under way. */
  alone<Result>(work: () => Result): Result | Promise<Result> {
    if (this.idle) return work();
    return new Promise((resolve, reject) => {
      this.#own.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Has a batch under way until what `send` returns is settled; one that comes while the owner waits goes after the owner. */
  async batch<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.#own.length > 0) await new Promise<void>((resolve) => this.#held.push(resolve));
    this.#batches += 1;
    try {
      return await send();
    } finally {
      this.#batches -= 1;
      if (this.idle) this.#change();
    }
  }

  #change(): void {
    for (const work of this.#own.splice(0)) work();
    for (const go of this.#held.splice(0)) go();
  }
}
