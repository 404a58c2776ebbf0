// Owns the comparison of the journal with bare `node:sqlite`: the same rows, seals and hashes, in batches of the same sizes,
// written by a loop that does nothing else. What is between the two is what our own layers cost.

import { createCipheriv, createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { ExternalId, InteractionId, ManifestRef } from '../src/ids.ts';
import { type Head, Journal } from '../src/journal/journal.ts';
import { openSqlite } from '../src/journal/sqlite.ts';
import { EVENTS_AT_ONCE, MIGRATIONS, SQL } from '../src/journal/sqlite-statements.ts';
import type { Append, Store } from '../src/journal/store.ts';
import type { Event } from '../src/protocols/event.ts';
import { evolve } from '../src/protocols/evolve.ts';
import { deadline, decide, next } from '../src/protocols/handoff.ts';
import type { Input } from '../src/protocols/input.ts';
import { type Interaction, type State, whole } from '../src/protocols/interaction.ts';
import { SEED_MANIFEST } from '../test/seed-examples.ts';
import { type Figure, median } from './figures.ts';
import { newId, openingOf, requestOf } from './house.ts';
import { answerAtOnce, arrivalOf } from './instant-vendor.ts';

const INTERACTIONS = 4_000;
const AT_ONCE = 100;
const ROUNDS = 5;
const DAY_MS = 86_400_000;

export type Step = {
  readonly events: readonly Event[];
  readonly after: Interaction;
  readonly dueAt: number | null;
  readonly blob: boolean;
};

/** What one escalation appends, decided beforehand so that neither side pays for deciding. */
export function scriptOf(id: InteractionId): readonly Step[] {
  const externalId = id as string as ExternalId;
  let state: State = null;
  const steps: Step[] = [];
  const take = (input: Input) => {
    const events = decide(state, input, Date.now());
    for (const event of events) state = evolve(state, event);
    const after = whole(state);
    steps.push({ events, after, dueAt: deadline(state), blob: input.kind === 'request-escalation' });
  };
  take(openingOf(id));
  take(requestOf(newId() as ManifestRef));
  for (let command = next(state)[0]; command; command = next(state)[0]) {
    const outcome = answerAtOnce(command);
    take({ kind: 'command-outcome', actor: 'throughline', key: command.key, outcome, tookMs: 0, chance: 0.5 });
  }
  take(arrivalOf(externalId, Date.now()));
  return steps;
}

const BLOB = JSON.stringify({ shape: 'bare', whole: { manifest: SEED_MANIFEST } });

async function throughJournal(scripts: readonly (readonly Step[])[], batches: Append[][]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const store = recording(openSqlite(join(folder, 'journal.db')), batches);
  const journal = await Journal.open(store, randomBytes(32));
  const queue = scripts.values();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const script of queue) await writeOne(journal, script);
    }),
  );
  const took = performance.now() - started;
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  return took;
}

export async function writeOne(journal: Journal, script: readonly Step[]): Promise<void> {
  let head: Head | null = null;
  for (const { events, after, dueAt, blob } of script) {
    const blobs = blob ? [{ ref: newId() as ManifestRef, content: BLOB, expiresAt: after.lastAt + DAY_MS }] : [];
    const result = await journal.append(head, after.id, events, after, { dueAt, lease: null, messages: [], blobs });
    if (result.kind !== 'appended') throw new Error(result.kind);
    head = result.head;
  }
}

/** The same store, with what it was given kept for the other side. */
export function recording(store: Store, batches: Append[][]): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'append') {
        return (batch: Append[]) => {
          batches.push([...batch]);
          return target.append(batch);
        };
      }
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function throughRaw(batches: readonly (readonly Append[])[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const database = new DatabaseSync(join(folder, 'raw.db'));
  database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
  database.exec('pragma secure_delete = on; pragma cache_size = -65536; pragma wal_autocheckpoint = 4000');
  database.exec('pragma temp_store = memory');
  for (const migration of MIGRATIONS) database.exec(migration);
  const statements = Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]));
  const master = createSecretKey(randomBytes(32));
  statements.expected?.setReturnArrays(true);
  const keys = new Map<string, { key: KeyObject; hash: Uint8Array }>();
  const started = performance.now();
  for (const batch of batches) {
    database.exec('begin immediate');
    const rows: SQLInputValue[][] = [];
    for (const append of batch) rawAppend(append, { sql: statements, keys, master, rows });
    let from = 0;
    for (; rows.length - from >= EVENTS_AT_ONCE; from += EVENTS_AT_ONCE)
      statements.insertEvents?.run(...rows.slice(from, from + EVENTS_AT_ONCE).flat());
    for (const row of rows.slice(from)) statements.insertEvent?.run(...row);
    database.exec('commit');
  }
  const took = performance.now() - started;
  database.close();
  rmSync(folder, { recursive: true });
  return took;
}

