// Owns the knowledge of when the process has come to rest: virtual time may move only then, or the order of things would be the
// machine's and not the seed's. Whoever does something says so; rest is when nobody has for a few turns of the event loop.

/** A group commit waits one turn before it writes, so one quiet turn proves nothing. */
const QUIET_TURNS = 3;
/** More than any work of one moment; beyond it something turns round and round. */
const MOST_TURNS = 20_000;

export class Stillness {
  #done = 0;

  touch(): void {
    this.#done += 1;
  }

  readonly rest = async (): Promise<void> => {
    let quiet = 0;
    for (let turns = 0; quiet < QUIET_TURNS; turns += 1) {
      if (turns > MOST_TURNS) throw new Error('The simulated system never comes to rest.');
      const before = this.#done;
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#done === before ? quiet + 1 : 0;
    }
  };
}
