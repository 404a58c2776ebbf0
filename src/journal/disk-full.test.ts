import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { MASTER_KEY, opening } from '../../test/contract/journal-bench.ts';
import type { InteractionId } from '../ids.ts';
import { machineClock } from '../machine-clock.ts';
import { evolve } from '../protocols/evolve.ts';
import { decide } from '../protocols/handoff.ts';
import { type State, whole } from '../protocols/interaction.ts';
import { uuidV7 } from '../uuid-v7.ts';
import { Journal } from './journal.ts';
import { JournalUnavailable } from './journal-unavailable.ts';
import { machineRandomBytes } from './random-bytes.ts';
import { SqliteStore } from './sqlite.ts';
import { openDatabase } from './sqlite-opening.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-full-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const newId = uuidV7(machineClock.now, machineRandomBytes);

it('a full disk refuses what it cannot keep, keeps what it took, and goes on once there is room (H8)', async () => {
  const database = openDatabase(join(folder, 'journal.db'));
  await using store = new SqliteStore(database);
  const journal = await Journal.open(store, MASTER_KEY);
  const append = async (id: InteractionId) => {
    const events = decide(null, opening(id, id), machineClock.now());
    const after = whole(events.reduce<State>(evolve, null));
    return journal.append(null, id, events, after, { dueAt: null, lease: null, messages: [], blobs: [] });
  };
  const pages = Number(database.prepare('pragma page_count').get()?.page_count);
  database.exec(`pragma max_page_count = ${pages + 20}`);

  const [taken, refused]: [InteractionId[], InteractionId[]] = [[], []];
  for (let n = 0; n < 400 && refused.length < 5; n += 1) {
    const id = newId() as InteractionId;
    await append(id).then(
      () => taken.push(id),
      (error: unknown) => {
        expect(error).toBeInstanceOf(JournalUnavailable);
        expect(error).toMatchObject({ fateUnknown: false });
        refused.push(id);
      },
    );
  }
  expect(refused).toHaveLength(5);
  expect(taken.length).toBeGreaterThan(5);
  for (const id of taken) expect(await journal.load(id)).toMatchObject({ version: expect.any(Number) });
  for (const id of refused) expect(await journal.load(id)).toBeNull();

  database.exec('pragma max_page_count = 1000000');
  for (const id of refused) expect(await append(id)).toMatchObject({ kind: 'appended' });
  expect(await journal.verify()).toMatchObject({ ok: true });
});
