// Owns the audit: whether the journal is as it was written (H8). It walks every interaction's hash chain, then every seal, page
// by page, needs no master key, and names what is wrong. The same for the running store and for a copy of its file.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InteractionId } from '../ids.ts';
import { chainFault } from './chain.ts';
import { MerkleTree } from './merkle.ts';
import { Heads, leavesOf, NO_SEAL, sealDigest, statementOf } from './seal.ts';
import { isSignedBy, type SealPublicKey, spkiOf } from './seal-key.ts';
import type { Seal, Store } from './store.ts';

/** As much of a store as an audit reads. */
export type AuditedStore = Pick<Store, 'chains' | 'history' | 'arrivals' | 'seals' | 'readMeta'>;

export type FaultKind =
  | 'event-changed'
  | 'event-removed'
  | 'event-inserted'
  | 'event-moved'
  | 'chain-rewritten'
  | 'interaction-removed'
  | 'seal-changed'
  | 'seal-removed'
  | 'seal-replaced'
  | 'seal-out-of-order'
  | 'seal-under-another-key'
  | 'key-replaced';

/** What is wrong, as narrowly as it can be said. */
export type Fault = {
  readonly kind: FaultKind;
  readonly interactionId: InteractionId | null;
  readonly version: number | null;
  /** The seal that shows it. */
  readonly seal: number | null;
};

/** A seal that somebody keeps elsewhere: the journal must still have it. `digest` in hex. */
export type Anchor = { readonly number: number; readonly digest: string };

export type Verdict = {
  readonly ok: boolean;
  readonly interactions: number;
  readonly events: number;
  readonly seals: number;
  /** Events that no seal covers yet: those that came after the newest one. */
  readonly unsealed: number;
  /** To be kept elsewhere as an anchor. `at` as RFC 3339. */
  readonly newestSeal: (Anchor & { readonly at: string }) | null;
  readonly keyId: string | null;
  readonly firstBad: Fault | null;
  readonly faults: readonly Fault[];
  /** There are more than are listed. */
  readonly truncated: boolean;
};

/** Where the public half of the signing key stands in the clear. */
export const PUBLIC_KEY_META = 'seal-public-key';

const CHAINS_PER_PAGE = 32;
const ARRIVALS_PER_PAGE = 512;
const SEALS_PER_PAGE = 8;
const FAULTS_LISTED = 100;
const BEFORE_EVERYTHING = Number.MIN_SAFE_INTEGER;

type Beliefs = { readonly key: SealPublicKey | null; readonly anchor?: Anchor | undefined };

/** `key`: the one that seals must be signed with; null when there is none yet. */
export async function auditJournal(store: AuditedStore, { key, anchor }: Beliefs): Promise<Verdict> {
  const found = new Findings();
  const walked = await walkChains(store, found);
  const seals = await walkSeals(store, key, anchor, found);
  const kept = await store.readMeta(PUBLIC_KEY_META);
  if (key && kept && Buffer.compare(kept, spkiOf(key)) !== 0) found.add({ kind: 'key-replaced' });
  const { faults, truncated } = found;
  const firstBad = faults[0] ?? null;
  return { ok: firstBad === null, ...walked, ...seals, keyId: key?.id ?? null, firstBad, faults, truncated };
}

class Findings {
  readonly #faults = new Map<string, Fault>();
  readonly #broken = new Set<InteractionId>();
  truncated = false;

  add({ kind, interactionId = null, version = null, seal = null }: Partial<Fault> & Pick<Fault, 'kind'>): void {
    const subject = interactionId === null ? `seal ${seal}` : `${interactionId} ${version}`;
    const name = `${kind} ${subject}`;
    const known = this.#faults.get(name);
    if (!known && this.#faults.size === FAULTS_LISTED) {
      this.truncated = true;
      return;
    }
    this.#faults.set(name, { kind, interactionId, version, seal: known?.seal ?? seal });
    if (interactionId !== null) this.#broken.add(interactionId);
  }

  isBroken(id: InteractionId): boolean {
    return this.#broken.has(id);
  }