type Raw = {
  readonly sql: Record<string, StatementSync>;
  readonly keys: Map<string, { key: KeyObject; hash: Uint8Array }>;
  readonly master: KeyObject;
  /** The events of the batch, which go in together. */
  readonly rows: SQLInputValue[][];
};

function rawAppend(append: Append, { sql, keys, master, rows }: Raw): void {
  const { interactionId, expectedVersion, events } = append;
  const known = keys.get(interactionId) ?? { key: createSecretKey(randomBytes(32)), hash: new Uint8Array(32) };
  const row = expectedVersion === 0 ? rawInsert(append, sql, master) : rawAdvance(append, sql);
  const sealed = seal(known.key, new Uint8Array(Math.max(0, (events[0]?.sealed?.length ?? 28) - 28)));
  let hash = known.hash;
  for (const [index, { version, type, at, actor, clear }] of events.entries()) {
    const digest = createHash('sha256').update(hash).update(`${interactionId}${version}${type}${at}${actor}${clear}`);
    if (index === 0) digest.update(sealed);
    hash = digest.digest();
    rows.push([row, version, type, at, actor, clear, index === 0 ? sealed : null, hash]);
  }
  keys.set(interactionId, { key: known.key, hash });
  for (const { platform, external } of append.attach) sql.insertLeg?.run(platform, external, row);
  for (const subject of append.subjects)
    sql.insertSubject?.run(createHmac('sha256', master).update(subject).digest(), row);
  for (const { ref, sealed: blob, expiresAt } of append.blobs) {
    const key = createSecretKey(randomBytes(32));
    const slot = sql.insertBlobKey?.run(seal(master, randomBytes(32))).lastInsertRowid ?? 0;
    sql.putBlob?.run(ref, slot, seal(key, new Uint8Array(blob.length - 28)), expiresAt);
  }
}

function rawInsert(append: Append, sql: Record<string, StatementSync>, master: KeyObject): number {
  const { interactionId, events, dueAt, summary } = append;
  const { channel, platform, phase, holder, outcome, openedAt, endedAt, deadLetters } = summary;
  const wrapped = seal(master, randomBytes(32));
  const seen = [channel, platform, phase, holder, outcome, openedAt, endedAt, deadLetters] as const;
  const inserted = sql.insertInteraction?.run(interactionId, events.length, dueAt, null, null, ...seen);
  const row = Number(inserted?.lastInsertRowid);
  sql.insertKey?.run(row, wrapped);
  return row;
}

function rawAdvance(
  { interactionId, expectedVersion, events, summary, dueAt }: Append,
  sql: Record<string, StatementSync>,
): number {
  const now = sql.expected?.get(interactionId, expectedVersion) as never as SQLInputValue[];
  const row = Number(now[0]);
  const { phase, holder, outcome, platform, endedAt, deadLetters } = summary;
  const core = [expectedVersion + events.length, dueAt, null, 0] as const;
  const seen = [phase, outcome, platform, endedAt, deadLetters] as const;
  if (holder !== now[4]) sql.advanceHolder?.run(...core, null, ...seen, holder, row);
  else if (phase === now[5]) sql.advance?.run(...core, row);
  else sql.advancePhase?.run(...core, ...seen, row);
  return row;
}

let counter = 0;
export function seal(key: KeyObject, plain: Uint8Array): Uint8Array {
  const nonce = Buffer.alloc(12);
  counter += 1;
  nonce.writeUInt32BE(counter, 8);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

/** The median of the rounds' ratios, each round measured on both sides in turn. */
export async function journalAgainstRaw(): Promise<Figure> {
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const scripts = Array.from({ length: INTERACTIONS }, () => scriptOf(newId() as InteractionId));
    const batches: Append[][] = [];
    const journal = await throughJournal(scripts, batches);
    const raw = throughRaw(batches);
    if (round > 0) ratios.push(raw / journal);
  }
  const ratio = median(ratios);
  return {
    measure: 'journal against raw node:sqlite, same work',
    value: ratio.toFixed(2),
    bar: '≥ 0.70',
    holds: ratio >= 0.7,
  };
}
