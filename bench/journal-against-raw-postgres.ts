// Owns the comparison of the journal with bare PostgreSQL: the same rows, seals and hashes, in batches of the same sizes, each batch one
// statement, written by a loop that does nothing else: no compare-and-set, no look for repeats, no lock, no notice to other nodes.

import { createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { InteractionId } from '../src/ids.ts';
import { Journal } from '../src/journal/journal.ts';
import { openPostgres } from '../src/journal/postgres.ts';
import { byteas, doubles, ints, texts, uuids } from '../src/journal/postgres-arrays.ts';
import type { Append } from '../src/journal/store.ts';
import { machineClock as clock } from '../src/machine-clock.ts';
import { removeCluster, startCluster } from '../test/postgres/cluster.ts';
import { type Figure, median } from './figures.ts';
import { newId } from './house.ts';
import { recording, type Step, scriptOf, seal, writeOne } from './journal-against-raw.ts';

const INTERACTIONS = 2_000;
const AT_ONCE = 100;
const ROUNDS = 5;

/** Everything a batch writes, in one round trip and one commit. */
const WRITE = `
  with moved as (
    update interaction i set version = a.version, due_at = a.due, lease_until = null, lease_owner = null, claims = 0,
      platform = a.platform, phase = a.phase, holder = a.holder, outcome = a.outcome, ended_at = a.ended
    from unnest($1::uuid[], $2::int[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[])
      a (id, version, due, platform, phase, holder, outcome, ended)
    where i.id = a.id
  ), opened as (
    insert into interaction (id, version, due_at, platform, phase, holder, outcome, ended_at, channel, opened_at)
    select * from unnest($9::uuid[], $10::int[], $11::float8[], $12::text[], $13::text[], $14::text[], $15::text[], $16::float8[],
      $17::text[], $18::float8[])
  ), keys as (
    insert into interaction_key (id, wrapped) select * from unnest($9::uuid[], $19::bytea[])
  ), legs as (
    insert into leg (platform, external, id) select * from unnest($20::text[], $21::text[], $22::uuid[])
  ), subjects as (
    insert into subject (hash, id) select * from unnest($23::bytea[], $24::uuid[])
  ), messages as (
    insert into inbox (sender, message_id, at) select * from unnest($25::text[], $26::text[], $27::float8[])
  ), blobs as (
    insert into sealed_blob (ref, sealed, expires_at) select * from unnest($28::text[], $29::bytea[], $30::float8[])
  ), blob_keys as (
    insert into blob_key (ref, wrapped) select * from unnest($28::text[], $31::bytea[])
  )
  insert into event (id, version, type, at, actor, clear, sealed, hash)
  select * from unnest($32::uuid[], $33::int[], $34::text[], $35::float8[], $36::text[], $37::text[], $38::bytea[], $39::bytea[])`;

type Known = { readonly key: KeyObject; hash: Uint8Array };

/** Seals and hashes as the journal does, over as many bytes. */
class Sealer {
  readonly #master = createSecretKey(randomBytes(32));
  readonly #known = new Map<string, Known>();

  wrapped = () => seal(this.#master, randomBytes(32));
  subject = (of: Uint8Array) => createHmac('sha256', this.#master).update(of).digest();
  blob = (bytes: number) => seal(createSecretKey(randomBytes(32)), new Uint8Array(bytes - 28));

  events({ interactionId, events }: Append) {
    const known = this.#known.get(interactionId) ?? {
      key: createSecretKey(randomBytes(32)),
      hash: new Uint8Array(32),
    };
    this.#known.set(interactionId, known);
    const body = seal(known.key, new Uint8Array(Math.max(0, (events[0]?.sealed?.length ?? 28) - 28)));
    return events.map((event, index) => {
      const { version, type, at, actor, clear } = event;
      const digest = createHash('sha256').update(known.hash);
      digest.update(JSON.stringify([interactionId, version, type, at, actor, clear]));
      if (index === 0) digest.update(body);
      known.hash = digest.digest();
      return { ...event, sealed: index === 0 ? body : null, hash: known.hash };
    });
  }
}

function summaries(batch: readonly Append[]): readonly Buffer[] {
  const of = batch.map(({ summary }) => summary);
  return [
    uuids(batch.map(({ interactionId }) => interactionId)),
    ints(batch.map(({ expectedVersion, events }) => expectedVersion + events.length)),
    doubles(batch.map(({ dueAt }) => dueAt)),
    texts(of.map(({ platform }) => platform)),
    texts(of.map(({ phase }) => phase)),
    texts(of.map(({ holder }) => holder)),
    texts(of.map(({ outcome }) => outcome)),
    doubles(of.map(({ endedAt }) => endedAt)),
  ];
}

function parametersOf(batch: readonly Append[], sealer: Sealer): readonly Buffer[] {
  const opened = batch.filter(({ expectedVersion }) => expectedVersion === 0);
  const flat = <Item>(of: (append: Append) => readonly Item[]) =>
    batch.flatMap((append) => of(append).map((item) => ({ item, append })));
  const [legs, subjects] = [flat(({ attach }) => attach), flat((append) => append.subjects)];
  const [messages, blobs] = [flat((append) => append.messages), flat((append) => append.blobs)];
  const events = flat((append) => sealer.events(append));
  return [
    ...summaries(batch.filter(({ expectedVersion }) => expectedVersion > 0)),
    ...summaries(opened),
    texts(opened.map(({ summary }) => summary.channel)),
    doubles(opened.map(({ summary }) => summary.openedAt)),
    byteas(opened.map(() => sealer.wrapped())),
    texts(legs.map(({ item }) => item.platform)),
    texts(legs.map(({ item }) => item.external)),
    uuids(legs.map(({ append }) => append.interactionId)),
    byteas(subjects.map(({ item }) => sealer.subject(item))),
    uuids(subjects.map(({ append }) => append.interactionId)),
    texts(messages.map(({ item }) => item.sender)),
    texts(messages.map(({ item }) => item.messageId)),
    doubles(messages.map(({ append }) => append.events.at(-1)?.at ?? 0)),
    texts(blobs.map(({ item }) => item.ref)),
    byteas(blobs.map(({ item }) => sealer.blob(item.sealed.length))),
    doubles(blobs.map(({ item }) => item.expiresAt)),
    byteas(blobs.map(() => sealer.wrapped())),
    uuids(events.map(({ append }) => append.interactionId)),
    ints(events.map(({ item }) => item.version)),
    texts(events.map(({ item }) => item.type)),
    doubles(events.map(({ item }) => item.at)),
    texts(events.map(({ item }) => item.actor)),
    texts(events.map(({ item }) => item.clear)),
    byteas(events.map(({ item }) => item.sealed)),
    byteas(events.map(({ item }) => item.hash)),
  ];
}

async function throughJournal(
  url: string,
  scripts: readonly (readonly Step[])[],
  batches: Append[][],
): Promise<number> {
  await using store = await openPostgres(url, { clock, random: Math.random });
  const journal = await Journal.open(recording(store, batches), randomBytes(32));
  const queue = scripts.values();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const script of queue) await writeOne(journal, script);
    }),
  );
  return performance.now() - started;
}

