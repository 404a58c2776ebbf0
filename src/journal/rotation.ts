// Owns the rotation of the master key: while older keys are accepted, everything they still wrap is wrapped anew by the current
// one, page by page, each value only while it is what was read (so an erased key stays erased and two nodes cannot undo one
// another). It keeps no place: after a crash it looks again at what is left. docs/key-rotation.md says how people do it.
//
// The journal remembers which master keys were current, in order. Only nodes whose own is the newest wrap anew: in a rolling
// deployment a node that still has the one before leaves alone what the others have done.

import type { Clock } from '../clock.ts';
import { JournalUnavailable, unavailable } from './journal-unavailable.ts';
import type { KeyOwner, Rewrapped, Store, WrappedKey } from './store.ts';
import { SealBroken, type Vault, type WrappedFor } from './vault.ts';

/** The store of a rotation: see the port for what each promises. */
type RotatedStore = Pick<Store, 'settleMeta' | 'readMeta' | 'replaceMeta' | 'wrappedKeys' | 'rewrap'>;

export type RotationParts = {
  readonly clock: Clock;
  /** Nothing is wrapped by an older key any more. What the store has of the old bytes in freed pages may go too. */
  readonly onComplete: () => void | Promise<void>;
  /** A later node has a newer master key: this one waits until it is given it as well. */
  readonly onSuperseded?: () => void;
  /** So many keys open with no key that is configured: they were damaged, or an older key is missing. */
  readonly onStuck?: (keys: number) => void;
  readonly onFault: (error: unknown) => void;
};

/** The key that seals what nodes share beside the journal; made where nodes do. */
export const SECRETS_META = 'secrets-key';
const OWN_KEYS: readonly (readonly [name: string, purpose: WrappedFor])[] = [
  ['subject-key', 'subject-key'],
  ['mailbox-key', 'data-key'],
  [SECRETS_META, 'data-key'],
  ['seal-key', 'seal-key'],
];
const OWNERS: readonly KeyOwner[] = ['interaction', 'blob'];
const HISTORY_META = 'master-keys';
const ID_BYTES = 4;
const PAGE = 128;
const REST_BETWEEN_PAGES_MS = 5;
/** As long as older keys are accepted, another node may still wrap with one. */
const LOOK_AGAIN_MS = 60_000;

export class Rotation implements AsyncDisposable {
  readonly #store: RotatedStore;
  readonly #vault: Vault;
  readonly #parts: RotationParts;
  readonly #stopping = new AbortController();
  #pump: Promise<void> | null = null;
  #remaining: number | null = null;
  #told: 'complete' | 'superseded' | 'stuck' | null = null;

  constructor(store: RotatedStore, vault: Vault, parts: RotationParts) {
    this.#store = store;
    this.#vault = vault;
    this.#parts = parts;
  }

  /** Keys that an older master key still wraps, as far as is known; null until they were counted, or when this node only waits. */
  get remaining(): number | null {
    return this.#vault.hasOlderKeys ? this.#remaining : 0;
  }

  start(): void {
    this.#pump = this.#keepRotating().catch(this.#parts.onFault);
  }

