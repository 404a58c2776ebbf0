// Owns what nobody has to ask for: rows whose time has come are claimed and moved on, parked events whose leg has become known are
// delivered, and what has expired is deleted.
//
// 1. What another process had under way is treated as unknown: `taken-over` comes before anything else (H5).
// 2. A row whose claims did not finish three times is settled as far as that goes and quarantined, so that one bad row cannot
//    walk through the house (H6). One that ends whoever reads it is put away unread by the claim after that.

import type { Clock } from '../clock.ts';
import type { Instant, InteractionId } from '../ids.ts';
import { CLOCKS_APART_MS } from '../protocols/clocks.ts';
import { deadline, next } from '../protocols/handoff.ts';
import type { Input } from '../protocols/input.ts';
import type { Journal, Parked } from './journal.ts';
import { JournalUnavailable, unavailable } from './journal-unavailable.ts';
import type { Enclosed, Reply } from './mailbox.ts';
import type { Outages } from './outages.ts';
import type { Claimed, Lease } from './store.ts';

const CLAIMS_BEFORE_QUARANTINE = 3;
/** Before a row is looked at again whose claim an outage cut short. */
const PUT_BACK_FOR_MS = 1_000;
const SWEEP_EVERY_MS = 1_000;
const SWEEP_BATCH = 500;
/** How soon at the latest the bytes of keys that were destroyed by retention are in no file; an erasure by request sees to it itself. */
const SCRUB_EVERY_MS = 60_000;
/** Where others share the database each of them does so, and it costs the server a checkpoint. */
const SHARED_SCRUB_EVERY_MS = 15 * 60_000;

export type ClaimsParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly owner: string;
  readonly settings: { readonly leaseMs: number; readonly pollMs: number; readonly claimBatch: number };
  readonly submitAll: (
    id: InteractionId,
    inputs: readonly ({ readonly input: Input } & Enclosed)[],
  ) => readonly Promise<Reply>[];
  /** Whether this process has a command of the interaction under way. */
  readonly isUnderWay: (id: InteractionId) => boolean;
  readonly onQuarantine: (id: InteractionId) => void;
  readonly onPoison: (id: InteractionId, error: unknown) => void;
  readonly outages: Outages;
};

