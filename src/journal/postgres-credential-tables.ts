// Owns the migration for what nodes that use the same credentials at a platform share: the token, sealed, and who refreshes it; and the
// slices of the quota. All instants are the database's, in milliseconds.

/**
 * A slice is what a node may have sent within any minute; the slices of one credential never add up to more than its quota.
 *
 * 1. A node binds itself to `a_keeps` before it asks and until it is answered, so that an answer that is lost costs nobody anything: what is
 *    written down for it is never less.
 * 2. What it is granted beyond is free: not held by others, nor by one that fell silent less than a minute after its lease ended, whose
 *    calls the vendor may still count.
 * 3. Whoever holds more than a fair part is granted less as long as others want theirs, and gives it back as its calls age.
 * 4. Questions of one node are numbered: one that was overtaken by a later one changes nothing.
 */
export const CREDENTIAL_TABLES = `
  create table credential_token (
    credential text collate "C" primary key,
    number int not null,
    sealed bytea,
    issued_at float8,
    expires_at float8,
    refresher text collate "C",
    refreshing_until float8,
    paused_until float8,
    pause_why text,
    pause_refused boolean not null default false,
    failures int not null default 0
  );

  create table credential_slice (
    credential text collate "C" not null,
    node text collate "C" not null,
    asked int not null,
    held int not null,
    wants int not null,
    lease_until float8 not null,
    primary key (credential, node)
  );

  create function take_slice(
    a_credential text, a_node text, a_asked int, a_keeps int, a_wants int, a_quota int, a_lease_ms float8, moment float8
  ) returns table (granted int, nodes int, short int) language plpgsql as $function$
  declare
    fair int;
    free int;
  begin
    perform pg_advisory_xact_lock(1953002103, hashtext(current_schema() || ' ' || a_credential));
    delete from credential_slice s where s.credential = a_credential and s.lease_until + 60000 <= moment and s.node <> a_node;
    if exists (select from credential_slice s where s.credential = a_credential and s.node = a_node and s.asked >= a_asked) then
      return;
    end if;
    select count(*) filter (where s.lease_until > moment) + 1, a_quota - coalesce(sum(s.held), 0)
      into nodes, free from credential_slice s where s.credential = a_credential and s.node <> a_node;
    fair := a_quota / nodes;
    select coalesce(sum(greatest(0, least(s.wants, fair) - s.held)), 0) into short
      from credential_slice s where s.credential = a_credential and s.node <> a_node and s.lease_until > moment;
    granted := greatest(0, least(a_wants, free, greatest(fair, free - short)));
    insert into credential_slice as mine (credential, node, asked, held, wants, lease_until)
      values (a_credential, a_node, a_asked, greatest(granted, a_keeps), a_wants, moment + a_lease_ms)
      on conflict (credential, node) do update set asked = excluded.asked, held = excluded.held, wants = excluded.wants,
        lease_until = excluded.lease_until;
    return next;
  end
  $function$;
`;
