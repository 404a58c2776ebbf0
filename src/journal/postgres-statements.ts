// Owns every SQL statement of the PostgreSQL store, by name; `postgres-migrations.ts` has the schema and the function that appends.
// Each is prepared once per connection under its name. Plans are asserted in `test/contract/postgres-plans.test.ts`.

/** The messages of a sender are remembered longer than any vendor repeats them (EventBridge gives up after four days). */
export const INBOX_KEPT_MS = 5 * 24 * 60 * 60 * 1000;

const APPEND_ARGUMENTS = 48;

const LISTED = 'id, version, channel, platform, phase, holder, outcome, opened_at, ended_at, dead_letters';
const PARKED = 'sender, message_id, parked.platform, parked.external, sealed, expires_at';

/**
 * Pages of the lists, newest first. $4 is the earliest opening, $5 the last id of the page before: one that is unknown has no next.
 * Which of the filters $1 to $3 a list ignores it names all the same, since every list is asked alike.
 */
const ASKED_ALIKE = '($1::text is null or true) and ($2::text is null or true) and ($3::text is null or true)';

const LIST_ALL = `select ${LISTED} from interaction where ${ASKED_ALIKE} and opened_at >= $4
  and (opened_at, id) < (select opened_at, id from interaction where id = $5
    union all select coalesce($7::float8, 'infinity'), case when $7 is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
      else '00000000-0000-0000-0000-000000000000'::uuid end where $5 is null)
  order by opened_at desc, id desc limit $6`;

function listWhere(condition: string): string {
  return `select ${LISTED} from interaction where ${condition} and ${ASKED_ALIKE} and -opened_at <= -$4::float8
    and (-opened_at, id) > (select -opened_at, id from interaction where id = $5
      union all select coalesce(-$7::float8, '-infinity'), case when $7 is null then '00000000-0000-0000-0000-000000000000'::uuid
        else 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid end where $5 is null)
    order by -opened_at, id limit $6`;
}

/** Notes which partitions hold bytes of keys that are none any more. */
function marking(gone: string): string {
  return `insert into destroyed_key (relation) select distinct ${gone}.tableoid::regclass::text from ${gone}`;
}

/** The database's clock, in milliseconds. */
const NOW = 'extract(epoch from clock_timestamp())::float8 * 1000';

/** What is worth nothing before a later append speaks of it need not wait for the disk: it stands before that one in the log. */
const UNSYNCED = "set_config('synchronous_commit', 'off', true)";

function rewrapping(table: 'interaction_key' | 'blob_key', id: 'id' | 'ref', type: 'uuid' | 'text'): string {
  return `with replaced as (
      update ${table} k set wrapped = r.rewrapped from unnest($1::${type}[], $2::bytea[], $3::bytea[]) r (id, wrapped, rewrapped)
      where k.${id} = r.id and k.wrapped = r.wrapped returning k.tableoid
    ), marked as (${marking('replaced')})
    select count(*)::int as count from replaced`;
}

