// Owns that a person is called for what was set aside. Nobody gets on with its row, so what is to be told is read from the list of what
// waits (H6), also after a restart and for a node that is gone, and what has been told is noted beside it in the journal.
//
// 1. Once per quarantine: one node at a time tells, and notes it once the alert was taken. Between the two it may end: then it is told
//    again, with the same id, by which the other side knows it.
// 2. Until it is taken, or a person has seen to the interaction, or it is erased.

import type { Clock } from './clock.ts';
import type { Instant, InteractionId } from './ids.ts';
import { JournalUnavailable, unavailable } from './journal/journal-unavailable.ts';
import type { Store } from './journal/store.ts';
import type { Outcome } from './outcome.ts';

export type Quarantine = { readonly interactionId: InteractionId; readonly quarantinedAt: Instant };

export type QuarantineAlertsParts = {
  readonly store: Pick<Store, 'awaitingPerson' | 'settleMeta' | 'replaceMeta'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly raise: (quarantine: Quarantine, signal: AbortSignal) => Promise<Outcome<null>>;
  /** A bug, or a journal of our own that cannot be written. */
  readonly onFault: (error: unknown) => void;
  /** Whether an outage of the journal is waited for: where others share it. */
  readonly ridesOutages: boolean;
};

export type QuarantineAlerts = AsyncDisposable & {
  /** Something was set aside here: it is told at once. */
  setAside(): void;
};

const META = 'quarantines-told';
const LOOK_EVERY_MS = 15_000;
const PAGE = 500;
const TIMEOUT_MS = 5_000;
/** Longer than it may take to be told, so that two nodes do not. */
const TELLING_MS = 3 * TIMEOUT_MS;
/** What was set aside since the list was read, by another node, is not taken for gone. */
const LISTED_WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Per interaction: of which quarantine, how often it was tried, and until when nobody else tries; `told` when nobody ever has to. */
type Entry = { readonly at: Instant; readonly tries: number; readonly until: Instant; readonly told: boolean };
type Book = Readonly<Record<string, Entry>>;

/** Tells now and then until it is disposed of. */
export function quarantineAlerts(parts: QuarantineAlertsParts): QuarantineAlerts {
  const { clock } = parts;
  const closing = new AbortController();
  let wake = new AbortController();
  const run = async () => {
    while (!closing.signal.aborted) {
      wake = new AbortController();
      const nextAt = await round(parts, closing.signal).catch((error) => afterOutage(parts, error));
      const pauseMs = Math.max(0, Math.min(LOOK_EVERY_MS, nextAt - clock.now()));
      await clock.sleep(pauseMs, AbortSignal.any([closing.signal, wake.signal]));
    }
  };
  const ended = run().catch(parts.onFault);
  return {
    setAside: () => wake.abort(),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await ended;
    },
  };
}

function afterOutage({ ridesOutages }: QuarantineAlertsParts, error: unknown): Instant {
  if (ridesOutages && error instanceof JournalUnavailable) return Number.POSITIVE_INFINITY;
  throw error;
}

/** Tells of each that is due. Answers when the next one is. */
async function round(parts: QuarantineAlertsParts, closing: AbortSignal): Promise<Instant> {
  const open = await quarantined(parts.store);
  let nextAt = Number.POSITIVE_INFINITY;
  // An empty list leaves what was noted: it is cleared with the next one that is told.
  for (const quarantine of open) {
    if (closing.aborted) break;
    nextAt = Math.min(nextAt, await tell(parts, quarantine, open, closing));
  }
  return nextAt;
}

async function quarantined(store: QuarantineAlertsParts['store']): Promise<readonly Quarantine[]> {
  const found: Quarantine[] = [];
  let before: InteractionId | undefined;
  for (;;) {
    const page = await store.awaitingPerson(before, PAGE).catch(unavailable);
    for (const { id, quarantinedAt } of page) {
      if (quarantinedAt !== null) found.push({ interactionId: id, quarantinedAt });
    }
    if (page.length < PAGE) return found;
    before = page.at(-1)?.id;
  }
}

/** Answers when it is to be tried again; never where it was taken. */
async function tell(
  parts: QuarantineAlertsParts,
  quarantine: Quarantine,
  open: readonly Quarantine[],
  closing: AbortSignal,
): Promise<Instant> {
  const { clock, random, raise } = parts;
  const mine = (change: (entry: Entry) => Entry | null) => note(parts, quarantine, open, change);
  const now = clock.now();
  const begun = await mine((entry) =>
    entry.told || entry.until > now ? null : { ...entry, tries: entry.tries + 1, until: now + TELLING_MS },
  );
  if (!begun.changed) return begun.entry.told ? Number.POSITIVE_INFINITY : begun.entry.until;
  const raised = await raise(quarantine, AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]));
  if (raised.kind === 'done') {
    await mine((entry) => ({ ...entry, told: true }));
    return Number.POSITIVE_INFINITY;
  }
  const until = clock.now() + pauseMs(begun.entry.tries, random());
  await mine((entry) => ({ ...entry, until }));
  return until;
}

function pauseMs(tries: number, chance: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)) * (0.5 + chance / 2);
}

/** Changes what is noted of one; null leaves it. What waits no longer is forgotten with it. */
async function note(
  { store, clock }: Pick<QuarantineAlertsParts, 'store' | 'clock'>,
  { interactionId, quarantinedAt }: Quarantine,
  open: readonly Quarantine[],
  change: (entry: Entry) => Entry | null,
): Promise<{ readonly entry: Entry; readonly changed: boolean }> {
  const waiting = new Set<string>(open.map((one) => one.interactionId));
  for (;;) {
    const standing = await store.settleMeta(META, written({})).catch(unavailable);
    const book = JSON.parse(new TextDecoder().decode(standing)) as Book;
    const known = book[interactionId];
    // Set aside anew it is another matter.
    const entry = known?.at === quarantinedAt ? known : { at: quarantinedAt, tries: 0, until: 0, told: false };
    const changed = change(entry);
    if (changed === null) return { entry, changed: false };
    const isNew = ({ at }: Entry) => at > clock.now() - LISTED_WITHIN_MS;
    const kept = Object.fromEntries(Object.entries(book).filter(([id, one]) => waiting.has(id) || isNew(one)));
    const replacing = written({ ...kept, [interactionId]: changed });
    if (await store.replaceMeta(META, standing, replacing).catch(unavailable)) return { entry: changed, changed: true };
  }
}

function written(book: Book): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(book));
}