  get faults(): readonly Fault[] {
    return [...this.#faults.values()];
  }
}

async function walkChains(store: AuditedStore, found: Findings) {
  let interactions = 0;
  let events = 0;
  for (let after = ''; ; ) {
    const page = await store.chains(after, CHAINS_PER_PAGE);
    for (const { id, version, events: rows } of page) {
      const fault = chainFault(rows, version);
      if (fault) found.add({ ...fault, interactionId: id });
      interactions += 1;
      events += rows.length;
    }
    const last = page.at(-1);
    if (!last) return { interactions, events };
    after = last.id;
    // A long walk must not keep live handoffs waiting.
    await nextTurn();
  }
}

async function walkSeals(store: AuditedStore, key: SealPublicKey | null, anchor: Anchor | undefined, found: Findings) {
  let before: Judged | null = null;
  let seals = 0;
  let newestSeal: Verdict['newestSeal'] = null;
  let anchored = false;
  for (let after = BEFORE_EVERYTHING; ; ) {
    const page = await store.seals(after, SEALS_PER_PAGE);
    for (const seal of page) {
      const judged = judge(seal, before, key, found);
      if (judged.readable) await compare(store, seal, found);
      const { number, digest } = judged;
      if (number === anchor?.number) {
        anchored = true;
        if (digest !== anchor.digest) found.add({ kind: 'seal-replaced', seal: number });
      }
      newestSeal = { number, digest, at: timeOf(seal.at) };
      before = judged;
      seals += 1;
    }
    const last = page.at(-1);
    if (!last) break;
    after = last.number;
  }
  if (anchor && !anchored) found.add({ kind: 'seal-removed', seal: anchor.number });
  const unsealed = await count(store, before?.upToSeq ?? 0, found);
  return { seals, unsealed, newestSeal };
}

type Judged = {
  readonly number: number;
  readonly upToSeq: number;
  readonly digest: string;
  /** It is signed as it stands. */
  readonly sound: boolean;
  /** What it says about events can be held against them. */
  readonly readable: boolean;
};

/** The seal itself: its place among the others, its key, its signature. */
function judge(seal: Seal, before: Judged | null, key: SealPublicKey | null, found: Findings): Judged {
  const { number, upToSeq, previous } = seal;
  const fault = (kind: FaultKind) => found.add({ kind, seal: number });
  const expected = (before?.number ?? 0) + 1;
  if (number > expected) found.add({ kind: 'seal-removed', seal: expected });
  const followed = before ? before.digest : Buffer.from(NO_SEAL).toString('hex');
  const follows = seal.afterSeq === (before?.upToSeq ?? 0) && (before?.sound === false || hex(previous) === followed);
  const ordered = number > expected || (number === expected && follows);
  if (!ordered) fault('seal-out-of-order');

  const known = key !== null && seal.keyId === key.id;
  const whole = hex(rootOf(seal)) === hex(seal.root);
  const sound = known && whole && isSignedBy(key, statementOf(seal), seal.signature);
  if (!known) fault('seal-under-another-key');
  // A seal in another's place is not signed for that place, which says nothing new.
  else if (!sound && ordered) fault('seal-changed');
  return { number, upToSeq, digest: hex(sealDigest(seal)), sound, readable: sound || (!known && whole) };
}

function rootOf(seal: Seal): Uint8Array {
  const tree = new MerkleTree();
  for (const { bytes } of leavesOf(seal)) tree.add(bytes);
  return tree.root();
}

/** What the seal says about its events against what is there. */
async function compare(store: AuditedStore, seal: Seal, found: Findings): Promise<void> {
  const there = await headsIn(store, seal.afterSeq, seal.upToSeq);
  let explained = there.events === seal.events;
  const sealed = new Set<InteractionId>();
  for (const { interactionId, version, hash } of leavesOf(seal)) {
    sealed.add(interactionId);
    const head = there.get(interactionId);
    if (head?.version === version && hex(head.hash) === hex(hash)) continue;
    explained = true;
    const { number } = seal;
    if (head && head.version > version) {
      found.add({ kind: 'event-inserted', interactionId, version: head.version, seal: number });
    } else if (head?.version === version) {
      // A chain that breaks there has been named already; one that holds was made anew.
      if (!found.isBroken(interactionId)) found.add({ kind: 'chain-rewritten', interactionId, version, seal: number });
    } else {
      found.add({ ...(await whereabouts(store, interactionId, version)), interactionId, seal: number });
    }
  }
  for (const { interactionId, version } of there.leaves()) {
    if (sealed.has(interactionId)) continue;
    explained = true;
    found.add({ kind: 'event-inserted', interactionId, version, seal: seal.number });
  }
  // Something before a head came or went: where its chain broke it has been named, else it only stands elsewhere.
  if (!explained && found.faults.length === 0) found.add({ kind: 'event-moved', seal: seal.number });
}

/** What became of an event that a seal names and that is not where it was. */
async function whereabouts(store: AuditedStore, id: InteractionId, version: number) {
  const events = await store.history(id);
  if (events.length === 0) return { kind: 'interaction-removed', version: null } as const;
  const elsewhere = events.some((event) => event.version === version);
  return { kind: elsewhere ? 'event-moved' : 'event-removed', version } as const;
}

async function headsIn(store: AuditedStore, afterSeq: number, upToSeq: number): Promise<Heads> {
  const heads = new Heads();
  for (let after = afterSeq; ; ) {
    const page = await store.arrivals(after, ARRIVALS_PER_PAGE);
    for (const head of page) if (head.seq <= upToSeq) heads.add(head);
    const last = page.at(-1);
    if (!last || last.seq >= upToSeq) return heads;
    after = last.seq;
    await nextTurn();
  }
}

/** Counts what came after the newest seal, and finds what was put before the first. */
async function count(store: AuditedStore, afterSeq: number, found: Findings): Promise<number> {
  for (const { seq, interactionId, version } of await store.arrivals(BEFORE_EVERYTHING, 1)) {
    if (seq <= 0) found.add({ kind: 'event-inserted', interactionId, version });
  }
  let unsealed = 0;
  for (let after = afterSeq; ; ) {
    const page = await store.arrivals(after, ARRIVALS_PER_PAGE);
    const last = page.at(-1);
    if (!last) return unsealed;
    unsealed += page.length;
    after = last.seq;
    await nextTurn();
  }
}

/** What was tampered with need not be a time. */
function timeOf(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? 'unknown' : time.toISOString();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
