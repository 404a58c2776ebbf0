// Owns what tells the hour in a time zone: dear to make and cheap to keep, but not without end, since anybody who may ask for a callback
// names zones, and each has many spellings. A memo and nothing else: the answer is the same whether one is kept or made anew.

export class ZoneFormatters {
  readonly #most: number;
  readonly #kept = new Map<string, Intl.DateTimeFormat>();

  /** Keeps `most`, those used last. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Two digits of the hour, 00 to 23. Throws a RangeError where there is no such zone. */
  of(zone: string): Intl.DateTimeFormat {
    const made =
      this.#kept.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
    this.#kept.delete(zone);
    this.#kept.set(zone, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
    return made;
  }
}
