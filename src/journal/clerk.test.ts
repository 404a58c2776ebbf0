import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ContactCenter,
  escalation,
  interactionId,
  legOf,
  MASTER_KEY,
  opening,
} from '../../test/contract/journal-bench.ts';
import type { InteractionId } from '../ids.ts';
import { machineClock } from '../machine-clock.ts';
import { GENESIS } from './chain.ts';
import { Clerk } from './clerk.ts';
import type { Draft, DraftWriter, Written } from './draft.ts';
import { Journal } from './journal.ts';
import { Runner } from './runner.ts';
import { openSqliteWithClerk } from './sqlite-with-clerk.ts';
import { Turns } from './turns.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-clerk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, String(files++), 'journal.db');
const KEYS = { current: MASTER_KEY, older: [] };

/** Writes for somebody whose own hands are counted. */
class Counted implements DraftWriter {
  readonly atOnce = 1;
  readonly largestBatch = 512;
  readonly sizes: number[] = [];
  readonly gone: InteractionId[] = [];
  readonly #writer: DraftWriter | null;

  constructor(writer: DraftWriter | null) {
    this.#writer = writer;
  }

  letGo(ids: readonly InteractionId[]): void {
    this.gone.push(...ids);
    this.#writer?.letGo(ids);
  }

  async write(batch: readonly Draft[]): Promise<readonly Written[]> {
    this.sizes.push(batch.length);
    return this.#writer ? this.#writer.write(batch) : batch.map(() => ({ kind: 'version-conflict' }));
  }
}

/** A journal whose clerk is there; `own` counts what its owner wrote. */
async function withClerk(file = newFile()) {
  const store = openSqliteWithClerk(file);
  let own = new Counted(null);
  let clerk: Clerk | undefined;
  const journal = await Journal.open(store, MASTER_KEY, [], {
    writer: (writer, keys) => {
      own = new Counted(writer);
      clerk = store.writer(own, keys);
      return clerk;
    },
  });
  await clerk?.hire();
  return { store, journal, own, clerk: clerk as Clerk, file };
}

function draftOf(n: number, more: Partial<Draft> = {}): Draft {
  return {
    interactionId: interactionId(n),
    expectedVersion: 0,
    wrappedKey: null,
    previous: GENESIS,
    events: [{ type: 'InteractionOpened', at: n, actor: 'api:desk', clear: '{}' }],
    bodies: '[]',
    snapshot: null,
    summary: {
      channel: 'voice',
      platform: null,
      phase: null,
      holder: 'bot',
      outcome: null,
      openedAt: n,
      endedAt: null,
      deadLetters: 0,
    },
    dueAt: null,
    lease: null,
    attach: [],
    detach: [],
    subjects: [],
    messages: [],
    blobs: [],
    erase: false,
    forget: [],
    ...more,
  };
}

const drafts = (from: number, count: number, more?: Partial<Draft>) =>
  Array.from({ length: count }, (_, index) => draftOf(from + index, more));

