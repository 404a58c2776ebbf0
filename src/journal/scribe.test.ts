import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { interactionId, MASTER_KEY } from '../../test/contract/journal-bench.ts';
import { GENESIS } from './chain.ts';
import type { Draft } from './draft.ts';
import { pipelined, Scribe } from './scribe.ts';
import { openSqlite } from './sqlite.ts';
import { type DataKey, Vault } from './vault.ts';

const SUMMARY = {
  channel: 'voice',
  platform: null,
  phase: null,
  holder: 'bot',
  outcome: null,
  openedAt: 1,
  endedAt: null,
  deadLetters: 0,
};
const NOTHING = { attach: [], detach: [], subjects: [], messages: [], blobs: [], forget: [] };

function draftOf(more: Partial<Draft> = {}): Draft {
  return {
    ...NOTHING,
    interactionId: interactionId(1),
    expectedVersion: 0,
    wrappedKey: null,
    previous: GENESIS,
    events: [{ type: 'InteractionOpened', at: 1, actor: 'api:desk', clear: '{}' }],
    bodies: '[1]',
    snapshot: null,
    summary: SUMMARY,
    dueAt: null,
    lease: null,
    erase: false,
    ...more,
  };
}

class CountingVault extends Vault {
  opened = 0;
  override unwrap(wrapped: Uint8Array): DataKey {
    this.opened += 1;
    return super.unwrap(wrapped);
  }
}

const newVault = () => new CountingVault(MASTER_KEY, (size) => new Uint8Array(randomBytes(size)));

async function written(scribe: Scribe, draft: Draft) {
  const [result] = await scribe.write([draft]);
  if (result?.kind !== 'appended') throw new Error(result?.kind);
  return { previous: result.hash, wrappedKey: result.wrappedKey };
}

describe('the scribe', () => {
  it('keeps a key open that it made or opened, until it is to let go of it', async () => {
    await using store = openSqlite(':memory:');
    const vault = newVault();
    const scribe = new Scribe(store, vault);
    const first = await written(scribe, draftOf());
    const second = await written(scribe, draftOf({ ...first, expectedVersion: 1 }));
    expect(vault.opened).toBe(0);
    scribe.letGo([interactionId(1)]);
    const third = await written(scribe, draftOf({ ...second, expectedVersion: 2 }));
    expect(vault.opened).toBe(1);
    await written(scribe, draftOf({ ...third, expectedVersion: 3 }));
    expect(vault.opened).toBe(1);
  });

  it('lets go of the key of what is erased', async () => {
    await using store = openSqlite(':memory:');
    const vault = newVault();
    const scribe = new Scribe(store, vault);
    const first = await written(scribe, draftOf());
    const gone = await written(scribe, draftOf({ ...first, expectedVersion: 1, bodies: null, erase: true }));
    expect(gone.wrappedKey).toBeNull();
    await scribe.write([draftOf({ ...first, expectedVersion: 1 })]);
    expect(vault.opened).toBe(1);
  });

  it('seals under the key that stands, also after it has lost the race for a new interaction with one of its own', async () => {
    await using store = openSqlite(':memory:');
    const winner = await written(new Scribe(store, newVault()), draftOf());
    const vault = newVault();
    const loser = new Scribe(store, vault);
    expect(await loser.write([draftOf()])).toEqual([{ kind: 'version-conflict' }]);
    await written(loser, draftOf({ ...winner, expectedVersion: 1, bodies: '[2]' }));
    const [stored] = await store.load([interactionId(1)]);
    const key = vault.unwrap(stored?.wrappedKey as Uint8Array);
    const sealed = stored?.events[1]?.sealed as Uint8Array;
    expect(vault.open(key, sealed, `${interactionId(1)}.2`)).toBe('[2]');
  });

  it('is the same writer with two batches under way where the store is another process', async () => {
    await using store = openSqlite(':memory:');
    const vault = newVault();
    const scribe = new Scribe(store, vault);
    const writer = pipelined(scribe, { current: MASTER_KEY, older: [] });
    expect(writer).toMatchObject({ atOnce: 2, largestBatch: scribe.largestBatch });
    const [first] = await writer.write([draftOf()]);
    writer.letGo([interactionId(1)]);
    const { hash, wrappedKey } = first as { hash: Uint8Array; wrappedKey: Uint8Array };
    await writer.write([draftOf({ previous: hash, wrappedKey, expectedVersion: 1 })]);
    expect(vault.opened).toBe(1);
  });
});
