// Owns every SQL statement of the embedded store, by name, and its migrations, which are only ever appended.

/** Each entry moves the schema one version up. Never edit one that has been released. */
export const MIGRATIONS: readonly string[] = [
  `
  create table meta (name text primary key, value blob not null) without rowid;

  create table interaction (
    row integer primary key,
    id text not null unique,
    version integer not null,
    wrapped_key blob not null,
    snapshot_version integer,
    snapshot blob,
    due_at real,
    lease_until real,
    lease_owner text,
    claims integer not null default 0,
    quarantined_at real,
    channel text not null,
    platform text,
    phase text,
    holder text not null,
    outcome text,
    opened_at real not null,
    ended_at real
  );
  create index interaction_due on interaction (due_at) where due_at is not null;
  create index interaction_leased on interaction (lease_owner) where lease_owner is not null;
  create index interaction_opened on interaction (opened_at);
  create index interaction_phase on interaction (phase, opened_at) where phase is not null;
  create index interaction_holder on interaction (holder, opened_at);
  create index interaction_channel on interaction (channel, opened_at);

  create table event (
    seq integer primary key,
    row integer not null,
    version integer not null,
    type text not null,
    at real not null,
    actor text not null,
    clear text not null,
    sealed blob,
    hash blob not null
  );
  create unique index event_of_interaction on event (row, version);

  create table leg (platform text not null, external text not null, row integer not null, primary key (platform, external)) without rowid;
  create table subject (hash blob not null, row integer not null, primary key (hash, row)) without rowid;
  create table inbox (sender text not null, message_id text not null, at real not null, primary key (sender, message_id)) without rowid;
  create index inbox_age on inbox (at);
  create table parked (
    sender text not null,
    message_id text not null,
    platform text not null,
    external text not null,
    sealed blob not null,
    expires_at real not null,
    primary key (sender, message_id)
  ) without rowid;
  create index parked_leg on parked (platform, external, expires_at);
  create index parked_age on parked (expires_at);
  create table sealed_blob (ref text primary key, wrapped_key blob not null, sealed blob not null, expires_at real not null) without rowid;
  create index sealed_blob_age on sealed_blob (expires_at);
  `,
  `
  alter table interaction add column dead_letters integer not null default 0;
  update interaction set dead_letters = 1 where outcome = 'dead_lettered';
  create index interaction_awaiting_person on interaction (opened_at) where dead_letters > 0 or quarantined_at is not null;
  `,
];

/** A page of the list, newest first. ?4 is the earliest opening; ?5 and ?6 are the place of the last row of the page before. */
function listWhere(condition: string): string {
  return `select id, version, channel, platform, phase, holder, outcome, opened_at, ended_at, dead_letters from interaction
    where ${condition} and opened_at >= ?4 and (opened_at, row) < (?5, ?6) order by opened_at desc, row desc limit ?7`;
}

