// Owns the schema of the PostgreSQL store: its migrations, which are only ever appended, and the one function that appends.
//
// 1. `append_batch` begins with an advisory lock that it holds until its commit is visible, so `seq` is given out in the order
//    of commits: a reader of the feed never passes by an event that commits later with a smaller number. It also means that two
//    batches never wait for each other's rows, so they cannot deadlock (docs/decisions/0012).
// 2. Everything in it is set-based: a batch costs a fixed number of statements however many appends it has.
// 3. A list's own index is the only one that gives its order, for which the time is negated in it: so a list by a rare phase is
//    never walked down the list of all in the hope of finding some.
// 4. Wrapped keys live apart, in small hash partitions, so that one can be rewritten after an erasure without touching the rest.
//    Whatever destroys a key's bytes, or replaces them, says so in `destroyed_key`: see `postgres-scrub.ts`.

import { CREDENTIAL_TABLES } from './postgres-credential-tables.ts';
import { ENTRY_SCHEMA } from './postgres-entry-schema.ts';

const KEY_PARTITIONS = 16;

function partitions(table: string): string {
  const numbers = Array.from({ length: KEY_PARTITIONS }, (_, n) => n);
  const one = (n: number) =>
    `create table ${table}_${n} partition of ${table} for values with (modulus ${KEY_PARTITIONS}, remainder ${n});`;
  return numbers.map(one).join('\n');
}

const TABLES = `
  create table meta (name text collate "C" primary key, value bytea not null);

  create table interaction (
    id uuid primary key,
    version int not null,
    snapshot_version int,
    snapshot bytea,
    due_at float8,
    lease_until float8,
    lease_owner text collate "C",
    claims int not null default 0,
    quarantined_at float8,
    channel text collate "C" not null,
    platform text collate "C",
    phase text collate "C",
    holder text collate "C" not null,
    outcome text collate "C",
    opened_at float8 not null,
    ended_at float8,
    dead_letters int not null default 0
  ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
  alter table interaction alter snapshot set storage external;
  create index interaction_due on interaction (due_at) where due_at is not null;
  create index interaction_opened on interaction (opened_at, id);
  create index interaction_awaiting_person on interaction (opened_at, id) where dead_letters > 0 or quarantined_at is not null;
  create index interaction_phase on interaction (phase, (-opened_at), id) where phase is not null;
  create index interaction_holder on interaction (holder, (-opened_at), id);
  create index interaction_channel on interaction (channel, (-opened_at), id);

  create table interaction_key (id uuid primary key, wrapped bytea not null) partition by hash (id);
  ${partitions('interaction_key')}

  create table event (
    id uuid not null,
    version int not null,
    seq bigint generated always as identity,
    type text collate "C" not null,
    at float8 not null,
    actor text collate "C" not null,
    clear text collate "C" not null,
    sealed bytea,
    hash bytea not null,
    primary key (id, version)
  ) with (toast_tuple_target = 8160);
  alter table event alter sealed set storage external;
  create unique index event_arrival on event (seq);

  create table leg (
    platform text collate "C" not null,
    external text collate "C" not null,
    id uuid not null,
    primary key (platform, external)
  );
  create table subject (hash bytea not null, id uuid not null, primary key (hash, id));
  create index subject_of_interaction on subject (id);
  create table inbox (
    sender text collate "C" not null,
    message_id text collate "C" not null,
    at float8 not null,
    primary key (sender, message_id)
  );
  create index inbox_age on inbox (at);
  create table parked (
    sender text collate "C" not null,
    message_id text collate "C" not null,
    platform text collate "C" not null,
    external text collate "C" not null,
    sealed bytea not null,
    expires_at float8 not null,
    primary key (sender, message_id)
  );
  create index parked_leg on parked (platform, external, expires_at);
  create index parked_age on parked (expires_at);

  create table sealed_blob (ref text collate "C" primary key, sealed bytea not null, expires_at float8 not null)
    with (toast_tuple_target = 8160);
  alter table sealed_blob alter sealed set storage external;
  create index sealed_blob_age on sealed_blob (expires_at);
  create table blob_key (ref text collate "C" primary key, wrapped bytea not null) partition by hash (ref);
  ${partitions('blob_key')}

  create table seal (
    number bigint primary key,
    at float8 not null,
    after_seq bigint not null,
    up_to_seq bigint not null,
    events int not null,
    leaves bytea not null,
    root bytea not null,
    previous bytea not null,
    key_id text collate "C" not null,
    signature bytea not null
  );
  alter table seal alter leaves set storage external;

  create table erasure (
    id text collate "C" primary key,
    requested_at float8 not null,
    subject text collate "C" not null,
    scrubbed_at float8
  );
  create table erasure_interaction (erasure text collate "C" not null, id uuid not null, primary key (erasure, id));
  create table destroyed_key (n bigint generated always as identity primary key, relation text not null, rewritten pg_lsn);
`;

