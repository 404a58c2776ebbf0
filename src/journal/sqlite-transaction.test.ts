import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecond, openShared } from './sqlite-opening.ts';
import { type Alone, transacted, unsynced } from './sqlite-transaction.ts';

const NORMAL = 1;
const FULL = 2;

let folder: string;
let shared: ReturnType<typeof openShared>;
let other: DatabaseSync;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-transaction-'));
  const path = join(folder, 'journal.db');
  shared = openShared(path);
  shared.database.exec('create table word (word text primary key)');
  other = openSecond(path);
});

afterEach(() => {
  other.close();
  shared.database.close();
  shared.lock.close();
  rmSync(folder, { recursive: true });
});

const synchronous = () => Number(shared.database.prepare('pragma synchronous').get()?.synchronous);
const words = () =>
  other
    .prepare('select word from word order by word')
    .all()
    .map((row) => row.word);
const write = (word: string) => shared.database.prepare('insert into word values (?)').run(word);

describe.each([
  { name: 'transacted', make: transacted, meanwhile: FULL },
  { name: 'unsynced', make: unsynced, meanwhile: NORMAL },
])('$name', ({ make, meanwhile }) => {
  const once: Alone = (work) => work();

  it('is seen whole by every connection as soon as it is done', async () => {
    const said = await make(
      shared.database,
      once,
    )(() => {
      write('a');
      write('b');
      return synchronous();
    });
    expect(said).toBe(meanwhile);
    expect(words()).toEqual(['a', 'b']);
    expect(synchronous()).toBe(FULL);
  });

  it('leaves nothing of what failed, and the next append goes to the disk', () => {
    const fail = () => {
      write('a');
      write('a');
    };
    expect(() => make(shared.database, once)(fail)).toThrow('UNIQUE');
    expect(words()).toEqual([]);
    expect(synchronous()).toBe(FULL);
  });

  it('waits for its turn', async () => {
    let goOn: () => void = () => {};
    const turn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const alone: Alone = async (work) => {
      await turn;
      return work();
    };
    const writing = make(shared.database, alone)(() => write('a'));
    expect(synchronous()).toBe(FULL);
    expect(words()).toEqual([]);
    goOn();
    await writing;
    expect(words()).toEqual(['a']);
  });
});
