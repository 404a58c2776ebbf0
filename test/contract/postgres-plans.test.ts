// Owns the plans of the PostgreSQL store's statements, asked of a real server whose tables are filled and analyzed, as a connection
// of the store plans them.

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/journal/postgres.ts';
import { PLANNING } from '../../src/journal/postgres-connections.ts';
import { SQL } from '../../src/journal/postgres-statements.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { newDatabase } from '../postgres/database.ts';

const ROWS = 20_000;

const FILL = `
  insert into interaction (id, version, due_at, lease_until, channel, phase, holder, opened_at)
    select gen_random_uuid(), 3, case when n % 4 = 0 then n end, case when n % 8 = 0 then n end, (array['voice', 'sms', 'email'])[1 + n % 3],
      (array[null, 'preparing', 'committing', 'settled'])[1 + n % 4], (array['bot', 'queue', 'agent', 'none'])[1 + n % 4], n
    from generate_series(1, ${ROWS}) n;
  insert into interaction_key select id, '\\x01' from interaction;
  insert into event (id, version, type, at, actor, clear, hash)
    select id, v, 'LegAttached', opened_at, 'api:desk', '{}', '\\x02' from interaction, generate_series(1, 3) v;
  insert into leg select 'genesys_cloud', id::text, id from interaction;
  insert into subject select decode(md5(id::text), 'hex'), id from interaction;
  insert into inbox select 'genesys_cloud', id::text, opened_at from interaction;
  insert into parked select 'genesys_cloud', id::text, 'genesys_cloud', 'unknown ' || id, '\\x03', opened_at from interaction;
  insert into sealed_blob select id::text, '\\x04', opened_at from interaction;
  insert into blob_key select id::text, '\\x05' from interaction;
  insert into seal select n, n, n, n + 1, 1, '\\x06', '\\x07', '\\x08', 'k', '\\x09' from generate_series(1, ${ROWS}) n;
  insert into erasure select id::text, opened_at, 'phone', null from interaction;
  insert into erasure_interaction select id::text, id from interaction;
  insert into entry select 'nice_cxone', id::text, id || '.1', id, decode(md5(id::text), 'hex'), decode(md5(id::text), 'hex'), opened_at, opened_at
    from interaction;
  analyze;
`;

