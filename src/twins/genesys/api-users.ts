// Owns the vendor's paths of users: who they are, and whether routing takes them for busy.

import { type ApiCall, type ApiResult, notFound, type Route } from './api.ts';
import { page } from './api-directory.ts';
import { wirePresence } from './api-presence.ts';
import type { RoutingStatusName, WireRoutingStatus, WireUser } from './genesys-schema.ts';
import type { Agent, Organisation } from './organisation.ts';

export function userRoutes(organisation: Organisation): readonly Route[] {
  const one =
    (handle: (agent: Agent, call: ApiCall) => ApiResult): Route['handle'] =>
    (call) => {
      const agent = organisation.agent(call.param('userId'));
      return agent === undefined ? notFound(`user ${call.param('userId')}`) : handle(agent, call);
    };
  const read = one((agent, call) => ({ status: 200, body: wireUser(organisation, agent, expanded(call)) }));
  return [
    {
      method: 'GET',
      path: '/api/v2/users',
      handle: (call) =>
        page(
          call,
          organisation.agents().map((each) => wireUser(organisation, each, expanded(call))),
        ),
    },
    { method: 'GET', path: '/api/v2/users/:userId', handle: read },
    {
      method: 'GET',
      path: '/api/v2/users/:userId/routingstatus',
      handle: one((agent) => ({ status: 200, body: wireRoutingStatus(agent) })),
    },
  ];
}

function expanded({ request }: ApiCall): ReadonlySet<string> {
  return new Set(request.query.getAll('expand').flatMap((each) => each.split(',')));
}

function wireUser(organisation: Organisation, agent: Agent, expand: ReadonlySet<string>): WireUser {
  const { id, name } = agent;
  const email = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@twin.example`;
  return {
    id,
    name,
    email,
    username: email,
    state: 'active',
    version: 1,
    division: { id: organisation.home.id, name: organisation.home.name },
    selfUri: `/api/v2/users/${id}`,
    ...(expand.has('presence') ? { presence: wirePresence(agent) } : {}),
    ...(expand.has('routingStatus') ? { routingStatus: wireRoutingStatus(agent) } : {}),
  };
}

/** Whoever is rung or connected is interacting; whoever waits for customers is idle. */
function wireRoutingStatus({ id, live, presence, busySince }: Agent): WireRoutingStatus {
  const onQueue = presence.definition.systemPresence === 'On Queue';
  const status: RoutingStatusName = live > 0 ? 'INTERACTING' : onQueue ? 'IDLE' : 'OFF_QUEUE';
  const since = status === 'OFF_QUEUE' ? presence.modifiedAt : Math.max(busySince, presence.modifiedAt);
  return { userId: id, status, startTime: new Date(since).toISOString() };
}
