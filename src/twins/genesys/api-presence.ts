// Owns the vendor's paths of presences: the organisation's definitions, and what a person has chosen on their desktop (`purecloud`).

import type { Clock } from '../../clock.ts';
import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Route, refuse } from './api.ts';
import type { WirePresenceDefinition, WirePresenceDefinitions, WireUserPresence } from './genesys-schema.ts';
import type { Agent, Organisation, PresenceDefinition } from './organisation.ts';

const OF_A_USER = '/api/v2/users/:userId/presences/purecloud';

export function presenceRoutes(organisation: Organisation, clock: Clock): readonly Route[] {
  const one = (method: string, handle: (agent: Agent, call: ApiCall) => ApiResult): Route => ({
    method,
    path: OF_A_USER,
    handle(call) {
      const agent = organisation.agent(call.param('userId'));
      return agent === undefined ? notFound(`user ${call.param('userId')}`) : handle(agent, call);
    },
  });
  return [
    { method: 'GET', path: '/api/v2/presencedefinitions', handle: () => list(organisation) },
    { method: 'GET', path: '/api/v2/presence/definitions', handle: () => list(organisation) },
    one('GET', (agent) => ({ status: 200, body: wirePresence(agent) })),
    one('PATCH', (agent, call) => change(organisation, clock, agent, call.request.body)),
  ];
}

function list({ presences }: Organisation): ApiResult {
  const body: WirePresenceDefinitions = {
    total: presences.length,
    entities: presences.map((one) => ({
      ...wireDefinition(one),
      name: one.name,
      type: 'System',
      languageLabels: { en_US: one.name },
      deactivated: false,
    })),
    selfUri: '/api/v2/presencedefinitions',
  };
  return { status: 200, body };
}

/** Whatever is not said stays as it is; each change is dated, also to what it was. */
function change({ presences }: Organisation, clock: Clock, agent: Agent, body: unknown): ApiResult {
  if (!isRecord(body)) return refuse(400, 'bad.request', 'The request could not be understood by the server');
  const asked = isRecord(body.presenceDefinition) ? body.presenceDefinition.id : agent.presence.definition.id;
  const definition = presences.find(({ id }) => id === asked);
  if (definition === undefined)
    return refuse(400, 'bad.request', 'The presence definition is not one of the organisation');
  const message = typeof body.message === 'string' ? body.message : agent.presence.message;
  agent.presence = { definition, message, modifiedAt: clock.now() };
  return { status: 200, body: wirePresence(agent) };
}

export function wirePresence({ id, presence }: Agent): WireUserPresence {
  const { definition, message, modifiedAt } = presence;
  return {
    id,
    source: 'PURECLOUD',
    primary: true,
    presenceDefinition: wireDefinition(definition),
    message,
    modifiedDate: new Date(modifiedAt).toISOString(),
    selfUri: `/api/v2/users/${id}/presences/purecloud`,
  };
}

function wireDefinition({ id, systemPresence }: PresenceDefinition): WirePresenceDefinition {
  return { id, systemPresence, selfUri: `/api/v2/presencedefinitions/${id}` };
}
