// Owns the ACD's paths of agents and skills: who stands where (advisory: it may change before a contact arrives), what they can
// take, and an agent's state set from outside.

import type { Clock } from '../../clock.ts';
import { type ApiCall, type ApiResult, notFound, type Route, refuse } from './api.ts';
import type { Contacts } from './contacts.ts';
import { columns, list } from './listing.ts';
import { countSkills, NOTHING } from './skill-counts.ts';
import { type Agent, MEDIA_TYPES, type Skill, type Tenant } from './tenant.ts';
import { agentRow, agentSkillRow, agentStateRow, iso, skillActivityRow, skillRow } from './views.ts';

export function agentRoutes(contacts: Contacts, tenant: Tenant, clock: Clock): readonly Route[] {
  const one =
    (handle: (agent: Agent, call: ApiCall) => ApiResult): Route['handle'] =>
    (call) => {
      const id = call.param('agentId');
      const agent = /^\d+$/.test(id) ? tenant.agent(Number(id)) : tenant.agentByUserId(id);
      return agent === undefined ? notFound(`Agent ${id}`) : handle(agent, call);
    };
  const agents = () => tenant.agents();
  const get = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, handle });
  return [
    get('/agents', (call) => listAgents(agents(), call, clock.now())),
    get('/agents/states', (call) => {
      const now = clock.now();
      const rows = agents().map((each) => ({ row: agentStateRow(each, tenant, now), updatedAt: each.changedAt }));
      return list(call, { name: 'agentStates', rows, now });
    }),
    get('/agents/skills', (call) => listAssignments(agents(), tenant, call, clock.now())),
    get(
      '/agents/:agentId',
      one((agent, call) => ({
        status: 200,
        body: { agents: [columns(agentRow(agent), call.request.query.get('fields'))] },
      })),
    ),
    get(
      '/agents/:agentId/states',
      one((agent, call) => oneState(agent, tenant, call, clock.now())),
    ),
    get(
      '/agents/:agentId/skills',
      one((agent, call) => listAssignments([agent], tenant, call, clock.now())),
    ),
    {
      method: 'POST',
      path: '/agents/:agentId/state',
      handle: one((agent, call) => setState(contacts, tenant, agent, call)),
    },
  ];
}

export function skillRoutes(contacts: Contacts, tenant: Tenant, clock: Clock): readonly Route[] {
  const one =
    (handle: (skill: Skill, call: ApiCall) => ApiResult): Route['handle'] =>
    (call) => {
      const id = call.param('skillId');
      const skill = /^\d+$/.test(id) ? tenant.skill(Number(id)) : undefined;
      return skill === undefined ? notFound(`Skill ${id}`) : handle(skill, call);
    };
  const ofMedia = (call: ApiCall) => {
    const asked = call.request.query.get('mediaTypeId');
    return tenant.skills.filter((each) => asked === null || String(MEDIA_TYPES[each.media]) === asked);
  };
  const activity = (skills: readonly Skill[], now: number) => {
    const counts = countSkills(contacts, tenant, skills, now);
    return skills.map((each) => skillActivityRow(each, counts.get(each) ?? NOTHING, tenant, now));
  };
  return [
    {
      method: 'GET',
      path: '/skills',
      handle(call) {
        const rows = ofMedia(call).map((each) => ({ row: skillRow(each), updatedAt: 0 }));
        const extra = { businessUnitId: tenant.businessUnitId };
        return list(call, { name: 'skills', rows, now: clock.now(), extra });
      },
    },
    {
      method: 'GET',
      path: '/skills/activity',
      handle(call) {
        const now = clock.now();
        const rows = activity(ofMedia(call), now).map((row) => ({ row, updatedAt: now }));
        return list(call, { name: 'skillActivity', rows, now });
      },
    },
    { method: 'GET', path: '/skills/:skillId', handle: one((skill) => ({ status: 200, body: skillRow(skill) })) },
    {
      method: 'GET',
      path: '/skills/:skillId/activity',
      handle: one((skill) => {
        const now = clock.now();
        return { status: 200, body: { lastPollTime: iso(now), skillActivity: activity([skill], now) } };
      }),
    },
  ];
}

function listAgents(agents: readonly Agent[], call: ApiCall, now: number): ApiResult {
  const wanted = (call.request.query.get('searchString') ?? '').toLowerCase();
  const rows = agents
    .map((each) => ({ row: agentRow(each), updatedAt: each.changedAt, name: each.name.toLowerCase() }))
    .filter(({ row, name }) => name.includes(wanted) || row.emailAddress.includes(wanted));
  return list(call, { name: 'agents', rows, now });
}

/** Here the poll's time lies in the row, not beside it. */
function oneState(agent: Agent, tenant: Tenant, call: ApiCall, now: number): ApiResult {
  const since = call.request.query.get('updatedSince');
  if (since !== null && agent.changedAt < Date.parse(since)) return { status: 204 };
  const row = { ...agentStateRow(agent, tenant, now), lastPollTime: iso(now) };
  return { status: 200, body: { agentStates: [columns(row, call.request.query.get('fields'))] } };
}

function listAssignments(agents: readonly Agent[], tenant: Tenant, call: ApiCall, now: number): ApiResult {
  const rows = agents.flatMap((agent) =>
    [...agent.skillIds].flatMap((id) => {
      const skill = tenant.skill(id);
      if (skill === undefined) return [];
      return [{ row: agentSkillRow(agent, skill, tenant), updatedAt: agent.sessionStartedAt }];
    }),
  );
  return list(call, { name: 'agentSkillAssignments', rows, now, extra: { businessUnitId: tenant.businessUnitId } });
}

function setState(contacts: Contacts, tenant: Tenant, agent: Agent, { request }: ApiCall): ApiResult {
  const state = request.query.get('state');
  const outStateId = request.query.get('outStateId');
  if (state !== 'Available' && state !== 'Unavailable') {
    return refuse(400, 'invalid_request', 'state must be Available or Unavailable');
  }
  const out = outStateId === null ? undefined : Number(outStateId);
  if (out !== undefined && !tenant.outStates.has(out)) return refuse(400, 'invalid_request', 'outStateId is unknown');
  agent.choice = state === 'Available' ? { kind: 'available' } : { kind: 'unavailable', outStateId: out };
  if (state === 'Available') agent.acwUntil = 0;
  contacts.floor.agentChanged(agent);
  return { status: 202 };
}