  async #keepRotating(): Promise<void> {
    const { signal } = this.#stopping;
    await this.isNewest().catch(forNow);
    while (this.#vault.hasOlderKeys && !signal.aborted) {
      await this.round().catch(forNow);
      await this.#parts.clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  /** One look at everything, with what it finds wrapped anew, until a look finds nothing. */
  async round(): Promise<void> {
    if (!(await this.isNewest())) {
      this.#remaining = null;
      if (this.#told !== 'superseded') this.#parts.onSuperseded?.();
      this.#told = 'superseded';
      return;
    }
    for (;;) {
      const found = (await this.#ownKeysLeft()) + (await this.#walk(async (_owner, keys) => keys.length));
      if (this.#stopping.signal.aborted) return;
      this.#remaining = found;
      if (found === 0) return this.#complete();
      if (this.#told === 'complete') this.#told = null;
      const own = await this.#rewrapOwnKeys();
      const others = await this.#walk((owner, keys) => this.#rewrapPage(owner, keys));
      if (own + others === 0) return this.#stuck(found);
    }
  }

  /** Answers how many it could open. */
  async #rewrapPage(owner: KeyOwner, keys: readonly WrappedKey[]): Promise<number> {
    const rewrapped = keys.flatMap((key) => this.#rewrapped(owner, key) ?? []);
    if (rewrapped.length > 0) await this.#store.rewrap(rewrapped).catch(unavailable);
    this.#remaining = Math.max(0, (this.#remaining ?? 0) - rewrapped.length);
    return rewrapped.length;
  }

  #rewrapped(owner: KeyOwner, key: WrappedKey): Rewrapped | null {
    try {
      return { ...key, owner, rewrapped: this.#vault.rewrap(key.wrapped, 'data-key') };
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }

  async #complete(): Promise<void> {
    if (this.#told !== 'complete') await this.#parts.onComplete();
    this.#told = 'complete';
  }

  #stuck(keys: number): void {
    if (this.#told !== 'stuck') this.#parts.onStuck?.(keys);
    this.#told = 'stuck';
  }

  /** Whether no later master key than ours was ever current; ours is noted when it is new. */
  async isNewest(): Promise<boolean> {
    const own = Buffer.from(this.#vault.masterId);
    for (;;) {
      const history = Buffer.from(await this.#store.settleMeta(HISTORY_META, own).catch(unavailable));
      if (history.subarray(-ID_BYTES).equals(own)) return true;
      if (idsIn(history).some((id) => id.equals(own))) return false;
      await this.#store.replaceMeta(HISTORY_META, history, Buffer.concat([history, own])).catch(unavailable);
    }
  }

  /** Answers how many it could do something about. */
  async #rewrapOwnKeys(): Promise<number> {
    let rewrapped = 0;
    for (const [name, purpose] of OWN_KEYS) {
      const wrapped = await this.#store.readMeta(name).catch(unavailable);
      if (!wrapped || this.#vault.isCurrent(wrapped)) continue;
      // When another node was faster, its wrapping is as good.
      await this.#store.replaceMeta(name, wrapped, this.#vault.rewrap(wrapped, purpose)).catch(unavailable);
      rewrapped += 1;
    }
    return rewrapped;
  }

  /** Hands over, page by page, the keys that an older master key wraps. Returns the sum of what was answered. */
  async #walk(each: (owner: KeyOwner, keys: readonly WrappedKey[]) => Promise<number>): Promise<number> {
    let sum = 0;
    for (const owner of OWNERS) {
      for (let after = ''; !this.#stopping.signal.aborted; ) {
        const page = await this.#store.wrappedKeys(owner, after, PAGE).catch(unavailable);
        sum += await each(
          owner,
          page.filter(({ wrapped }) => !this.#vault.isCurrent(wrapped)),
        );
        const last = page.at(-1);
        if (!last) break;
        after = last.id;
        await this.#parts.clock.sleep(REST_BETWEEN_PAGES_MS, this.#stopping.signal);
      }
    }
    return sum;
  }

  async #ownKeysLeft(): Promise<number> {
    const own = await Promise.all(OWN_KEYS.map(([name]) => this.#store.readMeta(name).catch(unavailable)));
    return own.filter((wrapped) => wrapped && !this.#vault.isCurrent(wrapped)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#pump;
  }
}

function idsIn(history: Buffer): readonly Buffer[] {
  const count = Math.floor(history.length / ID_BYTES);
  return Array.from({ length: count }, (_, index) => history.subarray(index * ID_BYTES, (index + 1) * ID_BYTES));
}

/** What the store broke off is taken up in the next round. */
function forNow(error: unknown): void {
  if (!(error instanceof JournalUnavailable)) throw error;
}