/** Arrays by prefix: a_ one entry per append; e_ events, l_ legs to attach, d_ legs to detach, s_ subjects, m_ messages, b_ blobs,
 *  f_ blobs to forget, each with the ordinal of its append. A batch in which two appends could meet (one message, one leg) comes in several parts, which
 *  are judged one after the other. Answers a row per refusal; every append without one was taken. */
const APPEND_BATCH = `
  create function append_batch(
    a_part int[], a_id uuid[], a_expected int[], a_version int[], a_key bytea[], a_due float8[], a_until float8[], a_owner text[],
    a_keep boolean[], a_channel text[], a_platform text[], a_phase text[], a_holder text[], a_outcome text[], a_opened float8[],
    a_ended float8[], a_dead int[], a_snapshot bytea[], a_erase boolean[],
    e_append int[], e_version int[], e_type text[], e_at float8[], e_actor text[], e_clear text[], e_sealed bytea[], e_hash bytea[],
    l_append int[], l_platform text[], l_external text[],
    d_append int[], d_platform text[], d_external text[],
    s_append int[], s_hash bytea[],
    m_append int[], m_sender text[], m_message text[], m_at float8[],
    b_append int[], b_ref text[], b_key bytea[], b_sealed bytea[], b_expires float8[],
    f_append int[], f_ref text[],
    n_channel text, n_notice text[]
  ) returns table (r_append int, r_kind text, r_item int, r_id uuid) language plpgsql as $function$
  declare
    undecided boolean[] := array_fill(true, array[cardinality(a_id)]);
    took boolean[] := array_fill(false, array[cardinality(a_id)]);
    here int;
    hit record;
  begin
    perform pg_advisory_xact_lock(1953002101, hashtext(current_schema()));
    for here in 1 .. a_part[cardinality(a_part)] loop
      if cardinality(m_append) > 0 then
        for hit in
          select m.append, m.item from unnest(m_append, m_sender, m_message) with ordinality m (append, sender, message, item)
          where a_part[m.append] = here
            and exists (select from inbox where inbox.sender = m.sender and inbox.message_id = m.message)
          order by m.item
        loop
          undecided[hit.append] := false;
          r_append := hit.append; r_kind := 'duplicate'; r_item := hit.item; r_id := null;
          return next;
        end loop;
      end if;
      if cardinality(l_append) > 0 then
        for hit in
          select distinct on (l.append) l.append, l.item, leg.id
          from unnest(l_append, l_platform, l_external) with ordinality l (append, platform, external, item)
          join leg using (platform, external)
          where a_part[l.append] = here and undecided[l.append] and leg.id <> a_id[l.append]
          order by l.append, l.item
        loop
          undecided[hit.append] := false;
          r_append := hit.append; r_kind := 'leg-taken'; r_item := hit.item; r_id := hit.id;
          return next;
        end loop;
      end if;

      -- The compare-and-set. Getting on clears the claims, unless the lease stays with whoever has a command under way.
      for hit in
        update interaction i set
          version = a.version,
          due_at = a.due,
          lease_until = case when a.keep then i.lease_until else a.until end,
          lease_owner = case when a.keep then i.lease_owner else a.owner end,
          claims = case when a.keep then i.claims else 0 end,
          platform = a.platform, phase = a.phase, holder = a.holder, outcome = a.outcome, ended_at = a.ended,
          dead_letters = a.dead,
          snapshot = case when a.erase then null when a.snapshot is null then i.snapshot else a.snapshot end,
          snapshot_version = case when a.erase then null when a.snapshot is null then i.snapshot_version else a.version end,
          quarantined_at = null
        from unnest(a_id, a_expected, a_version, a_due, a_until, a_owner, a_keep, a_platform, a_phase, a_holder, a_outcome,
          a_ended, a_dead, a_snapshot, a_erase) with ordinality
          a (id, expected, version, due, until, owner, keep, platform, phase, holder, outcome, ended, dead, snapshot, erase, append)
        where a_part[a.append] = here and undecided[a.append]
          and i.id = a.id and i.version = a.expected and (i.quarantined_at is null or a.erase)
        returning a.append
      loop
        took[hit.append] := true;
      end loop;
      if 0 = any (a_expected) then
        for hit in
          select a.append from unnest(a_id, a_expected) with ordinality a (id, expected, append)
          where a_part[a.append] = here and undecided[a.append] and a.expected = 0
            and not exists (select from interaction i where i.id = a.id)
        loop
          took[hit.append] := true;
        end loop;
        insert into interaction (id, version, due_at, lease_until, lease_owner, channel, platform, phase, holder, outcome,
          opened_at, ended_at, dead_letters, snapshot, snapshot_version)
        select a.id, a.version, a.due, case when not a.keep then a.until end, case when not a.keep then a.owner end, a.channel,
          a.platform, a.phase, a.holder, a.outcome, a.opened, a.ended, a.dead, a.snapshot,
          case when a.snapshot is not null then a.version end
        from unnest(a_id, a_expected, a_version, a_due, a_until, a_owner, a_keep, a_channel, a_platform, a_phase, a_holder,
          a_outcome, a_opened, a_ended, a_dead, a_snapshot) with ordinality
          a (id, expected, version, due, until, owner, keep, channel, platform, phase, holder, outcome, opened, ended, dead, snapshot,
            append)
        where a_part[a.append] = here and a.expected = 0 and took[a.append];
        insert into interaction_key (id, wrapped)
        select a.id, a.key from unnest(a_id, a_expected, a_key) with ordinality a (id, expected, key, append)
        where a_part[a.append] = here and a.expected = 0 and took[a.append];
      end if;

      insert into event (id, version, type, at, actor, clear, sealed, hash)
      select a_id[e.append], e.version, e.type, e.at, e.actor, e.clear, e.sealed, e.hash
      from unnest(e_append, e_version, e_type, e_at, e_actor, e_clear, e_sealed, e_hash)
        e (append, version, type, at, actor, clear, sealed, hash)
      where a_part[e.append] = here and took[e.append];

      if cardinality(d_append) > 0 then
        delete from leg using unnest(d_append, d_platform, d_external) d (append, platform, external)
        where a_part[d.append] = here and took[d.append]
          and leg.platform = d.platform and leg.external = d.external and leg.id = a_id[d.append];
      end if;
      if cardinality(l_append) > 0 then
        insert into leg (platform, external, id)
        select l.platform, l.external, a_id[l.append] from unnest(l_append, l_platform, l_external) l (append, platform, external)
        where a_part[l.append] = here and took[l.append] on conflict do nothing;
      end if;
      if cardinality(s_append) > 0 then
        insert into subject (hash, id)
        select s.hash, a_id[s.append] from unnest(s_append, s_hash) s (append, hash)
        where a_part[s.append] = here and took[s.append] on conflict do nothing;
      end if;
      if cardinality(m_append) > 0 then
        insert into inbox (sender, message_id, at)
        select m.sender, m.message, m.at from unnest(m_append, m_sender, m_message, m_at) m (append, sender, message, at)
        where a_part[m.append] = here and took[m.append] on conflict do nothing;
        delete from parked using unnest(m_append, m_sender, m_message) m (append, sender, message)
        where a_part[m.append] = here and took[m.append] and parked.sender = m.sender and parked.message_id = m.message;
      end if;
      if cardinality(b_append) > 0 then
        with kept as (
          insert into sealed_blob (ref, sealed, expires_at)
          select b.ref, b.sealed, b.expires from unnest(b_append, b_ref, b_sealed, b_expires) b (append, ref, sealed, expires)
          where a_part[b.append] = here and took[b.append] on conflict do nothing returning ref
        )
        insert into blob_key (ref, wrapped)
        select distinct on (b.ref) b.ref, b.key from unnest(b_append, b_ref, b_key) with ordinality b (append, ref, key, item)
        join kept using (ref) where a_part[b.append] = here and took[b.append] order by b.ref, b.item;
      end if;
      if cardinality(f_append) > 0 then
        delete from sealed_blob using unnest(f_append, f_ref) f (append, ref)
        where a_part[f.append] = here and took[f.append] and sealed_blob.ref = f.ref;
        with gone as (
          delete from blob_key using unnest(f_append, f_ref) f (append, ref)
          where a_part[f.append] = here and took[f.append] and blob_key.ref = f.ref returning blob_key.tableoid
        )
        insert into destroyed_key (relation) select distinct gone.tableoid::regclass::text from gone;
      end if;
      if true = any (a_erase) then
        with gone as (
          delete from interaction_key using unnest(a_id, a_erase) with ordinality a (id, erase, append)
          where a_part[a.append] = here and took[a.append] and a.erase and interaction_key.id = a.id
          returning interaction_key.tableoid
        )
        insert into destroyed_key (relation) select distinct gone.tableoid::regclass::text from gone;
        delete from subject using unnest(a_id, a_erase) with ordinality a (id, erase, append)
        where a_part[a.append] = here and took[a.append] and a.erase and subject.id = a.id;
        -- Few messages wait, and a leg is found by its name: the other way round every leg would be looked at.
        delete from parked using leg where leg.platform = parked.platform and leg.external = parked.external
          and leg.id in (select a.id from unnest(a_id, a_erase) with ordinality a (id, erase, append)
            where a_part[a.append] = here and took[a.append] and a.erase);
      end if;
    end loop;

    for here in 1 .. cardinality(a_id) loop
      if undecided[here] and not took[here] then
        r_append := here; r_kind := 'version-conflict'; r_item := null; r_id := null;
        return next;
      end if;
    end loop;
    if true = any (took) then
      perform pg_notify(n_channel, notice) from unnest(n_notice) notice;
    end if;
  end
  $function$;
`;

/** Each entry moves the schema one version up. Never edit one that has been released. */
export const MIGRATIONS: readonly string[] = [`${TABLES}\n${APPEND_BATCH}`, CREDENTIAL_TABLES, ENTRY_SCHEMA];