export const SQL = {
  append: `select r_append, r_kind, r_item, r_id from append_batch(${Array.from({ length: APPEND_ARGUMENTS }, (_, n) => `$${n + 1}`)})`,
  /** What stands where appends of ours were meant to go: their fate, when the answer was lost. */
  standing: `select o.append::int as append, event.hash from unnest($1::uuid[], $2::int[]) with ordinality o (id, version, append)
    join event using (id, version)`,

  legOwners: `select o.item::int as item, leg.id from unnest($1::text[], $2::text[]) with ordinality o (platform, external, item)
    join leg using (platform, external)`,
  findSubject: `select id from subject where hash = $1 and id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    order by id desc limit $2`,

  park: `with asked as (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::float8[])
        with ordinality asked (sender, message_id, platform, external, sealed, expires_at, item)
    ), owned as (select asked.item, leg.id from asked join leg using (platform, external)),
    kept as (
      insert into parked (sender, message_id, platform, external, sealed, expires_at)
      select sender, message_id, platform, external, sealed, expires_at from asked
      where not exists (select from owned where owned.item = asked.item) on conflict do nothing
    )
    select item::int as item, id from owned`,
  note: `with told as (
      select sender, message from unnest($1::text[], $2::text[]) told (sender, message)
    ), unparked as (
      delete from parked using told where parked.sender = told.sender and parked.message_id = told.message
    ) insert into inbox (sender, message_id, at) select sender, message, $3::float8 from told on conflict do nothing`,
  take: 'insert into inbox (sender, message_id, at) values ($1, $2, $3) on conflict do nothing returning 1 as taken',
  unpark: `delete from parked using unnest($1::text[], $2::text[]) m (sender, message_id)
    where parked.sender = m.sender and parked.message_id = m.message_id`,
  parkedForLegs: `select o.item::int as item, ${PARKED} from unnest($1::text[], $2::text[]) with ordinality o (platform, external, item)
    join parked on parked.platform = o.platform and parked.external = o.external order by o.item, expires_at, message_id`,
  parkedWithKnownLeg: `select ${PARKED}, leg.id from parked join leg using (platform, external)
    order by expires_at, message_id limit $1`,

  /** Version and events of one moment. The key and the snapshot come with the first row only. */
  load: `select i.id, i.version, i.snapshot_version, i.quarantined_at is not null as quarantined, interaction_key.wrapped,
      case when e.version is not distinct from greatest(i.snapshot_version, 1) then i.snapshot end as snapshot,
      e.version as event_version, e.type, e.at, e.actor, e.clear, e.sealed, e.hash
    from unnest($1::uuid[]) with ordinality o (id, item) join interaction i using (id) left join interaction_key using (id)
    left join event e on e.id = i.id and e.version >= coalesce(i.snapshot_version, 0)
    order by o.item, e.version`,
  /** As everywhere, an event whose interaction is gone is none: an audit must not take it for one. */
  history: `select event.id, event.version as event_version, type, at, actor, clear, sealed, hash
    from interaction join event using (id) where id = $1 order by event.version`,
  /** One list per index: the filter that narrows most leads, the others are looked at row by row. */
  list: LIST_ALL,
  listByPhase: listWhere('phase = $1 and ($2::text is null or holder = $2) and ($3::text is null or channel = $3)'),
  listByHolder: listWhere('holder = $2 and ($3::text is null or channel = $3)'),
  listByChannel: listWhere('channel = $3'),

  claimDue: `with due as (
      select id, lease_owner from interaction where due_at <= $1 and (lease_until is null or lease_until <= $1)
      order by due_at limit $2 for update skip locked
    )
    update interaction i set lease_until = $3, lease_owner = $4, claims = i.claims + 1 from due where i.id = due.id
    returning i.id, i.due_at, i.claims, due.lease_owner as taken_from`,
  finish: `update interaction set lease_until = null, lease_owner = null, claims = 0, due_at = $1 where id = $2 and version = $3`,
  putBack: `update interaction set lease_until = null, lease_owner = null, claims = claims - 1, due_at = $1
    where id = $2 and lease_owner = $3 and claims = $4`,
  quarantine: `update interaction set quarantined_at = $1, due_at = null, lease_until = null, lease_owner = null where id = $2`,
  release:
    'update interaction set quarantined_at = null, claims = 0, due_at = $1 where id = $2 and quarantined_at is not null',
  awaitingPerson: `select id, quarantined_at from interaction where (dead_letters > 0 or quarantined_at is not null)
    and (opened_at, id) < (select opened_at, id from interaction where id = $1
      union all select 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid where $1 is null)
    order by opened_at desc, id desc limit $2`,
  recover: 'update interaction set lease_until = $1, due_at = $1 where lease_owner is not null',

  putBlobs: `with kept as (
      insert into sealed_blob (ref, sealed, expires_at)
      select ref, sealed, expires_at from unnest($1::text[], $3::bytea[], $4::float8[]) b (ref, sealed, expires_at)
      on conflict do nothing returning ref
    )
    insert into blob_key (ref, wrapped)
    select distinct on (ref) ref, wrapped from unnest($1::text[], $2::bytea[]) with ordinality b (ref, wrapped, item)
    join kept using (ref) order by ref, item`,
  getBlob: `select ref, wrapped, sealed, expires_at from sealed_blob join blob_key using (ref) where ref = $1 and expires_at > $2`,
  expireBlobs: `with gone as (
      delete from sealed_blob where ref in (
        select ref from sealed_blob where expires_at <= $1 order by expires_at limit $2 for update skip locked) returning ref
    ), keys as (delete from blob_key using gone where blob_key.ref = gone.ref returning blob_key.tableoid),
    marked as (${marking('keys')})
    select count(*)::int as count from gone`,
  expireParked: `delete from parked where (sender, message_id) in (
    select sender, message_id from parked where expires_at <= $1 order by expires_at limit $2 for update skip locked)`,
  expireInbox: `delete from inbox where (sender, message_id) in (
    select sender, message_id from inbox where at <= $1 order by at limit $2 for update skip locked)`,

  feed: `select id, version as event_version, type, at, actor, clear, sealed, hash, seq from event
    where seq > $1 order by seq limit $2`,
  lastSeq: 'select max(seq) as seq from event',
  /** Of one moment, whatever is appended meanwhile. */
  chains: `select i.id, i.version, e.version as event_version, e.type, e.at, e.actor, e.clear, e.sealed, e.hash
    from (select id, version from interaction where id > $1 order by id limit $2) i left join event e using (id)
    order by i.id, e.version`,

  /** The lock of `append_batch` is held until its commit is visible, so what is seen here is all there is up to the last one. */
  arrivals: `select event.seq, event.id, event.version, event.hash from event join interaction using (id)
    where event.seq > $1 order by event.seq limit $2`,
  insertSeal: `insert into seal (number, at, after_seq, up_to_seq, events, leaves, root, previous, key_id, signature)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning number`,
  seals: 'select * from seal where number > $1 order by number limit $2',
  lastSeal: 'select * from seal order by number desc limit 1',

  interactionKeys: 'select id, wrapped from interaction_key where id > $1 order by id limit $2',
  blobKeys: 'select ref as id, wrapped from blob_key where ref > $1 order by ref limit $2',
  rewrapInteractions: rewrapping('interaction_key', 'id', 'uuid'),
  rewrapBlobs: rewrapping('blob_key', 'ref', 'text'),

  putErasure: `with noted as (
      insert into erasure (id, requested_at, subject, scrubbed_at) values ($1, $2, $3, $4)
      on conflict (id) do update set scrubbed_at = excluded.scrubbed_at
    )
    insert into erasure_interaction (erasure, id) select $1, unnest($5::uuid[]) on conflict do nothing`,
  getErasure: `select requested_at, subject, scrubbed_at,
      array(select i.id::text from erasure_interaction i where i.erasure = erasure.id order by i.id) as interactions
    from erasure where id = $1`,

  /** Safe to repeat: who asks again keeps what they have. */
  takeEntry: `select number, until from ${UNSYNCED}, take_entry($1, $2::text[], $3, $4, $5, $6, $7, $8, $9)`,
  holdEntry: `select hold_entry($1, $2, $3, $4, $5, $6, $7, $8) from ${UNSYNCED}`,
  expireHeld: `delete from entry where (platform, number) in (
    select platform, number from entry where number like 'reservation:%' and free_from <= $1 order by free_from limit $2
    for update skip locked)`,
  entryByToken: 'select * from entry where platform = $1 and token_hash = $2',
  entryByNumber: 'select * from entry where platform = $1 and number = $2 and handoff is not null',
  entryByAni: 'select * from entry where platform = $1 and ani_hash = $2 and until > $3 order by until desc limit 2',
  releaseEntry: `update entry set until = least(until, $1::float8), free_from = least(free_from, $1::float8)
    from ${UNSYNCED} where handoff = $2`,

  /** Safe to repeat: the same again changes nothing. */
  putClaim: 'select put_claim($1, $2, $3, $4) as kept',
  findClaim: 'select interaction, number_hash, expires_at from claim where token_hash = $1',
  suppress: 'insert into suppression (number_hash, cause, at) values ($1, $2, $3) on conflict do nothing',
  isSuppressed: 'select from suppression where number_hash = $1',
  unsuppress: 'delete from suppression where number_hash = $1',

  insertMeta: 'insert into meta (name, value) values ($1, $2) on conflict do nothing',
  readMeta: 'select value from meta where name = $1',
  replaceMeta: `with replaced as (update meta set value = $3 where name = $1 and value = $2 returning name),
    marked as (insert into destroyed_key (relation) select 'meta' from replaced)
    select name from replaced`,
  now: `select ${NOW} as now`,

  /** $1 credential, $2 who asks, $3 the token it knows, $4 how long before its expiry one is due, $5 how long the lease is. */
  claimToken: `with moment as (select ${NOW} as now)
    insert into credential_token as t (credential, number, refresher, refreshing_until)
    select $1, 0, $2, moment.now + $5::float8 from moment
    on conflict (credential) do update set refresher = excluded.refresher, refreshing_until = excluded.refreshing_until
      where (t.number <= $3 or t.expires_at is null
          or t.expires_at - (excluded.refreshing_until - $5::float8) <= least($4::float8, (t.expires_at - t.issued_at) / 2))
        and (t.refresher = excluded.refresher or coalesce(t.refreshing_until, 0) <= excluded.refreshing_until - $5::float8)
        and coalesce(t.paused_until, 0) <= excluded.refreshing_until - $5::float8
    returning failures`,
  readToken: `with moment as (select ${NOW} as now)
    select number, sealed, coalesce(now - issued_at, 0) as age, coalesce(expires_at - now, 0) as life,
      coalesce(refreshing_until - now, 0) as refreshing, coalesce(paused_until - now, 0) as paused, pause_why, pause_refused
    from moment, credential_token where credential = $1`,
  putToken: `with moment as (select ${NOW} as now)
    update credential_token set number = number + 1, sealed = $3, issued_at = moment.now, expires_at = moment.now + $4::float8,
      refresher = null, refreshing_until = null, paused_until = null, failures = 0
    from moment where credential = $1 and refresher = $2
    returning number, pg_notify($5, 'token:' || credential || ':' || number)`,
  failToken: `update credential_token set refresher = null, refreshing_until = null, paused_until = ${NOW} + $3::float8, pause_why = $4,
      pause_refused = $5::boolean, failures = $6
    where credential = $1 and refresher = $2`,
  pauseToken: `update credential_token set paused_until = greatest(paused_until, ${NOW} + $3::float8), pause_why = $4,
      pause_refused = $5::boolean
    where credential = $1 and number <= $2`,
  takeSlice: `select granted, nodes, short from take_slice($1, $2, $3, $4, $5, $6, $7, ${NOW})`,
} as const;
