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
  #lastTookMs = 0;

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
      await this.#boarding();
      const batch = this.#waiting.splice(0, this.#largestBatch);
      await this.#flush(batch);
    }
    this.#running = null;
  }

  /**
   * One turn of the event loop, so that everybody who is ready now is on board and nothing else starves; and as many more as
   * bring others, for as long as the last commit took: then many who come one by one do not each wait for a commit of a few.
   */
  async #boarding(): Promise<void> {
    const since = performance.now();
    let aboard: number;
    do {
      aboard = this.#waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
    } while (
      this.#waiting.length > aboard &&
      this.#waiting.length < this.#largestBatch &&
      performance.now() - since < this.#lastTookMs
    );
  }

  async #flush(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const since = performance.now();
    try {
      const results = await this.#commit(batch.map(({ item }) => item));
      this.#lastTookMs = performance.now() - since;
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
