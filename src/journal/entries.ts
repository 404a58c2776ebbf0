// Owns the entry numbers as the house uses them: one is lent to a transfer until its reservation is over, and a call that arrives is
// recognised by the token it carries, by the number it came in on, or by who calls. What it keeps is hashes: the token as SHA-256, the
// caller's number as a keyed hash. Keeps H3: one number leads to one handoff.

import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { HandoffId, Instant, InteractionId, PlatformName } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { Rung } from '../protocols/event.ts';
import { type EntryLoan, type EntryMarks, type EntryTaken, RESERVATION_PREFIX } from './entry-loan.ts';
import type { Journal } from './journal.ts';
import { JournalUnavailable, unavailable } from './journal-unavailable.ts';

/** How long after its reservation a number is not lent to others: a call that was put through late still finds its own. */
const GRACE_MS = 2 * 60_000;
/** How long after its reservation a caller without a token is still taken for the one it was for. */
const LATE_MS = 10 * 60_000;

export type EntryAsked = {
  readonly handoffId: HandoffId;
  readonly interactionId: InteractionId;
  readonly platform: PlatformName;
  /** The pool (E.164). */
  readonly numbers: readonly string[];
  /** What the entry redeems. */
  readonly token: string;
  /** Who calls (E.164), where it is known. */
  readonly caller?: string;
  readonly forMs: number;
};

/** A place that the destination holds itself. */
export type EntryKept = Omit<EntryAsked, 'numbers' | 'forMs'> & {
  readonly reservationId: string;
  readonly until: Instant;
};

/** What a call that arrived says of itself. */
export type Arriving = {
  readonly platform: PlatformName;
  readonly token?: string;
  /** The destination's own. */
  readonly reservationId?: string;
  /** The number it came in on, and the one it came from (E.164). */
  readonly dnis?: string;
  readonly ani?: string;
};

export type Recognised = EntryLoan & { readonly rung: Rung };

export class EntryBook {
  readonly #journal: Journal;
  readonly #clock: Clock;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Null when no number is free, or the interaction was erased. The same handoff keeps its number, so it may be asked again. */
  take({ token, caller, forMs, ...asked }: EntryAsked): Promise<Outcome<EntryTaken | null>> {
    return outcomeOf(() => {
      const now = this.#clock.now();
      const until = now + forMs;
      const wish = { ...asked, ...this.#marks(token, caller), until, freeFrom: until + GRACE_MS };
      return this.#journal.store.takeEntry(wish, now).catch(unavailable);
    });
  }

  /** Notes a place that the destination holds itself, so that its calls are recognised too. May be asked again. */
  hold({ token, caller, ...held }: EntryKept): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      const wish = { ...held, ...this.#marks(token, caller), freeFrom: held.until + LATE_MS };
      await this.#journal.store.holdEntry(wish).catch(unavailable);
      return null;
    });
  }

  #marks(token: string, caller: string | undefined): EntryMarks {
    const aniHash = caller === undefined ? null : this.#journal.keyedHash('ani', caller);
    return { tokenHash: tokenHash(token), aniHash };
  }

  /** Whom the call is for. Rejects with `JournalUnavailable`. A token finds its own whenever it comes; what is not a secret only finds a loan of lately. */
  async find({ platform, reservationId, token, dnis, ani }: Arriving): Promise<Recognised | null> {
    const held =
      reservationId === undefined
        ? undefined
        : await this.#only({ platform, number: `${RESERVATION_PREFIX}${reservationId}` });
    if (held) return { ...held, rung: 'reservation' };
    const byToken = token === undefined ? undefined : await this.#only({ platform, tokenHash: tokenHash(token) });
    if (byToken) return { ...byToken, rung: 'token' };
    const since = this.#clock.now() - LATE_MS;
    const aniHash = ani === undefined ? undefined : this.#journal.keyedHash('ani', ani);
    const byNumber = dnis === undefined ? undefined : await this.#only({ platform, number: dnis });
    if (byNumber && byNumber.until > since) {
      const same =
        aniHash !== undefined && byNumber.aniHash !== null && Buffer.compare(aniHash, byNumber.aniHash) === 0;
      return { ...byNumber, rung: same ? 'number-and-caller' : 'number' };
    }
    const byCaller = aniHash && (await this.#only({ platform, aniHash, since }));
    return byCaller ? { ...byCaller, rung: 'caller' } : null;
  }

  /** Of two it is not known which. */
  async #only(search: Parameters<Journal['store']['findEntries']>[0]): Promise<EntryLoan | undefined> {
    const found = await this.#journal.store.findEntries(search).catch(unavailable);
    return found.length === 1 ? found[0] : undefined;
  }

  /** Gives the number back; one that is not lent is no fault. */
  release(handoffId: HandoffId): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      await this.#journal.store.releaseEntry(handoffId, this.#clock.now()).catch(unavailable);
      return null;
    });
  }
}

/** What may be asked again is told as not taken, also when only the answer was lost. */
async function outcomeOf<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    if (error instanceof JournalUnavailable) return { kind: 'transient', code: 'unavailable' };
    throw error;
  }
}

/** The token itself is kept nowhere: 128 random bits are not guessed from their hash. */
function tokenHash(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
