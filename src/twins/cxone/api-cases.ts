// Owns the digital platform's paths of cases: reading them, and moving one to a skill or an agent, which here is plain REST.

import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Refusal, type Route, refuse } from './api.ts';
import { isLive } from './contact.ts';
import { CASE_STATUSES, type Case, type Digital } from './digital.ts';
import { type DigitalRouteParts, digitalSkill, type Fields, invalid, writeFields } from './digital-input.ts';
import { caseView, digitalUserId, messageView } from './digital-views.ts';
import type { Agent, Tenant } from './tenant.ts';

type OnCase = (of: Case, call: ApiCall) => ApiResult;

const ONE = '/contacts/:contactNumber';

export function caseRoutes(parts: DigitalRouteParts): readonly Route[] {
  const { digital } = parts;
  const route = (method: string, path: string, handle: OnCase): Route => ({
    method,
    path: `${ONE}${path}`,
    handle(call) {
      const of = digital.case(call.param('contactNumber'));
      return of === undefined ? notFound(`Contact ${call.param('contactNumber')}`) : handle(of, call);
    },
  });
  const read: OnCase = (of) => ({ status: 200, body: caseView(of) });
  return [
    { method: 'GET', path: '/contacts', handle: (call) => listCases(digital, call) },
    route('GET', '', read),
    route('GET', '/detail', read),
    route('GET', '/messages', (of) => {
      const data = of.messages.map((each) => messageView(each, of));
      return { status: 200, body: { hits: data.length, data } };
    }),
    route('PUT', '/status', (of, call) => setStatus(digital, of, call)),
    route('PUT', '/routing-queue', (of, call) => setQueue(parts, of, call)),
    route('PUT', '/inbox-assignment', (of, call) => assign(parts, of, call)),
    route('DELETE', '/inbox-assignment', (of) => {
      if (!isLive(of.contact)) return over();
      digital.assign(of, undefined);
      return { status: 204 };
    }),
    route('PUT', '/custom-fields', (of, call) => writeFields(parts, of.customFields, call.request.body)),
    route('DELETE', '/custom-fields/:ident', (of, call) => {
      delete of.customFields[call.param('ident')];
      return { status: 204 };
    }),
  ];
}

function setStatus(digital: Digital, of: Case, { request }: ApiCall): ApiResult {
  const asked = isRecord(request.body) ? request.body.status : undefined;
  const status = CASE_STATUSES.find((each) => each === asked);
  if (status === undefined) return invalid('status', 'This value is not a valid choice');
  digital.setStatus(of, status);
  return { status: 204 };
}

function setQueue({ digital, tenant }: DigitalRouteParts, of: Case, { request }: ApiCall): ApiResult {
  const skill = digitalSkill(tenant, isRecord(request.body) ? request.body.skillId : undefined);
  if (skill === undefined) return invalid('skillId', 'This skill does not exist');
  if (!isLive(of.contact)) return over();
  digital.requeue(of, skill);
  return { status: 204 };
}

function assign({ digital, tenant }: DigitalRouteParts, of: Case, { request }: ApiCall): ApiResult {
  const agent = assigneeOf(tenant, isRecord(request.body) ? request.body : {});
  if (agent === undefined) return invalid('inboxAssignee', 'This user does not exist');
  if (!isLive(of.contact)) return over();
  digital.assign(of, agent);
  return { status: 204 };
}

/** The digital platform knows users by its own number, or by the UUID that all of CXone shares. */
function assigneeOf(tenant: Tenant, { userId, inboxAssignee, inboxAssigneeCxoneId }: Fields): Agent | undefined {
  if (typeof inboxAssigneeCxoneId === 'string') return tenant.agentByUserId(inboxAssigneeCxoneId);
  const number = userId ?? inboxAssignee;
  return typeof number === 'number' ? tenant.agents().find((each) => digitalUserId(each) === number) : undefined;
}

function listCases(digital: Digital, { request: { query } }: ApiCall): ApiResult {
  const end = query.getAll('endUserIdOnExternalPlatform[]');
  const statuses = query.getAll('status[]');
  const data = [...digital.cases()]
    .filter(
      (each) =>
        (end.length === 0 || end.includes(each.customer.identity.idOnExternalPlatform)) &&
        (statuses.length === 0 || statuses.includes(each.status)),
    )
    .map(caseView);
  return { status: 200, body: { hits: data.length, data } };
}

function over(): Refusal {
  return refuse(409, 'contact_closed', 'The contact is closed');
}
