// Owns the schema of the entry numbers on PostgreSQL, a migration of its own, and the function that lends one.
//
// 1. Who takes a number holds a lock on the platform's pool until the commit: two nodes are never lent the same one.
// 2. There are as many rows as entry numbers. When an interaction's key is destroyed its rows keep only that the number was lent, and
//    until when: the call may be on its way to it. The key is locked while a number is lent, so that none is lent after it has gone.

export const ENTRY_SCHEMA = `
  create table entry (
    platform text collate "C" not null,
    number text collate "C" not null,
    handoff text collate "C",
    interaction uuid,
    token_hash bytea,
    ani_hash bytea,
    until float8 not null,
    free_from float8 not null,
    primary key (platform, number)
  );
  create unique index entry_handoff on entry (handoff) where handoff is not null;
  create index entry_interaction on entry (interaction) where interaction is not null;
  create index entry_token on entry (platform, token_hash) where token_hash is not null;
  create index entry_ani on entry (platform, ani_hash, until) where ani_hash is not null;
  create index entry_held on entry (free_from) where number like 'reservation:%';

  create function take_entry(
    p_platform text, p_numbers text[], p_handoff text, p_interaction uuid, p_token bytea, p_ani bytea,
    p_until float8, p_free_from float8, p_now float8
  ) returns table (number text, until float8) language plpgsql as $function$
  begin
    perform pg_advisory_xact_lock(1953002103, hashtext(current_schema() || '.' || p_platform));
    perform from interaction_key where id = p_interaction for key share;
    if not found then return; end if;
    return query
      update entry e set until = greatest(e.until, p_until), free_from = greatest(e.free_from, p_free_from),
        token_hash = p_token, ani_hash = p_ani
      where e.handoff = p_handoff returning e.number, e.until;
    if found then return; end if;
    return query
      insert into entry as e (platform, number, handoff, interaction, token_hash, ani_hash, until, free_from)
      select p_platform, o.number, p_handoff, p_interaction, p_token, p_ani, p_until, p_free_from
      from unnest(p_numbers) with ordinality o (number, item)
      left join entry lent on lent.platform = p_platform and lent.number = o.number
      where coalesce(lent.free_from, '-infinity') <= p_now
      order by coalesce(lent.free_from, '-infinity'), o.item limit 1
      on conflict on constraint entry_pkey do update set handoff = excluded.handoff, interaction = excluded.interaction,
        token_hash = excluded.token_hash, ani_hash = excluded.ani_hash, until = excluded.until, free_from = excluded.free_from
      returning e.number, e.until;
  end
  $function$;

  create function hold_entry(
    p_platform text, p_number text, p_handoff text, p_interaction uuid, p_token bytea, p_ani bytea, p_until float8, p_free_from float8
  ) returns void language plpgsql as $function$
  begin
    perform pg_advisory_xact_lock(1953002103, hashtext(current_schema() || '.' || p_platform));
    perform from interaction_key where id = p_interaction for key share;
    if not found then return; end if;
    delete from entry where handoff = p_handoff;
    delete from entry where platform = p_platform and number = p_number;
    insert into entry (platform, number, handoff, interaction, token_hash, ani_hash, until, free_from)
    values (p_platform, p_number, p_handoff, p_interaction, p_token, p_ani, p_until, p_free_from);
  end
  $function$;

  create function forget_entries() returns trigger language plpgsql as $function$
  begin
    update entry set handoff = null, interaction = null, token_hash = null, ani_hash = null where interaction = old.id;
    return null;
  end
  $function$;
  create trigger forget_entries after delete on interaction_key for each row execute function forget_entries();
`;