async function throughRaw(url: string, batches: readonly (readonly Append[])[]): Promise<number> {
  // Its schema is the journal's.
  await (await openPostgres(url, { clock, random: Math.random }))[Symbol.asyncDispose]();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const sealer = new Sealer();
  const started = performance.now();
  for (const batch of batches) {
    await client.query({ name: 'write', text: WRITE, values: [...parametersOf(batch, sealer)] });
  }
  const took = performance.now() - started;
  await client.end();
  return took;
}

/** The median of the rounds' ratios, each round measured on both sides in turn, each side in a database of its own. */
export async function journalAgainstRawPostgres(): Promise<Figure> {
  const cluster = await startCluster({ fsync: true });
  try {
    const ratios: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const scripts = Array.from({ length: INTERACTIONS }, () => scriptOf(newId() as InteractionId));
      const batches: Append[][] = [];
      const journal = await throughJournal(await newDatabase(cluster.url), scripts, batches);
      const raw = await throughRaw(await newDatabase(cluster.url), batches);
      if (round > 0) ratios.push(raw / journal);
    }
    const ratio = median(ratios);
    return {
      measure: 'journal against raw PostgreSQL, same work',
      value: ratio.toFixed(2),
      bar: '≥ 0.70',
      holds: ratio >= 0.7,
    };
  } finally {
    removeCluster(cluster);
  }
}

let databases = 0;
async function newDatabase(server: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  databases += 1;
  await client.query(`create database raw_${databases}`);
  await client.end();
  const made = new URL(server);
  made.pathname = `raw_${databases}`;
  return made.href;
}
