// Owns the schema of the links and the suppressed numbers on PostgreSQL, a migration of its own. A link goes with its interaction's key; the
// key is locked while one is kept, so that none is kept after it has gone.

export const REACH_SCHEMA = `
  create table claim (
    token_hash bytea primary key,
    interaction uuid not null,
    number_hash bytea not null,
    expires_at float8 not null
  );
  create index claim_interaction on claim (interaction);
  create table suppression (number_hash bytea primary key, cause text collate "C" not null, at float8 not null);

  create function put_claim(p_token bytea, p_interaction uuid, p_number bytea, p_expires float8)
  returns boolean language plpgsql as $function$
  begin
    perform from interaction_key where id = p_interaction for key share;
    if not found then return false; end if;
    insert into claim (token_hash, interaction, number_hash, expires_at)
    values (p_token, p_interaction, p_number, p_expires) on conflict do nothing;
    return true;
  end
  $function$;

  create function forget_claims() returns trigger language plpgsql as $function$
  begin
    delete from claim where interaction = old.id;
    return null;
  end
  $function$;
  create trigger forget_claims after delete on interaction_key for each row execute function forget_claims();
`;
