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
  // Stands by itself: it touches no other table, so that its place among the migrations does not matter.
  `
  create table seal (
    number integer primary key,
    at real not null,
    after_seq integer not null,
    up_to_seq integer not null,
    events integer not null,
    leaves blob not null,
    root blob not null,
    previous blob not null,
    key_id text not null,
    signature blob not null
  );
  `,
  // Wrapped keys stand in tables of their own whose rows are only ever added at the end and overwritten in place by as many
  // bytes. secure_delete clears what is deleted, but not the copies that a page keeps of rows which were moved within it when it
  // was balanced: a key beside columns that grow and shrink leaves such copies, and they would outlive it.
  `
  create table interaction_key (row integer primary key, wrapped blob not null);
  insert into interaction_key select row, wrapped_key from interaction order by row;
  alter table interaction drop column wrapped_key;

  create table blob_key (slot integer primary key, wrapped blob not null);
  alter table sealed_blob rename to blob_before;
  create table sealed_blob (ref text primary key, key_slot integer not null, sealed blob not null, expires_at real not null) without rowid;
  insert into blob_key select row_number() over (order by ref), wrapped_key from blob_before;
  insert into sealed_blob select ref, row_number() over (order by ref), sealed, expires_at from blob_before;
  drop table blob_before;
  create index sealed_blob_age on sealed_blob (expires_at);

  create index subject_of_interaction on subject (row);
  create table erasure (id text primary key, requested_at real not null, subject text not null, scrubbed_at real) without rowid;
  create table erasure_interaction (erasure text not null, id text not null, primary key (erasure, id)) without rowid;
  `,
  `
  alter table interaction add column dead_letters integer not null default 0;
  update interaction set dead_letters = 1 where outcome = 'dead_lettered';
  create index interaction_awaiting_person on interaction (opened_at) where dead_letters > 0 or quarantined_at is not null;
  `,
  // As many rows as there are entry numbers. What an erased interaction leaves is only that its number was lent, and until when.
  `
  create table entry (
    platform text not null,
    number text not null,
    handoff text,
    interaction text,
    token_hash blob,
    ani_hash blob,
    until real not null,
    free_from real not null,
    primary key (platform, number)
  ) without rowid;
  create unique index entry_handoff on entry (handoff) where handoff is not null;
  create index entry_interaction on entry (interaction) where interaction is not null;
  create index entry_token on entry (platform, token_hash) where token_hash is not null;
  create index entry_ani on entry (platform, ani_hash, until) where ani_hash is not null;
  create index entry_held on entry (free_from) where number like 'reservation:%';
  `,
  // Links that were sent go with their interaction's key; who may not be texted stays.
  `
  create table claim (
    token_hash blob primary key,
    interaction text not null,
    number_hash blob not null,
    expires_at real not null
  ) without rowid;
  create index claim_interaction on claim (interaction);
  create table suppression (number_hash blob primary key, cause text not null, at real not null) without rowid;
  `,
];

/** A page of the list, newest first. ?4 is the earliest opening; ?5 and ?6 are the place of the last row of the page before. */
function listWhere(condition: string): string {
  return `select id, version, channel, platform, phase, holder, outcome, opened_at, ended_at, dead_letters from interaction
    where ${condition} and opened_at >= ?4 and (opened_at, row) < (?5, ?6) order by opened_at desc, row desc limit ?7`;
}

/** So many events are inserted by one run of `insertEvents`, for a third less than one by one. */
export const EVENTS_AT_ONCE = 16;
const EVENT_COLUMNS = 'event (row, version, type, at, actor, clear, sealed, hash)';
const EVENT_VALUES = '(?, ?, ?, ?, ?, ?, ?, ?)';