describe('the clerk', () => {
  it('takes large batches, and leaves small ones to its owner while it has nothing to do', async () => {
    const { store, clerk, own } = await withClerk();
    await using _ = store;
    expect(await clerk.write(drafts(0, 7))).toHaveLength(7);
    expect(own.sizes).toEqual([7]);
    const [large, small] = await Promise.all([clerk.write(drafts(10, 8)), clerk.write(drafts(20, 1))]);
    expect([...large, ...small].every(({ kind }) => kind === 'appended')).toBe(true);
    expect(own.sizes).toEqual([7]);
    expect(await store.lastSeq()).toBe(16);
  });

  it('seals and chains as its owner does: whole escalations at once are read, verified and read again after it', async () => {
    const { store, journal, own, file } = await withClerk();
    const center = new ContactCenter();
    const count = 60;
    {
      await using _ = store;
      await using runner = new Runner({
        journal,
        execute: async (command) => center.perform(command),
        clock: machineClock,
        random: Math.random,
        owner: 'me',
        onFault: (fault) => {
          throw fault;
        },
      });
      await runner.start({ recovering: true });
      const ids = Array.from({ length: count }, (_, n) => interactionId(n));
      await Promise.all(
        ids.map(async (id, n) => {
          await runner.submit(id, opening(id, `c${n}`));
          const blob = { ref: `ref-${n}`, content: `{"of":${n}}`, expiresAt: machineClock.now() + 60_000 };
          await runner.submit(id, escalation(), { blob } as never);
          await runner.watch(id, ({ settled }) => settled.length > 0, 20_000);
        }),
      );
      expect(own.sizes.filter((size) => size >= 8)).toEqual([]);
    }
    await using again = openSqliteWithClerk(file);
    const reread = await Journal.open(again, MASTER_KEY);
    expect(await reread.verify()).toMatchObject({ ok: true });
    for (let n = 0; n < count; n += 1) {
      const head = await reread.peek(interactionId(n));
      expect(head?.state).toMatchObject({ id: interactionId(n), settled: [{ outcome: 'completed' }] });
      expect(await reread.readBlob(`ref-${n}` as never, machineClock.now())).toMatchObject({ content: `{"of":${n}}` });
    }
  }, 30_000);

  it('judges every append by itself, and says what its owner would say', async () => {
    const { store, clerk } = await withClerk();
    await using _ = store;
    const leg = { platform: legOf('c1').platform, external: 'c1' };
    const message = { sender: 'x', messageId: 'm' };
    await clerk.write([...drafts(0, 7), draftOf(7, { attach: [leg], messages: [message] })]);
    const told = await clerk.write([
      ...drafts(100, 6),
      draftOf(1),
      draftOf(200, { attach: [leg] }),
      draftOf(201, { messages: [message] }),
    ]);
    expect(told.slice(0, 6).map(({ kind }) => kind)).toEqual(Array(6).fill('appended'));
    expect(told.slice(6)).toEqual([
      { kind: 'version-conflict' },
      { kind: 'leg-taken', interactionId: interactionId(7), leg },
      { kind: 'duplicate', messages: [message] },
    ]);
  });

  it('goes on from what its owner wrote, and its owner from what it wrote', async () => {
    const { store, clerk, own } = await withClerk();
    await using _ = store;
    let told = await clerk.write(drafts(0, 8));
    for (let version = 1; version < 5; version += 1) {
      const next = told.map((one, n) => {
        if (one.kind !== 'appended') throw new Error(one.kind);
        return draftOf(n, { expectedVersion: version, previous: one.hash, wrappedKey: one.wrappedKey });
      });
      told =
        version % 2 === 0
          ? await clerk.write(next)
          : (await Promise.all([next.slice(0, 7), next.slice(7)].map((some) => clerk.write(some)))).flat();
    }
    expect(own.sizes).toEqual([7, 1, 7, 1]);
    const chains = await store.chains('', 20);
    expect(chains.map(({ version }) => version)).toEqual(Array(8).fill(5));
  });

  it('keeps nobody from writing who waits for a turn: everything of it is there', async () => {
    const { store, clerk } = await withClerk();
    await using _ = store;
    const batches = Array.from({ length: 12 }, (_, n) => clerk.write(drafts(n * 40, 40)));
    const own = [
      store.note([{ sender: 'x', messageId: 'm' }], 1),
      store.settleMeta('name', new Uint8Array([1])),
      store.park([
        {
          sender: 'x',
          messageId: 'p',
          leg: { platform: 'p' as never, external: 'e' },
          sealed: new Uint8Array(1),
          expiresAt: 1,
        },
      ]),
      store.claimDue(1, { owner: 'me', until: 2 }, 5),
      store.expire(10, 10),
      store.scrub(),
    ];
    await Promise.all([...batches, ...own]);
    expect(await store.lastSeq()).toBe(480);
    expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
  });

  it('leaves a key that is destroyed in no file, its own log included', async () => {
    const { store, clerk, file, own } = await withClerk();
    await using _ = store;
    const told = await clerk.write(drafts(0, 50));
    const keys = told.map((one) =>
      one.kind === 'appended' && one.wrappedKey ? Buffer.from(one.wrappedKey) : Buffer.alloc(64),
    );
    const inFiles = () => {
      const all = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)));
      return keys.filter((key) => all.some((content) => content.includes(key))).length;
    };
    expect(inFiles()).toBe(50);
    const erasing = told.map((one, n) => {
      if (one.kind !== 'appended') throw new Error(one.kind);
      return draftOf(n, { expectedVersion: 1, previous: one.hash, bodies: null, erase: true });
    });
    const erased = await clerk.write(erasing);
    expect(erased.every((one) => one.kind === 'appended' && one.wrappedKey === null)).toBe(true);
    expect(own.gone).toHaveLength(50);
    expect(await store.scrub()).toEqual({ kind: 'scrubbed' });
    expect(inFiles()).toBe(0);
  });

  it('tells a failure to everybody in the batch, and goes on with the next one', async () => {
    const { store, clerk } = await withClerk();
    await using _ = store;
    const broken = { ...draftOf(0).summary, channel: null as never };
    await expect(clerk.write([...drafts(0, 8), draftOf(8, { summary: broken })])).rejects.toThrow(/NOT NULL/);
    expect(await store.lastSeq()).toBe(0);
    expect(await clerk.write(drafts(0, 8))).toHaveLength(8);
    expect(await store.lastSeq()).toBe(8);
  });

  it('takes nothing any more when its thread cannot be or has ended, and says why', async () => {
    const own = new Counted(null);
    const clerk = new Clerk({ path: join(folder, 'nowhere', 'journal.db'), keys: KEYS }, own, new Turns());
    await expect(clerk.hire()).rejects.toThrow(/unable to open/);
    await expect(clerk.write(drafts(0, 8))).rejects.toThrow(/unable to open/);
    await clerk[Symbol.asyncDispose]();
  });

  it('writes what it has been given before it ends', async () => {
    const { store, clerk, file } = await withClerk();
    const batches = Promise.all([0, 1, 2].map((n) => clerk.write(drafts(n * 20, 20))));
    await store[Symbol.asyncDispose]();
    expect((await batches).flat()).toHaveLength(60);
    await expect(clerk.write(drafts(100, 8))).rejects.toThrow(/has ended/);
    await using again = openSqliteWithClerk(file);
    expect(await again.lastSeq()).toBe(60);
  });

  it('keeps its process until it has ended, also when it was hired a moment ago', () => {
    // In a process of its own: nothing else may keep that one from ending.
    const script = `
      import { openSqliteWithClerk } from ${JSON.stringify(new URL('./sqlite-with-clerk.ts', import.meta.url).href)};
      const store = openSqliteWithClerk(process.argv[2]);
      const own = { atOnce: 1, largestBatch: 1, write: async () => [], letGo() {} };
      void store.writer(own, { current: Buffer.alloc(32, 7), older: [] }).hire();
      await store[Symbol.asyncDispose]();
      console.log('ended');`;
    const file = join(folder, 'hires-and-ends.mjs');
    writeFileSync(file, script);
    const ended = spawnSync(process.execPath, [file, newFile()], { encoding: 'utf8' });
    expect(ended).toMatchObject({ stderr: '', stdout: 'ended\n', status: 0 });
  });
});