export const SQL = {
  insertInteraction: `insert into interaction
    (id, version, wrapped_key, due_at, lease_until, lease_owner, channel, platform, phase, holder, outcome, opened_at, ended_at, dead_letters)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing returning row`,
  /** The compare-and-set: no row comes back when the version has moved on. Getting on clears the claims. */
  advance: `update interaction set version = ?, due_at = ?, lease_until = ?, lease_owner = ?, claims = 0,
    phase = ?, holder = ?, outcome = ?, platform = ?, ended_at = ?, dead_letters = ?
    where id = ? and version = ? and quarantined_at is null returning row`,
  advanceKeepingLease: `update interaction set version = ?, due_at = ?,
    phase = ?, holder = ?, outcome = ?, platform = ?, ended_at = ?, dead_letters = ?
    where id = ? and version = ? and quarantined_at is null returning row`,
  setSnapshot: 'update interaction set snapshot_version = version, snapshot = ? where row = ?',
  insertEvent: 'insert into event (row, version, type, at, actor, clear, sealed, hash) values (?, ?, ?, ?, ?, ?, ?, ?)',

  legOwner: 'select interaction.id from leg join interaction using (row) where leg.platform = ? and leg.external = ?',
  insertLeg: 'insert into leg (platform, external, row) values (?, ?, ?) on conflict do nothing',
  deleteLeg: 'delete from leg where platform = ? and external = ? and row = ?',
  insertSubject: 'insert into subject (hash, row) values (?, ?) on conflict do nothing',
  findSubject:
    'select interaction.id from subject join interaction using (row) where subject.hash = ? order by subject.row desc limit ?',

  knownMessage: 'select 1 from inbox where sender = ? and message_id = ?',
  insertMessage: 'insert into inbox (sender, message_id, at) values (?, ?, ?) on conflict do nothing',
  park: `insert into parked (sender, message_id, platform, external, sealed, expires_at) values (?, ?, ?, ?, ?, ?)
    on conflict do nothing`,
  unpark: 'delete from parked where sender = ? and message_id = ?',
  parkedForLeg: `select sender, message_id, platform, external, sealed, expires_at from parked
    where platform = ? and external = ? order by expires_at`,
  parkedWithKnownLeg: `select parked.*, interaction.id from parked
    join leg using (platform, external) join interaction on interaction.row = leg.row order by expires_at limit ?`,

  load: `select row, id, version, wrapped_key, snapshot_version, snapshot, quarantined_at from interaction where id = ?`,
  eventsAfter:
    'select version, type, at, actor, clear, sealed, hash from event where row = ? and version >= ? order by version',
  /** One list per index: the filter that narrows most leads, the others are looked at row by row. */
  list: listWhere('?1 is null and ?2 is null and ?3 is null'),
  listByPhase: listWhere('phase = ?1 and (?2 is null or holder = ?2) and (?3 is null or channel = ?3)'),
  listByHolder: listWhere('?1 is null and holder = ?2 and (?3 is null or channel = ?3)'),
  listByChannel: listWhere('?1 is null and ?2 is null and channel = ?3'),
  placeInList: 'select opened_at, row from interaction where id = ?',

  due: `select row, id, lease_owner, claims from interaction
    where due_at <= ?1 and (lease_until is null or lease_until <= ?1) order by due_at limit ?2`,
  claim: 'update interaction set lease_until = ?, lease_owner = ?, claims = claims + 1 where row = ?',
  finish: `update interaction set lease_until = null, lease_owner = null, claims = 0, due_at = ?
    where id = ? and version = ?`,
  quarantine: `update interaction set quarantined_at = ?, due_at = null, lease_until = null, lease_owner = null
    where id = ?`,
  release:
    'update interaction set quarantined_at = null, claims = 0, due_at = ? where id = ? and quarantined_at is not null',
  awaitingPerson: `select id, quarantined_at from interaction where (dead_letters > 0 or quarantined_at is not null)
    and (opened_at, row) < (?, ?) order by opened_at desc, row desc limit ?`,
  recover: 'update interaction set lease_until = ?1, due_at = ?1 where lease_owner is not null',

  putBlob: `insert into sealed_blob (ref, wrapped_key, sealed, expires_at) values (?, ?, ?, ?)
    on conflict (ref) do nothing`,
  getBlob: 'select ref, wrapped_key, sealed, expires_at from sealed_blob where ref = ? and expires_at > ?',
  expireBlobs: 'delete from sealed_blob where ref in (select ref from sealed_blob where expires_at <= ? limit ?)',
  expireParked:
    'delete from parked where (sender, message_id) in (select sender, message_id from parked where expires_at <= ? limit ?)',
  expireInbox:
    'delete from inbox where (sender, message_id) in (select sender, message_id from inbox where at <= ? limit ?)',

  feed: `select event.*, interaction.id from event join interaction using (row) where seq > ? order by seq limit ?`,
  lastSeq: 'select max(seq) as seq from event',
  page: 'select row, id, version from interaction where id > ? order by id limit ?',

  readMeta: 'select value from meta where name = ?',
  insertMeta: 'insert into meta (name, value) values (?, ?) on conflict do nothing',
} as const;

/** The messages of a sender are remembered longer than any vendor repeats them (EventBridge gives up after four days). */
export const INBOX_KEPT_MS = 5 * 24 * 60 * 60 * 1000;