export const SQL = {
  // Without `returning`, which is a trigger to SQLite: it copies every page that the statement changes into a statement journal.
  insertInteraction: `insert into interaction
    (id, version, due_at, lease_until, lease_owner, channel, platform, phase, holder, outcome, opened_at, ended_at, dead_letters)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
  /** The compare of the compare-and-set: no row when the version has moved on. */
  expected: `select row, lease_until, lease_owner, claims, holder, phase, outcome, platform, ended_at, dead_letters from interaction
    where id = ? and version = ? and quarantined_at is null`,
  // The set. A column that is named has its indexes written again though it stays as it was, so each names what must be.
  advance: 'update interaction set version = ?, due_at = ?, lease_until = ?, claims = ? where row = ?',
  advancePhase: `update interaction set version = ?, due_at = ?, lease_until = ?, claims = ?,
    phase = ?, outcome = ?, platform = ?, ended_at = ?, dead_letters = ? where row = ?`,
  advanceOwner:
    'update interaction set version = ?, due_at = ?, lease_until = ?, claims = ?, lease_owner = ? where row = ?',
  advanceOwnerAndPhase: `update interaction set version = ?, due_at = ?, lease_until = ?, claims = ?,
    lease_owner = ?, phase = ?, outcome = ?, platform = ?, ended_at = ?, dead_letters = ? where row = ?`,
  advanceHolder: `update interaction set version = ?, due_at = ?, lease_until = ?, claims = ?,
    lease_owner = ?, phase = ?, outcome = ?, platform = ?, ended_at = ?, dead_letters = ?, holder = ? where row = ?`,
  /** An erasure is taken of a quarantined interaction, too, and ends that. */
  expectedToErase: 'select row from interaction where id = ? and version = ?',
  advanceErasing: `update interaction set version = ?, due_at = ?, lease_until = ?, claims = 0,
    lease_owner = ?, phase = ?, outcome = ?, platform = ?, ended_at = ?, dead_letters = ?, holder = ?, snapshot = null, snapshot_version = null,
    quarantined_at = null where row = ?`,
  insertKey: 'insert into interaction_key (row, wrapped) values (?, ?)',
  destroyKey: 'update interaction_key set wrapped = zeroblob(length(wrapped)) where row = ?',
  deleteSubjects: 'delete from subject where row = ?',
  /** Few messages wait, and a leg is found by its name: the other way round every leg would be looked at. */
  deleteParkedOf: `delete from parked where (sender, message_id) in (select sender, message_id
    from parked cross join leg using (platform, external) where leg.row = ?)`,
  setSnapshot: 'update interaction set snapshot_version = version, snapshot = ? where row = ?',
  insertEvent: `insert into ${EVENT_COLUMNS} values ${EVENT_VALUES}`,
  insertEvents: `insert into ${EVENT_COLUMNS} values ${Array<string>(EVENTS_AT_ONCE).fill(EVENT_VALUES).join(', ')}`,

  legOwner: 'select interaction.id from leg join interaction using (row) where leg.platform = ? and leg.external = ?',
  insertLeg: 'insert into leg (platform, external, row) values (?, ?, ?) on conflict do nothing',
  deleteLeg: 'delete from leg where platform = ? and external = ? and row = ?',
  insertSubject: 'insert into subject (hash, row) values (?, ?) on conflict do nothing',
  findSubject:
    'select interaction.id from subject join interaction using (row) where subject.hash = ? order by subject.row desc limit ?',
  findSubjectBefore: `select interaction.id from subject join interaction using (row) where subject.hash = ?1
    and subject.row < (select row from interaction where id = ?2) order by subject.row desc limit ?3`,

  knownMessage: 'select 1 from inbox where sender = ? and message_id = ?',
  insertMessage: 'insert into inbox (sender, message_id, at) values (?, ?, ?) on conflict do nothing',
  park: `insert into parked (sender, message_id, platform, external, sealed, expires_at) values (?, ?, ?, ?, ?, ?)
    on conflict do nothing`,
  unpark: 'delete from parked where sender = ? and message_id = ?',
  parkedForLeg: `select sender, message_id, platform, external, sealed, expires_at from parked
    where platform = ? and external = ? order by expires_at`,
  parkedWithKnownLeg: `select parked.*, interaction.id from parked
    join leg using (platform, external) join interaction on interaction.row = leg.row order by expires_at limit ?`,

  /** A key that was destroyed is zeros. */
  load: `select row, id, version, nullif(wrapped, zeroblob(length(wrapped))) as wrapped_key, snapshot_version, snapshot, quarantined_at
    from interaction left join interaction_key using (row) where id = ?`,
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
  putBack: `update interaction set lease_until = null, lease_owner = null, claims = claims - 1, due_at = ?
    where id = ? and lease_owner = ? and claims = ?`,
  quarantine: `update interaction set quarantined_at = ?, due_at = null, lease_until = null, lease_owner = null
    where id = ?`,
  release:
    'update interaction set quarantined_at = null, claims = 0, due_at = ? where id = ? and quarantined_at is not null',
  awaitingPerson: `select id, quarantined_at from interaction where (dead_letters > 0 or quarantined_at is not null)
    and (opened_at, row) < (?, ?) order by opened_at desc, row desc limit ?`,
  recover: 'update interaction set lease_until = ?1, due_at = ?1 where lease_owner is not null',

  knownBlob: 'select key_slot from sealed_blob where ref = ?',
  insertBlobKey: 'insert into blob_key (wrapped) values (?)',
  putBlob: 'insert into sealed_blob (ref, key_slot, sealed, expires_at) values (?, ?, ?, ?)',
  getBlob: `select ref, wrapped as wrapped_key, sealed, expires_at from sealed_blob join blob_key on slot = key_slot
    where ref = ? and expires_at > ?`,
  destroyBlobKey: 'update blob_key set wrapped = zeroblob(length(wrapped)) where slot = ?',
  deleteBlob: 'delete from sealed_blob where ref = ?',
  expiredBlobs: 'select ref, key_slot from sealed_blob where expires_at <= ? order by expires_at limit ?',
  expireParked:
    'delete from parked where (sender, message_id) in (select sender, message_id from parked where expires_at <= ? limit ?)',
  expireInbox:
    'delete from inbox where (sender, message_id) in (select sender, message_id from inbox where at <= ? limit ?)',

  feed: `select event.*, interaction.id from event join interaction using (row) where seq > ? order by seq limit ?`,
  lastSeq: 'select max(seq) as seq from event',
  page: 'select row, id, version from interaction where id > ? order by id limit ?',

  arrivals: `select event.seq, interaction.id, event.version, event.hash from event join interaction using (row)
    where event.seq > ? order by event.seq limit ?`,
  insertSeal: `insert into seal (number, at, after_seq, up_to_seq, events, leaves, root, previous, key_id, signature)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
  seals: 'select * from seal where number > ? order by number limit ?',
  lastSeal: 'select * from seal where number = (select max(number) from seal)',

  interactionKeys: `select interaction.id, wrapped from interaction join interaction_key using (row)
    where interaction.id > ? and wrapped <> zeroblob(length(wrapped)) order by interaction.id limit ?`,
  blobKeys: `select ref as id, wrapped from sealed_blob join blob_key on slot = key_slot where ref > ? order by ref limit ?`,
  rewrapInteraction: `update interaction_key set wrapped = ? where row = (select row from interaction where id = ?) and wrapped = ?`,
  rewrapBlob:
    'update blob_key set wrapped = ? where slot = (select key_slot from sealed_blob where ref = ?) and wrapped = ?',

  putErasure: `insert into erasure (id, requested_at, subject, scrubbed_at) values (?, ?, ?, ?)
    on conflict (id) do update set scrubbed_at = excluded.scrubbed_at`,
  addToErasure: 'insert into erasure_interaction (erasure, id) values (?, ?) on conflict do nothing',
  getErasure: 'select requested_at, subject, scrubbed_at from erasure where id = ?',
  erasedBy: 'select id from erasure_interaction where erasure = ? order by id',

  mayLend: `select 1 from interaction join interaction_key using (row) where id = ? and wrapped <> zeroblob(length(wrapped))`,
  ownEntry: 'select number, until from entry where handoff = ?',
  keepEntry: `update entry set until = max(until, ?), free_from = max(free_from, ?), token_hash = ?, ani_hash = ? where handoff = ?`,
  lentEntries: 'select number, free_from from entry where platform = ?',
  lendEntry: `insert into entry (platform, number, handoff, interaction, token_hash, ani_hash, until, free_from) values (?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (platform, number) do update set handoff = excluded.handoff, interaction = excluded.interaction,
    token_hash = excluded.token_hash, ani_hash = excluded.ani_hash, until = excluded.until, free_from = excluded.free_from`,
  holdEntry: `insert or replace into entry (platform, number, handoff, interaction, token_hash, ani_hash, until, free_from)
    values (?, ?, ?, ?, ?, ?, ?, ?)`,
  expireHeld: `delete from entry where (platform, number) in
    (select platform, number from entry where number like 'reservation:%' and free_from <= ? limit ?)`,
  entryByToken: 'select * from entry where platform = ? and token_hash = ?',
  entryByNumber: 'select * from entry where platform = ? and number = ? and handoff is not null',
  entryByAni: 'select * from entry where platform = ? and ani_hash = ? and until > ? order by until desc limit 2',
  releaseEntry: 'update entry set until = min(until, ?1), free_from = min(free_from, ?1) where handoff = ?2',
  /** The number stays lent for its time: the call may be on its way to it. */
  forgetEntries: `update entry set handoff = null, interaction = null, token_hash = null, ani_hash = null
    where interaction = (select id from interaction where row = ?)`,

  putClaim: `insert into claim (token_hash, interaction, number_hash, expires_at) values (?, ?, ?, ?) on conflict do nothing`,
  findClaim: 'select interaction, number_hash, expires_at from claim where token_hash = ?',
  forgetClaims: 'delete from claim where interaction = (select id from interaction where row = ?)',
  suppress: 'insert into suppression (number_hash, cause, at) values (?, ?, ?) on conflict do nothing',
  isSuppressed: 'select 1 from suppression where number_hash = ?',
  unsuppress: 'delete from suppression where number_hash = ?',

  /** What stands in the log goes into the file, and the log becomes empty. */
  emptyLog: 'pragma wal_checkpoint(truncate)',

  readMeta: 'select value from meta where name = ?',
  now: "select unixepoch('subsec') * 1000.0 as now",
  insertMeta: 'insert into meta (name, value) values (?, ?) on conflict do nothing',
  replaceMeta: 'update meta set value = ? where name = ? and value = ?',
} as const;

/** The messages of a sender are remembered longer than any vendor repeats them (EventBridge gives up after four days). */
export const INBOX_KEPT_MS = 5 * 24 * 60 * 60 * 1000;
