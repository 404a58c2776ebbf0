// Owns the Agent API's paths: sessions that act as an agent, and calls made and joined in them.

import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Refusal, type Route, refuse } from './api.ts';
import type { Contacts } from './contacts.ts';
import type { Session, SessionRefusal, Sessions } from './sessions.ts';
import type { Agent, Tenant } from './tenant.ts';

type OnSession = (session: Session, call: ApiCall) => ApiResult;
const ACTS = ['hold', 'resume', 'end', 'accept', 'reject'] as const;

export function sessionRoutes(sessions: Sessions, contacts: Contacts, tenant: Tenant): readonly Route[] {
  const one =
    (handle: OnSession): Route['handle'] =>
    (call) => {
      const session = sessions.get(call.param('sid'));
      return session === undefined ? notFound(`Session ${call.param('sid')}`) : handle(session, call);
    };
  const post = (path: string, handle: OnSession): Route => ({
    method: 'POST',
    path: `/agent-sessions/:sid${path}`,
    handle: one(handle),
  });
  const dial = (path: string, handle: (session: Session, asked: Asked) => SessionRefusal | undefined): Route =>
    post(path, (session, call) => accepted(handle(session, readAsked(call))));
  return [
    { method: 'POST', path: '/agent-sessions', handle: (call) => open(sessions, contacts, tenant, call) },
    { method: 'POST', path: '/agent-sessions/join', handle: (call) => open(sessions, contacts, tenant, call) },
    {
      method: 'DELETE',
      path: '/agent-sessions/:sid',
      handle: one((session, call) => close(sessions, contacts, session, call)),
    },
    { method: 'GET', path: '/agent-sessions/:sid/get-next-event', handle: one(nextEvents) },
    dial('/dial-phone', (session, { parent, phoneNumber, skillId }) =>
      sessions.dialPhone(session, parent, phoneNumber, skillId),
    ),
    dial('/dial-agent', (session, { parent, agentId }) => sessions.dialAgent(session, parent, agentId, 'ReAgent')),
    dial('/consult-agent', (session, { parent, agentId }) => sessions.dialAgent(session, parent, agentId, 'Consult')),
    dial('/dial-skill', (session, { parent, skillId }) => sessions.dialSkill(session, parent, skillId ?? 0)),
    post('/state', (session, call) => setState(contacts, session.agent, call)),
    post('/interactions/transfer-calls', (session) => accepted(sessions.transferCalls(session))),
    post('/interactions/conference-calls', (session) => accepted(sessions.conferenceCalls(session))),
    post('/interactions/:contactId/custom-data', (_session, call) => customData(contacts, call)),
    post('/interactions/:contactId/disposition', (_session, call) => disposition(contacts, call)),
    ...ACTS.map((act) =>
      post(`/interactions/:contactId/${act}`, (session, call) =>
        accepted(sessions.act(session, Number(call.param('contactId')), act)),
      ),
    ),
  ];
}

type Asked = {
  readonly parent: number | undefined;
  readonly phoneNumber: string;
  readonly skillId: number | undefined;
  readonly agentId: number;
};

function readAsked({ request }: ApiCall): Asked {
  const given = { ...Object.fromEntries(request.query), ...(isRecord(request.body) ? request.body : {}) };
  const number = (value: unknown) => (value === undefined || value === '' ? undefined : Number(value));
  return {
    parent: number(given.parentContactId),
    phoneNumber: String(given.phoneNumber ?? ''),
    skillId: number(given.skillId),
    agentId: number(given.targetAgentId) ?? 0,
  };
}

/** Starting and joining need to know whom the key acts for: it has no agent of its own. */
function open(sessions: Sessions, contacts: Contacts, tenant: Tenant, { request }: ApiCall): ApiResult {
  const given = { ...Object.fromEntries(request.query), ...(isRecord(request.body) ? request.body : {}) };
  const agent = tenant.agent(Number(given.asAgentId ?? 0));
  if (agent === undefined) return refuse(400, 'invalid_request', 'asAgentId must name an agent');
  if (agent.choice.kind === 'logged-out') {
    if (/\/join$/i.test(request.path)) return refuse(404, 'not_found', 'The agent has no session');
    agent.choice = { kind: 'unavailable', outStateId: undefined };
    contacts.floor.agentChanged(agent);
  }
  return { status: 200, body: { sessionId: sessions.open(agent).id } };
}

function close(sessions: Sessions, contacts: Contacts, session: Session, { request }: ApiCall): ApiResult {
  const { agent } = session;
  if (agent.contacts.size > 0) {
    if (request.query.get('endContacts') !== 'true') return refuse(409, 'invalid_state', 'The agent has contacts');
    for (const each of [...agent.contacts]) contacts.floor.end(each, 'agent');
  }
  agent.choice = { kind: 'logged-out' };
  contacts.floor.agentChanged(agent);
  sessions.close(session);
  return { status: 202 };
}

/** What has happened, at once: the twin does not hold the request for `timeout` seconds. */
function nextEvents({ id, events }: Session): ApiResult {
  if (events.length === 0) return { status: 304 };
  return { status: 200, body: { sessionId: id, events: events.splice(0) } };
}

function setState(contacts: Contacts, agent: Agent, { request }: ApiCall): ApiResult {
  const state = request.query.get('state');
  if (state !== 'Available' && state !== 'Unavailable') {
    return refuse(400, 'invalid_request', 'state must be Available or Unavailable');
  }
  agent.choice = state === 'Available' ? { kind: 'available' } : { kind: 'unavailable', outStateId: undefined };
  contacts.floor.agentChanged(agent);
  return { status: 202 };
}

function customData(contacts: Contacts, { request, param }: ApiCall): ApiResult {
  const contact = contacts.get(Number(param('contactId')));
  const name = request.query.get('indicatorName');
  if (contact === undefined) return notFound(`Contact ${param('contactId')}`);
  if (name === null) return refuse(400, 'invalid_request', 'indicatorName is required');
  contact.customData[name] = request.query.get('data') ?? '';
  contacts.floor.touch(contact);
  return { status: 202 };
}

function disposition(contacts: Contacts, { request, param }: ApiCall): ApiResult {
  const contact = contacts.get(Number(param('contactId')));
  if (contact === undefined) return notFound(`Contact ${param('contactId')}`);
  const { primaryDispositionId, primaryDispositionNotes } = isRecord(request.body) ? request.body : {};
  if (!Number.isInteger(primaryDispositionId))
    return refuse(400, 'invalid_request', 'primaryDispositionId is required');
  const notes = typeof primaryDispositionNotes === 'string' ? { notes: primaryDispositionNotes } : {};
  contact.disposition = { dispositionCode: String(primaryDispositionId), ...notes };
  contacts.floor.touch(contact);
  return { status: 202 };
}

function accepted(refusal: SessionRefusal | undefined): ApiResult {
  return refusal === undefined ? { status: 202 } : REFUSALS[refusal];
}

const REFUSALS: Readonly<Record<SessionRefusal, Refusal>> = {
  'not-yours': refuse(403, 'forbidden', 'The contact is not with this agent'),
  ended: refuse(409, 'invalid_state', 'The contact has ended'),
  'no-such-agent': refuse(404, 'not_found', 'The target agent was not found'),
  'no-such-skill': refuse(404, 'not_found', 'The skill was not found'),
  'no-such-contact': refuse(404, 'not_found', 'The contact was not found'),
  'nothing-to-join': refuse(409, 'invalid_state', 'There are no two calls to join'),
};
