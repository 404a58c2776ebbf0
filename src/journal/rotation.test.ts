import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ContactCenter,
  contextChange,
  escalation,
  interactionId,
  opening,
  replaced,
  settled,
} from '../../test/contract/journal-bench.ts';
import { type ManualClock, manualClock } from '../../test/contract/manual-clock.ts';
import { note, sealerOf } from '../../test/contract/sealed-journal.ts';
import type { ManifestRef } from '../ids.ts';
import { Journal } from './journal.ts';
import type { Rotation, RotationParts } from './rotation.ts';
import { Runner } from './runner.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';
import { SealBroken } from './vault.ts';

const [OLD, NEW, THIRD] = [1, 2, 3].map((n) => Buffer.alloc(32, n)) as [Buffer, Buffer, Buffer];
const LATER = Date.UTC(2027, 0, 1);

const folder = mkdtempSync(join(tmpdir(), 'throughline-rotation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A rotation whose waiting passes by itself. */
function rotationOf(journal: Journal, more: Partial<RotationParts> = {}): { rotation: Rotation; told: string[] } {
  const told: string[] = [];
  const rotation = journal.rotation({
    clock: { ...manualClock(), sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    onComplete: () => void told.push('complete'),
    onSuperseded: () => void told.push('superseded'),
    onStuck: (keys) => void told.push(`stuck ${keys}`),
    onFault: (error) => void told.push(String(error)),
    ...more,
  });
  return { rotation, told };
}

const refOf = (n: number) => `ref-${n}` as ManifestRef;

/** Interactions with a blob each, under `key`. */
async function filled(store: Store, key: Buffer, count: number): Promise<Journal> {
  const journal = await Journal.open(store, key);
  await rotationOf(journal).rotation.round();
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all(numbers.map((n) => note(journal, n)));
  await store.putBlobs(numbers.map((n) => journal.sealBlob(refOf(n), `blob ${n}`, LATER)));
  return journal;
}

async function opensAll(journal: Journal, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    expect(await journal.load(interactionId(n))).toMatchObject({ state: { id: interactionId(n) } });
    expect(await journal.readBlob(refOf(n), 0)).toMatchObject({ content: `blob ${n}` });
  }
}

describe('the rotation of the master key', () => {
  it('wraps everything anew; then the old key opens nothing and the new one everything', async () => {
    const store = openSqlite(':memory:');
    const before = await filled(store, OLD, 300);
    const sealed = before.sealKey.public.id;
    const found = await before.findSubject('phone', '+14155551234', 1);
    const journal = await Journal.open(store, NEW, [OLD]);
    const { rotation, told } = rotationOf(journal);
    expect(rotation.remaining).toBeNull();
    await rotation.round();
    expect([rotation.remaining, told]).toEqual([0, ['complete']]);
    await expect(Journal.open(store, OLD)).rejects.toThrow(/wrong master key/);
    const after = await Journal.open(store, NEW);
    await opensAll(after, 300);
    for (const owner of ['interaction', 'blob'] as const) {
      const ids = new Set(
        (await store.wrappedKeys(owner, '', 1_000)).map(({ wrapped }) => String(wrapped.subarray(0, 4))),
      );
      expect(ids.size).toBe(1);
    }
    expect(after.sealKey.public.id).toBe(sealed);
    expect(await after.findSubject('phone', '+14155551234', 1)).toEqual(found);
  });

  it('wraps the key of what nodes share anew, where they do: what it sealed still opens', async () => {
    const store = openSqlite(':memory:');
    const sealed = (await (await filled(store, OLD, 1)).secrets()).seal('a token', 'credential one');
    const { rotation, told } = rotationOf(await Journal.open(store, NEW, [OLD]));
    await rotation.round();
    expect(told).toEqual(['complete']);
    const secrets = await (await Journal.open(store, NEW)).secrets();
    expect(secrets.open(sealed, 'credential one')).toBe('a token');
    expect(() => secrets.open(sealed, 'credential two')).toThrow(SealBroken);
  });

  it('costs nothing and asks nothing where no other key is configured', async () => {
    const journal = await Journal.open(openSqlite(':memory:'), OLD);
    const { rotation, told } = rotationOf(journal);
    rotation.start();
    await settled();
    await rotation[Symbol.asyncDispose]();
    expect([rotation.remaining, told]).toEqual([0, []]);
  });

  it('is done with an empty journal as well', async () => {
    const store = openSqlite(':memory:');
    await filled(store, OLD, 0);
    const { rotation, told } = rotationOf(await Journal.open(store, NEW, [OLD]));
    await rotation.round();
    expect([rotation.remaining, told]).toEqual([0, ['complete']]);
  });

  it('refuses a journal that neither key opens', async () => {
    const store = openSqlite(':memory:');
    await filled(store, OLD, 1);
    await expect(Journal.open(store, NEW, [THIRD])).rejects.toThrow(/wrong master key/);
  });

  it('says again that it is complete only after another node has wrapped something with the old key', async () => {
    const store = openSqlite(':memory:');
    const old = await filled(store, OLD, 3);
    const { rotation, told } = rotationOf(await Journal.open(store, NEW, [OLD]));
    await rotation.round();
    await rotation.round();
    expect(told).toEqual(['complete']);
    await note(old, 4);
    await rotation.round();
    expect(told).toEqual(['complete', 'complete']);
    expect(await (await Journal.open(store, NEW)).load(interactionId(4))).not.toBeNull();
  });

  it('goes on where it stopped after a crash in the middle', async () => {
    const file = join(folder, 'crash.db');
    const crash = new Error('the process dies here');
    {
      await using store = openSqlite(file);
      await filled(store, OLD, 300);
      let pages = 0;
      const dying = replaced(store, {
        rewrap: (keys) => (pages++ === 1 ? Promise.reject(crash) : store.rewrap(keys)),
      });
      const { rotation } = rotationOf(await Journal.open(dying, NEW, [OLD]));
      await expect(rotation.round()).rejects.toMatchObject({ cause: crash });
    }
    await using store = openSqlite(file);
    const wrapped = (await store.wrappedKeys('interaction', '', 1_000)).map((one) =>
      String(one.wrapped.subarray(0, 4)),
    );
    expect(new Set(wrapped).size).toBe(2);
    await opensAll(await Journal.open(store, NEW, [OLD]), 300);
    await opensAll(await Journal.open(store, OLD, [NEW]), 300);
    const { rotation, told } = rotationOf(await Journal.open(store, NEW, [OLD]));
    await rotation.round();
    expect(told).toEqual(['complete']);
    await opensAll(await Journal.open(store, NEW), 300);
  });

  it('a node that still has the key before undoes nothing, and says that it waits', async () => {
    const store = openSqlite(':memory:');
    await filled(store, OLD, 5);
    const ahead = rotationOf(await Journal.open(store, NEW, [OLD]));
    const behind = rotationOf(await Journal.open(store, OLD, [NEW]));
    await behind.rotation.round();
    await ahead.rotation.round();
    await behind.rotation.round();
    await behind.rotation.round();
    expect(behind).toMatchObject({ told: ['complete', 'superseded'], rotation: { remaining: null } });
    await opensAll(await Journal.open(store, NEW), 5);
  });

  it('a key that was replaced while it was being wrapped anew stays as it was replaced', async () => {
    const store = openSqlite(':memory:');
    await filled(store, OLD, 3);
    const faster = (await Journal.open(store, NEW, [OLD])).sealBlob(refOf(9), 'another', LATER).wrappedKey;
    const racing = replaced(store, {
      rewrap: async (keys) => {
        const second = keys.filter(({ id }) => id === interactionId(2));
        await store.rewrap(second.map((key) => ({ ...key, rewrapped: faster })));
        return store.rewrap(keys);
      },
    });
    await rotationOf(await Journal.open(racing, NEW, [OLD])).rotation.round();
    const [second] = await store.wrappedKeys('interaction', interactionId(1), 1);
    expect(Buffer.compare(second!.wrapped, faster)).toBe(0);
  });

  it('goes past a key that nothing opens, and does not call itself complete', async () => {
    const store = openSqlite(':memory:');
    await filled(store, OLD, 3);
    const [second] = await store.wrappedKeys('interaction', interactionId(1), 1);
    const damaged = Uint8Array.from(second!.wrapped, (byte, at) => (at === 30 ? byte ^ 1 : byte));
    await store.rewrap([{ ...second!, owner: 'interaction', rewrapped: damaged }]);
    const { rotation, told } = rotationOf(await Journal.open(store, NEW, [OLD]));
    await rotation.round();
    await rotation.round();
    expect([rotation.remaining, told]).toEqual([1, ['stuck 1']]);
    const journal = await Journal.open(store, NEW);
    expect([await journal.load(interactionId(1)), await journal.load(interactionId(3))]).not.toContain(null);
  });
});

describe('a rotation under load, node by node', () => {
  type Node = {
    readonly journal: Journal;
    readonly runner: Runner;
    readonly faults: unknown[];
    readonly rotation: Rotation;
  };

  async function started(
    store: Store,
    name: string,
    keys: readonly [Buffer, ...Buffer[]],
    clock: ManualClock,
    center: ContactCenter,
  ): Promise<Node> {
    const [own, ...others] = keys;
    const journal = await Journal.open(store, own, others);
    const faults: unknown[] = [];
    const onFault = (fault: unknown) => faults.push(fault);
    const runner = new Runner({ journal, execute: center.execute, clock, random: () => 0.5, owner: name, onFault });
    await runner.start({ recovering: false });
    const { rotation } = rotationOf(journal, { onFault });
    rotation.start();
    return { journal, runner, faults, rotation };
  }

  async function stopped({ runner, rotation, faults }: Node): Promise<void> {
    await rotation[Symbol.asyncDispose]();
    await runner[Symbol.asyncDispose]();
    expect(faults).toEqual([]);
  }

  it('fails nothing at any moment: handoffs go on and every interaction opens on every node', async () => {
    const store = openSqlite(':memory:');
    const clock = manualClock();
    const center = new ContactCenter();
    let opened = 0;
    /** Opens interactions on one node and carries them on at the other, and back. */
    const load = async (nodes: readonly Node[]) => {
      for (let n = 0; n < 40; n += 1) {
        const id = interactionId(++opened);
        const [one, other] = [nodes[n % nodes.length]!, nodes[(n + 1) % nodes.length]!];
        expect(await one.runner.submit(id, opening(id, `c${opened}`))).toMatchObject({ kind: 'taken' });
        expect(await other.runner.submit(id, escalation())).toMatchObject({ kind: 'taken' });
        const earlier = interactionId(1 + ((n * 7) % opened));
        expect(await one.runner.submit(earlier, contextChange({ n: String(opened) }))).toMatchObject({ kind: 'taken' });
        expect(await other.journal.history(earlier)).not.toBeNull();
      }
      await settled();
    };
    let a = await started(store, 'a', [OLD], clock, center);
    let b = await started(store, 'b', [OLD], clock, center);
    await load([a, b]);
    // Each step replaces one node after the other, with load on the mixed pair in between.
    for (const keys of [[OLD, NEW], [NEW, OLD], [NEW]] as const) {
      if (keys.length === 1) await expect.poll(() => a.rotation.remaining).toBe(0);
      await stopped(a);
      a = await started(store, 'a', [...keys], clock, center);
      await load([a, b]);
      await stopped(b);
      b = await started(store, 'b', [...keys], clock, center);
      await load([a, b]);
      if (keys[0] === NEW && keys.length === 2) {
        const { rotation, told } = rotationOf(a.journal);
        await rotation.round();
        expect(told).toEqual(['complete']);
      }
    }
    await stopped(a);
    await stopped(b);
    const end = await Journal.open(store, NEW);
    for (let n = 1; n <= opened; n += 1)
      expect(await end.load(interactionId(n))).toMatchObject({ version: expect.any(Number) });
    await expect(Journal.open(store, OLD)).rejects.toThrow(/wrong master key/);
    await sealerOf(store, end.sealKey).sealNext();
    expect(await end.verify()).toMatchObject({ ok: true, interactions: opened });
  }, 30_000);
});
