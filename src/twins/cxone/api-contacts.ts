// Owns the ACD's paths of contacts: reading them (feeds, one, its family, its data) and the little that a server may do to one.
// A signal is the only way to a live call's script.

import type { Clock } from '../../clock.ts';
import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Route, refuse } from './api.ts';
import { type Contact, isLive } from './contact.ts';
import { CONTACT_STATES } from './contact-states.ts';
import type { Contacts } from './contacts.ts';
import { columns, list } from './listing.ts';
import { readParams } from './script-signal.ts';
import type { Tenant } from './tenant.ts';
import { activeContactRow, completedContactRow, contactStateRow, customDataRows, iso } from './views.ts';

/** Longer query strings do not get through the vendor's web servers. */
const LONGEST_QUERY = 2_048;

type OnContact = (contact: Contact, call: ApiCall) => ApiResult;

export function contactRoutes(contacts: Contacts, tenant: Tenant, clock: Clock): readonly Route[] {
  const one =
    (handle: OnContact): Route['handle'] =>
    (call) => {
      const contact = contacts.get(Number(call.param('contactId')));
      return contact === undefined ? notFound(`Contact ${call.param('contactId')}`) : handle(contact, call);
    };
  const get = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, handle });
  const post = (path: string, handle: OnContact): Route => ({ method: 'POST', path, handle: one(handle) });
  const feed = (call: ApiCall, name: string, fits: (contact: Contact) => boolean, row: (contact: Contact) => Row) => {
    const rows = [...contacts.all()]
      .filter((each) => fits(each) && asked(each, call))
      .map((each) => ({ row: row(each), updatedAt: each.updatedAt }));
    return list(call, { name, rows, now: clock.now(), extra: { businessUnitId: tenant.businessUnitId } });
  };
  const ended = (contact: Contact) => !isLive(contact);
  return [
    get('/contacts/active', (call) => feed(call, 'activeContacts', isLive, activeContactRow)),
    get('/contacts/completed', (call) => feed(call, 'completedContacts', ended, completedContactRow)),
    // Whoever polls must see a contact end, so those stay in what changed since.
    get('/contacts/states', (call) => {
      const polls = call.request.query.has('updatedSince');
      return feed(call, 'contactStates', (each) => polls || isLive(each), contactStateRow);
    }),
    get('/contact-state-descriptions', () => describeStates()),
    get('/contact-state-descriptions/:stateId', (call) => describeStates(call.param('stateId'))),
    get(
      '/contacts/:contactId',
      one((contact, call) => readContact(contact, tenant, call, clock.now())),
    ),
    get(
      '/contacts/:contactId/hierarchy',
      one((contact) => hierarchy(contacts, contact)),
    ),
    get(
      '/contacts/:contactId/custom-data',
      one((contact) => ({ status: 200, body: { contactCustomData: customDataRows(contact) } })),
    ),
    get('/contacts/:contactId/disposition', one(readDisposition)),
    post('/contacts/:contactId/end', (contact) => {
      if (ended(contact)) return refuse(409, 'invalid_state', 'The contact has ended');
      contact.moves += 1;
      contacts.force(contact);
      return { status: 202 };
    }),
    post('/contacts/:contactId/tags', (contact, call) => addTags(contacts, contact, call)),
    post('/contacts/:contactId/set-disposition', (contact, call) => setDisposition(contacts, contact, call)),
    post('/interactions/:contactId/signal', (contact, call) => signal(contacts, contact, call)),
  ];
}

type Row = Readonly<Record<string, unknown>>;

/** The feeds' filters by what stands in the row. */
function asked(contact: Contact, { request: { query } }: ApiCall): boolean {
  const row: Row = activeContactRow(contact);
  return (['mediaTypeId', 'skillId', 'agentId', 'stateId', 'contactId', 'fromAddress', 'toAddress'] as const).every(
    (name) => !query.has(name) || String(row[name] ?? '') === query.get(name),
  );
}

/** The record lies one level down, under a property that is called `contactId`, as published. */
function readContact(contact: Contact, { businessUnitId }: Tenant, { request }: ApiCall, now: number): ApiResult {
  contact.lookedAt = now;
  const row = isLive(contact) ? activeContactRow(contact) : { ...completedContactRow(contact), ...ENDED };
  return {
    status: 200,
    body: { businessUnitId, lastPollTime: iso(now), contactId: columns(row, request.query.get('fields')) },
  };
}

const ENDED = { stateId: 9, stateName: 'EndContact', isActive: false } as const;

function describeStates(id?: string): ApiResult {
  const found = CONTACT_STATES.filter((each) => id === undefined || String(each.id) === id);
  if (found.length === 0) return notFound(`Contact state ${id}`);
  const contactStateDescriptions = found.map((each) => ({
    ContactStateId: each.id,
    ContactStateDescription: each.name,
    ContactStateCategory: each.category,
  }));
  return { status: 200, body: { contactStateDescriptions } };
}

function hierarchy(contacts: Contacts, { masterId }: Contact): ApiResult {
  const childContacts = [...contacts.all()]
    .filter((each) => each.masterId === masterId && each.id !== masterId)
    .map(({ id, startedAt, state }) => ({
      contactId: id,
      startTime: iso(startedAt),
      ...(state.kind === 'ended' ? { endTime: iso(state.at) } : {}),
    }));
  return { status: 200, body: { masterContactId: masterId, childContacts } };
}

function readDisposition({ disposition, agent }: Contact): ApiResult {
  if (disposition === undefined) return { status: 204 };
  const body = {
    dispositionId: Number(disposition.dispositionCode) || 0,
    dispositionName: disposition.dispositionCode,
    dispositionByAgendId: agent?.id ?? 0,
    notes: disposition.notes ?? '',
  };
  return { status: 200, body };
}

function addTags(contacts: Contacts, contact: Contact, { request }: ApiCall): ApiResult {
  const tags = isRecord(request.body) && Array.isArray(request.body.tags) ? request.body.tags : undefined;
  const ids = tags?.map((each) => (isRecord(each) ? each.tagId : undefined));
  if (ids === undefined || !ids.every((each) => Number.isInteger(each))) {
    return refuse(400, 'invalid_request', 'tags must be a list of {tagId}');
  }
  for (const each of ids) contact.tags.add(Number(each));
  contacts.floor.touch(contact);
  return { status: 200, body: { resultSet: { errorCount: 0 } } };
}

function setDisposition(contacts: Contacts, contact: Contact, { request }: ApiCall): ApiResult {
  const info = isRecord(request.body) && isRecord(request.body.dispositionInfo) ? request.body.dispositionInfo : {};
  if (typeof info.skill !== 'string' || typeof info.dispositionCode !== 'string') {
    return refuse(400, 'invalid_request', 'dispositionInfo must name skill and dispositionCode');
  }
  contact.disposition = Object.fromEntries(
    Object.entries(info).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  contacts.floor.touch(contact);
  return { status: 200 };
}

function signal(contacts: Contacts, contact: Contact, { request }: ApiCall): ApiResult {
  if (request.query.toString().length > LONGEST_QUERY) return refuse(404, 'not_found', 'The query string is too long');
  if (!isLive(contact)) return notFound(`Active contact ${contact.id}`);
  const body = isRecord(request.body) ? request.body : {};
  const params = readParams({ ...Object.fromEntries(request.query), ...body });
  contacts.studio.signal(contact, params);
  return { status: 204 };
}
