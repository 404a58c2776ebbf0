// Owns the group commit: what arrives while a commit is in flight travels together in the next one. This is where the speed
// comes from: one fsync for many.

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/** Of the event loop, that a batch waits at most for others to join it. */
const MOST_TURNS = 24;
/** So many share a commit at least, if they are there. */
const FEWEST_ABOARD = 32;

export class GroupCommit<Item, Result> {
  readonly #commit: (batch: readonly Item[]) => Promise<readonly Result[]>;
  readonly #largestBatch: number;
  readonly #atOnce: number;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | null = null;
  #underWay = 0;
  #aboard = 0;
  #whenOneEnds: (() => void)[] = [];

  /**
   * `commit` answers in the order of its batch; when it rejects, everybody in the batch is told. Up to `atOnce` batches are under way
   * at a time, each with its share of who is here: if all went in one, nobody could do anything while it is written, nor would
   * anything be written while they all do.
   */
  constructor(commit: (batch: readonly Item[]) => Promise<readonly Result[]>, largestBatch = 512, atOnce = 1) {
    this.#commit = commit;
    this.#largestBatch = largestBatch;
    this.#atOnce = atOnce;
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
    while (this.#running || this.#underWay > 0) await (this.#running ?? this.#oneEnds());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#boarding();
      void this.#flush(this.#waiting.splice(0, this.#share()));
      if (this.#underWay >= this.#atOnce) await this.#oneEnds();
    }
    this.#running = null;
  }

  #share(): number {
    if (this.#atOnce === 1) return this.#largestBatch;
    const share = Math.ceil((this.#waiting.length + this.#aboard) / this.#atOnce);
    return Math.min(this.#largestBatch, Math.max(FEWEST_ABOARD, share));
  }

  #oneEnds(): Promise<void> {
    return new Promise((resolve) => this.#whenOneEnds.push(resolve));
  }

  /**
   * One turn of the event loop, so that everybody who is ready now is on board and nothing else starves; and more while they bring
   * others: then many who come one by one do not each wait for a commit of a few. Counted in turns, so that the same run commits
   * the same batches.
   */
  async #boarding(): Promise<void> {
    let aboard: number;
    let turns = 0;
    do {
      aboard = this.#waiting.length;
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#waiting.length > aboard && this.#waiting.length < this.#largestBatch && turns < MOST_TURNS);
  }

  async #flush(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    this.#underWay += 1;
    this.#aboard += batch.length;
    try {
      const results = await this.#commit(batch.map(({ item }) => item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
    this.#underWay -= 1;
    this.#aboard -= batch.length;
    for (const tell of this.#whenOneEnds.splice(0)) tell();
  }
}
