// Owns how a draft becomes an append: its bodies under one seal of the interaction's key, its rows chained, its blobs sealed under
// keys of their own. Keeps H8.

import type { InteractionId } from '../ids.ts';
import { chainHash } from './chain.ts';
import type { ChooseWriter, Draft, DraftWriter, PlainBlob, Written } from './draft.ts';
import type { Append, EventRow, SealedBlob, Store } from './store.ts';
import type { DataKey, Vault } from './vault.ts';

/** Data keys that are kept open, the longest unused of which is let go first: to open one costs as much as to seal an append. */
const KEYS_KEPT = 8_192;
const NONE: readonly never[] = [];

type Sealed = { readonly append: Append; readonly hash: Uint8Array; readonly wrappedKey: Uint8Array | null };

export class Scribe implements DraftWriter {
  readonly atOnce = 1;
  readonly largestBatch = 512;
  readonly #store: Pick<Store, 'append'>;
  readonly #vault: Vault;
  readonly #keys = new Map<InteractionId, DataKey>();

  constructor(store: Pick<Store, 'append'>, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  async write(batch: readonly Draft[]): Promise<readonly Written[]> {
    const sealed = batch.map((draft) => this.#sealed(draft));
    const results = await this.#store.append(sealed.map(({ append }) => append));
    return results.map((result, index) => {
      if (result.kind !== 'appended') return result;
      const { hash, wrappedKey } = sealed[index] as Sealed;
      return { kind: 'appended', hash, wrappedKey };
    });
  }

  letGo(ids: readonly InteractionId[]): void {
    for (const id of ids) this.#keys.delete(id);
  }

  #sealed(draft: Draft): Sealed {
    const { interactionId, expectedVersion, bodies, snapshot } = draft;
    const key = bodies === null ? null : this.#keyOf(draft);
    if (draft.erase) this.letGo([interactionId]);
    const seal = (text: string, place: string) => key && this.#vault.seal(key, text, `${interactionId}.${place}`);
    const rows = chained(draft, bodies === null ? null : seal(bodies, `${expectedVersion + 1}`));
    const version = expectedVersion + rows.length;
    const append = {
      ...draft,
      wrappedKey: expectedVersion === 0 ? (key?.wrapped ?? null) : null,
      events: rows,
      snapshot: snapshot === null ? null : seal(snapshot, `snapshot.${version}`),
      blobs: draft.blobs.length === 0 ? NONE : draft.blobs.map((blob) => sealedBlob(this.#vault, blob)),
    };
    return { append, hash: rows.at(-1)?.hash ?? draft.previous, wrappedKey: key?.wrapped ?? null };
  }

  /** Known by what it is wrapped as, too: who lost the race for a new interaction made a key that is not its key. */
  #keyOf({ interactionId, wrappedKey }: Draft): DataKey {
    const known = wrappedKey && this.#keys.get(interactionId);
    const isKnown = known && Buffer.compare(known.wrapped, wrappedKey) === 0;
    const key = isKnown ? known : wrappedKey ? this.#vault.unwrap(wrappedKey) : this.#vault.newDataKey();
    this.#keep(interactionId, key);
    return key;
  }

  #keep(id: InteractionId, key: DataKey): void {
    this.#keys.delete(id);
    this.#keys.set(id, key);
    if (this.#keys.size <= KEYS_KEPT) return;
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}

/** One seal per append: its first row carries all the bodies. */
function chained({ interactionId, expectedVersion, events, previous }: Draft, sealed: Uint8Array | null): EventRow[] {
  let hash = previous;
  return events.map(({ type, at, actor, clear }, index) => {
    const version = expectedVersion + 1 + index;
    const row = { interactionId, version, type, at, actor, clear, sealed: index === 0 ? sealed : null };
    hash = chainHash(hash, row);
    return { ...row, hash };
  });
}

/** Under a key of its own. */
export function sealedBlob(vault: Vault, { ref, content, expiresAt }: PlainBlob): SealedBlob {
  const key = vault.newDataKey();
  return { ref, wrappedKey: key.wrapped, sealed: vault.seal(key, content, `blob.${ref}`), expiresAt };
}

/** For a store that is another process: while it commits one batch, another is decided and sealed. */
export const pipelined: ChooseWriter = (own) => ({
  atOnce: 2,
  largestBatch: own.largestBatch,
  write: (batch) => own.write(batch),
  letGo: (ids) => own.letGo(ids),
});
