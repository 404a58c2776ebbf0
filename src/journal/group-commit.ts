// Owns the group commit: what arrives while a commit is in flight travels together in the next one. This is where the speed
// comes from: one fsync for many.

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

export class GroupCommit<Item, Result> {
  readonly #commit: (batch: readonly Item[]) => Promise<readonly Result[]>;
  readonly #largestBatch: number;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | null = null;

  /** `commit` answers in the order of its batch; when it rejects, everybody in the batch is told. */
  constructor(commit: (batch: readonly Item[]) => Promise<readonly Result[]>, largestBatch = 512) {
    this.#commit = commit;
    this.#largestBatch = largestBatch;
  }

  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => this.add(item, resolve, reject));
  }

  /** The same for who has a promise already. */
  add(item: Item, resolve: (result: Result) => void, reject: (error: unknown) => void): void {
    this.#waiting.push({ item, resolve, reject });
    this.#running ??= this.#run();
  }

  /** Resolves when everything submitted so far is committed or refused. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // One turn of the event loop, so that everybody who is ready now is on board and nothing else starves.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting.splice(0, this.#largestBatch);
      await this.#flush(batch);
    }
    this.#running = null;
  }

  async #flush(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(batch.map(({ item }) => item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
