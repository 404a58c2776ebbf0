// Owns what a run tells: one line per thing that happened, a digest over all of them (the same seed gives the same), and the few
// lines that matter when something breaks.

import { createHash, type Hash } from 'node:crypto';

type Line = { readonly text: string; readonly about: readonly string[] };

/** Lines kept to show; the digest covers all. */
const KEPT = 60_000;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #names = new Map<string, string>();
  #lines: Line[] = [];
  step = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** A short name for a long id; every later line uses it. */
  name(id: string, short: string): void {
    if (!this.#names.has(id)) this.#names.set(id, short);
  }

  short(id: string): string {
    const [head = id, ...rest] = id.split('.');
    return [this.#names.get(head) ?? head, ...rest].join('.');
  }

  /** `about`: ids of interactions and conversations; `everybody` concerns all. */
  tell(text: string, ...about: readonly string[]): void {
    const at = ((this.#now() - this.#startedAt) / 1000).toFixed(3);
    const line = `#${this.step} +${at}s ${text}${about.length > 0 ? ` [${about.map((id) => this.short(id)).join(' ')}]` : ''}`;
    this.#hash.update(line).update('\n');
    this.#lines.push({ text: line, about });
    if (this.#lines.length > KEPT) this.#lines = this.#lines.slice(KEPT / 2);
  }

  /** The last lines that concern any of `ids` or everybody; all of the last ones when nobody is named. */
  about(ids: readonly string[], most = 40): readonly string[] {
    const wanted = new Set(ids);
    const found =
      ids.length === 0
        ? this.#lines
        : this.#lines.filter(({ about }) => about.length === 0 || about.some((id) => wanted.has(id)));
    return found.slice(-most).map(({ text }) => this.shortened(text));
  }

  /** With short names for long ids. */
  shortened(text: string): string {
    return text.replaceAll(UUID, (id) => this.#names.get(id) ?? id);
  }

  get digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
