// Owns the sealer: every so often, and at a clean stop, what has arrived since the newest seal is put under the next ones, in
// small steps between which live handoffs go on. Any number of nodes may seal one journal: of two seals with one number the
// store takes one, and whoever came second starts again from it. Keeps H8.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { JournalUnavailable, unavailable } from './journal-unavailable.ts';
import { MerkleTree } from './merkle.ts';
import { Heads, leafBytes, NO_SEAL, sealDigest, statementOf } from './seal.ts';
import type { SealKey } from './seal-key.ts';
import type { Seal, Store } from './store.ts';

export type SealerParts = {
  readonly store: Pick<Store, 'arrivals' | 'appendSeal' | 'lastSeal'>;
  readonly key: SealKey;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Our own bug; a store that cannot be written just now is asked again the next time. */
  readonly onFault: (error: unknown) => void;
  /** A seal covers no more events than this; a backlog becomes several seals. */
  readonly largestSeal?: number;
};

const LARGEST_SEAL = 4_096;
const STEP = 256;
/** A backlog is worked off in a fifth of the time at most. */
const REST_PER_WORK = 4;
/** How long a stop goes on sealing; what is left then is sealed after the next start. */
const STOP_WITHIN_MS = 2_000;

export class Sealer implements AsyncDisposable {
  readonly #parts: SealerParts;
  readonly #stopping = new AbortController();
  #pump: Promise<void> | null = null;
  #seals = 0;

  constructor(parts: SealerParts) {
    this.#parts = parts;
  }

  /** Seals that this process has made. */
  get made(): number {
    return this.#seals;
  }

  start(): void {
    this.#pump = this.#keepSealing().catch(this.#parts.onFault);
  }

  async #keepSealing(): Promise<void> {
    const { clock, everyMs } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal);
      if (!signal.aborted) await this.#round();
    }
  }

  /** Seals until nothing is left, at leisure. Another node that has just done so saves us the work. */
  async #round(): Promise<void> {
    const { clock, store, everyMs } = this.#parts;
    const { signal } = this.#stopping;
    const newest = await store.lastSeal().catch(() => null);
    if (newest && clock.now() - newest.at < everyMs / 2) return;
    for (;;) {
      const startedAt = clock.monotonic();
      const more = await this.sealNext().catch(forNow);
      if (!more || signal.aborted) return;
      await clock.sleep((clock.monotonic() - startedAt) * REST_PER_WORK, signal);
    }
  }

  /** Puts the oldest events that have no seal under one. Answers whether there may be more; nothing new makes no seal. */
  async sealNext(): Promise<boolean> {
    const { store, key, clock, largestSeal = LARGEST_SEAL } = this.#parts;
    const last = await store.lastSeal().catch(unavailable);
    const afterSeq = last?.upToSeq ?? 0;
    const { heads, upToSeq } = await this.#gather(afterSeq, largestSeal);
    if (heads.events === 0) return false;
    const statement = {
      number: (last?.number ?? 0) + 1,
      at: clock.now(),
      afterSeq,
      upToSeq,
      events: heads.events,
      ...(await rooted(heads)),
      previous: last ? sealDigest(last) : NO_SEAL,
      keyId: key.public.id,
    };
    const seal: Seal = { ...statement, signature: key.sign(statementOf(statement)) };
    const taken = await store.appendSeal(seal).catch(unavailable);
    if (taken) this.#seals += 1;
    return !taken || heads.events >= largestSeal;
  }

  async #gather(afterSeq: number, largestSeal: number) {
    const heads = new Heads();
    let upToSeq = afterSeq;
    while (heads.events < largestSeal) {
      const limit = Math.min(STEP, largestSeal - heads.events);
      const page = await this.#parts.store.arrivals(upToSeq, limit).catch(unavailable);
      for (const head of page) heads.add(head);
      upToSeq = page.at(-1)?.seq ?? upToSeq;
      if (page.length < limit) break;
      await nextTurn();
    }
    return { heads, upToSeq };
  }

  /** Ends the rounds and seals what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#pump;
    const { clock } = this.#parts;
    const until = clock.monotonic() + STOP_WITHIN_MS;
    while (clock.monotonic() < until && (await this.sealNext().catch(forNow)));
  }
}

/** A round that the store broke off leaves its work to the next one. */
function forNow(error: unknown): false {
  if (error instanceof JournalUnavailable) return false;
  throw error;
}

async function rooted(heads: Heads): Promise<Pick<Seal, 'leaves' | 'root'>> {
  const tree = new MerkleTree();
  const leaves: Buffer[] = [];
  for (const leaf of heads.leaves()) {
    const bytes = leafBytes(leaf);
    tree.add(bytes);
    if (leaves.push(bytes) % STEP === 0) await nextTurn();
  }
  return { leaves: Buffer.concat(leaves), root: tree.root() };
}