describe('plans of the statements on PostgreSQL', () => {
  let client: pg.Client;

  /** As the store's connections plan it: once, for any values. */
  async function planOf(sql: string): Promise<string> {
    const name = `p${Math.random().toString(36).slice(2)}`;
    await client.query(`prepare ${name} as ${sql}`);
    const { rows } = await client.query(
      'select parameter_types::text[] as types from pg_prepared_statements where name = $1',
      [name],
    );
    const nulls = (rows[0]?.types ?? []).map(() => 'null').join(', ');
    const { rows: lines } = await client.query(`explain execute ${name}${nulls && `(${nulls})`}`);
    return lines.map((line) => line['QUERY PLAN']).join('\n');
  }

  beforeAll(async () => {
    const url = await newDatabase();
    await (await openPostgres(url, { clock, random: Math.random }))[Symbol.asyncDispose]();
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(FILL);
    await client.query(PLANNING);
  }, 60_000);

  afterAll(() => client.end());

  const asked = Object.entries(SQL).filter(([name]) => name !== 'append');

  /** `recover` is for a process alone, which is never so here; `parked` holds 15 minutes and is joined as a whole. */
  const WALKS: Readonly<Record<string, RegExp>> = {
    recover: /Seq Scan on interaction/,
    parkedWithKnownLeg: /(Seq|Index) Scan .*on parked/,
    readMeta: /Seq Scan on meta/,
  };

  it.each(asked)('%s walks no table that grows', async (name, sql) => {
    const walks = (await planOf(sql)).split('\n').filter((line) => /Seq Scan/.test(line) && !WALKS[name]?.test(line));
    expect(walks).toEqual([]);
  });

  it.each([
    ['claimDue', 'interaction_due'],
    ['awaitingPerson', 'interaction_awaiting_person'],
    ['list', 'interaction_opened'],
    ['listByPhase', 'interaction_phase'],
    ['listByHolder', 'interaction_holder'],
    ['listByChannel', 'interaction_channel'],
    ['load', 'event_pkey'],
    ['load', 'interaction_pkey'],
    ['history', 'event_pkey'],
    ['feed', 'event_arrival'],
    ['chains', 'interaction_pkey'],
    ['parkedForLegs', 'parked_leg'],
    ['findSubject', 'subject_pkey'],
    ['arrivals', 'event_arrival'],
    ['arrivals', 'interaction_pkey'],
    ['seals', 'seal_pkey'],
    ['lastSeal', 'seal_pkey'],
    ['interactionKeys', 'interaction_key_15_pkey'],
    ['blobKeys', 'blob_key_15_pkey'],
    ['rewrapInteractions', 'interaction_key_15_pkey'],
    ['rewrapBlobs', 'blob_key_15_pkey'],
    ['getErasure', 'erasure_interaction_pkey'],
    ['expireInbox', 'inbox_age'],
    ['expireBlobs', 'sealed_blob_age'],
    ['entryByToken', 'entry_token'],
    ['entryByNumber', 'entry_pkey'],
    ['entryByAni', 'entry_ani'],
    ['releaseEntry', 'entry_handoff'],
    ['expireHeld', 'entry_held'],
  ] as const)('%s goes by the index %s', async (name, index) => {
    expect(await planOf(SQL[name])).toMatch(new RegExp(`Index (Only )?Scan (Backward )?using ${index} `));
  });

  const PAGED = [
    ...(['list', 'listByPhase', 'listByHolder', 'listByChannel', 'feed', 'claimDue'] as const),
    ...([
      'arrivals',
      'seals',
      'lastSeal',
      'interactionKeys',
      'blobKeys',
      'findSubject',
      'awaitingPerson',
      'entryByAni',
    ] as const),
  ];
  it.each(PAGED)('%s stops at its limit: nothing is sorted that grows', async (name) => {
    expect(await planOf(SQL[name])).not.toMatch(/^ *(-> +)?(Incremental )?Sort (?!Key)/m);
  });

  it('what `append_batch` does to rows goes by their keys', async () => {
    const update = `update interaction i set version = a.version from unnest($1::uuid[], $2::int[], $3::int[]) a (id, expected, version)
      where i.id = a.id and i.version = a.expected`;
    expect(await planOf(update)).toMatch(/Index Scan using interaction_pkey/);
    const drain = `delete from parked using unnest($1::text[], $2::text[]) m (sender, message)
      where parked.sender = m.sender and parked.message_id = m.message`;
    expect(await planOf(drain)).toMatch(/Index Scan using parked_pkey/);
    const known = `select from unnest($1::text[], $2::text[]) m (sender, message)
      where exists (select from inbox where inbox.sender = m.sender and inbox.message_id = m.message)`;
    expect(await planOf(known)).toMatch(/Index (Only )?Scan using inbox_pkey/);
    const forgets = `delete from subject using unnest($1::uuid[], $2::boolean[]) with ordinality a (id, erase, append)
      where a.erase and subject.id = a.id`;
    expect(await planOf(forgets)).toMatch(/Index Scan using subject_of_interaction/);
    const destroys = `delete from interaction_key using unnest($1::uuid[], $2::boolean[]) with ordinality a (id, erase, append)
      where a.erase and interaction_key.id = a.id returning interaction_key.tableoid`;
    expect(await planOf(destroys)).toMatch(/Index Scan using interaction_key_15_pkey/);
    const unparks = `delete from parked using leg where leg.platform = parked.platform and leg.external = parked.external
      and leg.id in (select a.id from unnest($1::uuid[], $2::boolean[]) with ordinality a (id, erase, append) where a.erase)`;
    expect(await planOf(unparks)).toMatch(/Index Scan using leg_pkey/);
  });

  it('what `take_entry` and an erasure do to entry numbers goes by their keys', async () => {
    const keeps = 'update entry e set until = greatest(e.until, $1::float8) where e.handoff = $2';
    expect(await planOf(keeps)).toMatch(/Index Scan using entry_handoff/);
    const chooses = `select o.number from unnest($1::text[]) with ordinality o (number, item)
      left join entry lent on lent.platform = $2 and lent.number = o.number
      where coalesce(lent.free_from, '-infinity') <= $3 order by coalesce(lent.free_from, '-infinity'), o.item limit 1`;
    expect(await planOf(chooses)).toMatch(/Index Scan using entry_pkey/);
    const forgets = 'update entry set handoff = null where interaction = $1::uuid';
    expect(await planOf(forgets)).toMatch(/Index Scan using entry_interaction/);
  });

  it('sees a walk where there is one', async () => {
    expect(await planOf('select * from event where actor = $1')).toContain('Seq Scan on event');
  });
});