export class Claims {
  readonly #parts: ClaimsParts;
  #broken: { readonly error: unknown } | null = null;
  /** Claims that an outage cut short, until they are put back. */
  #cutShort: Claimed[] = [];

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
  }

  /** Pumps and sweeps until the signal aborts. Rejects with a bug, or when a journal of our own cannot be reached. */
  async keepPumping(stopping: AbortSignal): Promise<void> {
    const { clock, settings, outages } = this.#parts;
    let sweepAt = Number.NEGATIVE_INFINITY;
    let scrubAt = Number.NEGATIVE_INFINITY;
    while (!stopping.aborted) {
      const claimed = (await outages.ride(() => this.pump())) ?? 0;
      if (clock.monotonic() >= sweepAt) {
        const more = await outages.ride(() => this.sweep());
        sweepAt = clock.monotonic() + (more ? 0 : SWEEP_EVERY_MS);
      }
      if (this.#parts.journal.unscrubbed && clock.monotonic() >= scrubAt) {
        scrubAt = clock.monotonic() + (outages.riding ? SHARED_SCRUB_EVERY_MS : SCRUB_EVERY_MS);
        await this.#scrub();
      }
      if (this.#broken) throw this.#broken.error;
      if (claimed < settings.claimBatch) await clock.sleep(settings.pollMs, stopping);
    }
  }

  /** A database that others share takes its time over it, for which no claim should wait; what it owes then is tried the next time. */
  async #scrub(): Promise<void> {
    const { journal, outages } = this.#parts;
    if (!outages.riding) return void (await journal.scrub());
    void journal.scrub().catch((error) => {
      if (!(error instanceof JournalUnavailable)) this.#broken = { error };
    });
  }

  /** Claims what is due and moves it on. Returns how many rows it took. */
  async pump(): Promise<number> {
    const { journal, clock, owner, settings } = this.#parts;
    await this.#putBack();
    const leasedAt = clock.monotonic();
    const now = clock.now();
    const lease = leaseFrom(now, owner, settings.leaseMs);
    const claimed = await journal.store.claimDue(now, lease, settings.claimBatch).catch(unavailable);
    await Promise.all(claimed.map((row) => this.#resume(row, leasedAt).catch((error) => this.#leave(row, error))));
    return claimed.length;
  }

  /**
   * A claim that an outage cut short says nothing against the row: it is not counted, and comes again soon. A row that cannot be
   * read or decided keeps its lease until that runs out, and its claims count; the node lives (docs/decisions/0007).
   */
  async #leave(row: Claimed, error: unknown): Promise<void> {
    const { outages, onPoison } = this.#parts;
    if (!outages.riding) throw error;
    if (!(error instanceof JournalUnavailable)) return onPoison(row.id, error);
    this.#cutShort.push(row);
    throw error;
  }

  /** Before anything else is claimed: what still cannot be put back is tried again with the next claim. */
  async #putBack(): Promise<void> {
    const { journal, clock, owner } = this.#parts;
    for (let row = this.#cutShort[0]; row; row = this.#cutShort[0]) {
      await journal.store.putBack(row, owner, clock.now() + PUT_BACK_FOR_MS).catch(unavailable);
      this.#cutShort.shift();
    }
  }

  async #resume({ id, takenFrom, claims }: Claimed, leasedAt: number): Promise<void> {
    const { journal, clock, random, owner, submitAll, isUnderWay, onQuarantine } = this.#parts;
    if (claims > CLAIMS_BEFORE_QUARANTINE) {
      // Where not even that has finished, reading the row may be what ends each process: it is put away unread.
      if (claims > CLAIMS_BEFORE_QUARANTINE + 1) await journal.store.quarantine(id, clock.now()).catch(unavailable);
      else await Promise.all(submitAll(id, [{ input: { kind: 'quarantine', actor: 'throughline' } }]));
      onQuarantine(id);
      return;
    }
    // What nobody here has under way was somebody's who is gone, whatever the row says of its last owner (H5).
    const fateUnknown = !isUnderWay(id) || (takenFrom !== null && takenFrom !== owner);
    const takenOver = { input: { kind: 'taken-over', actor: 'throughline' } } as const;
    const due = { input: { kind: 'due', actor: 'throughline', chance: random() }, leasedAt } as const;
    const replies = await Promise.all(submitAll(id, fateUnknown ? [takenOver, due] : [due]));
    const quiet = replies.every((reply) => reply.kind === 'taken' && reply.events.length === 0);
    const reply = replies[0];
    if (quiet && reply?.kind === 'taken' && next(reply.state).length === 0) {
      await journal.store.finish(id, reply.version, deadline(reply.state)).catch(unavailable);
    }
  }

  /**
   * Delivers parked events whose leg has become known meanwhile, in the order they came, and deletes what has expired. Answers
   * whether there is more to do.
   */
  async sweep(): Promise<boolean> {
    const { journal, clock } = this.#parts;
    const strays = await journal.strays(SWEEP_BATCH);
    await Promise.all(strays.map((stray) => this.#deliver(stray)));
    const expired = await journal.store.expire(clock.now(), SWEEP_BATCH).catch(unavailable);
    return strays.length >= SWEEP_BATCH || expired >= SWEEP_BATCH;
  }

  async #deliver({ interactionId, message, event }: Stray): Promise<void> {
    const { journal, submitAll } = this.#parts;
    const input = { kind: 'conversation-event', actor: `platform:${event.platform}`, event } as const;
    try {
      const [reply] = await Promise.all(submitAll(interactionId, [{ input, message }]));
      // Its leg has moved on meanwhile: the next sweep finds who has it now.
      if (reply?.kind === 'not-held') return;
      if (reply?.kind !== 'taken' || reply.events.length === 0)
        await journal.store.discard([message]).catch(unavailable);
    } catch (error) {
      // One that cannot be decided would end every process that starts, for as long as it is kept.
      if (!(error instanceof JournalUnavailable)) await journal.store.discard([message]).catch(unavailable);
      throw error;
    }
  }
}

/** A lease of ours from `now` on. Others judge by their own clocks whether it has run out, so it is written later than it is relied on. */
export function leaseFrom(now: Instant, owner: string, leaseMs: number): Lease {
  return { owner, until: now + leaseMs + CLOCKS_APART_MS };
}

type Stray = Parked & { readonly interactionId: InteractionId };
