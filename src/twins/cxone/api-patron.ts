// Owns the paths by which something new comes in from a server: work items, callbacks, promises, scripts, and the points of
// contact they name. What comes back is what is published: for callbacks that is nothing.

import type { Clock } from '../../clock.ts';
import { isRecord } from '../exchange.ts';
import type { Schedule } from '../schedule.ts';
import { type ApiCall, type ApiResult, type Route, refuse } from './api.ts';
import type { Contacts } from './contacts.ts';
import { type Agent, MEDIA_NAMES, MEDIA_TYPES, type Skill, type Tenant } from './tenant.ts';
import { iso } from './views.ts';

export type PatronParts = {
  readonly contacts: Contacts;
  readonly tenant: Tenant;
  readonly clock: Clock;
  readonly schedule: Schedule;
};

type Given = (name: string) => string | undefined;

export function patronRoutes(parts: PatronParts): readonly Route[] {
  const post = (path: string, handle: (given: Given, parts: PatronParts) => ApiResult): Route => ({
    method: 'POST',
    path,
    handle: (call) => handle(givenOf(call), parts),
  });
  return [
    post('/interactions/work-items', workItem),
    post('/queuecallback', queueCallback),
    post('/promise', promise),
    post('/scripts/start', startScript),
    { method: 'GET', path: '/points-of-contact', handle: () => listPoints(parts.tenant, parts.clock.now()) },
  ];
}

/** Published in the query; a form or JSON body is taken too. Names in any case. */
function givenOf({ request }: ApiCall): Given {
  const fields = { ...(isRecord(request.body) ? request.body : {}), ...Object.fromEntries(request.query) };
  const folded = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = folded.get(name.toLowerCase());
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
}

/** A placeholder for an agent: the payload names whom the script asks for, the item's own id is the caller's key. */
function workItem(given: Given, { contacts, tenant }: PatronParts): ApiResult {
  const point = tenant.pointOfContact(given('pointOfContact') ?? '');
  if (point?.media !== 'work-item')
    return refuse(400, 'invalid_request', 'pointOfContact must name one for work items');
  const workItemId = given('workItemId') ?? '';
  const contact = contacts.create({
    media: 'work-item',
    from: given('from') ?? '',
    to: point.address,
    script: point.script,
    defaultSkill: point.defaultSkill,
    pointOfContact: point,
    variables: {
      workItemId,
      workItemType: given('workItemType') ?? '',
      workItemPayload: given('workItemPayload') ?? '',
    },
    start: { target: agentOf(tenant, given('workItemPayload')) },
  });
  return { status: 200, body: { contactId: contact.id } };
}

function queueCallback(given: Given, parts: PatronParts): ApiResult {
  const skill = voiceSkill(parts.tenant, given('skill'));
  const phoneNumber = given('phoneNumber');
  if (skill === undefined || phoneNumber === undefined) {
    return refuse(400, 'invalid_request', 'phoneNumber and skill are required');
  }
  const variables = { screenPopUrl: given('screenPopUrl') ?? '' };
  const delayMs = (Number(given('callDelay')) || 0) * 1_000;
  callBack(parts, { phoneNumber, skill, target: agentOf(parts.tenant, given('targetAgent')), variables, delayMs });
  return { status: 202 };
}

function promise(given: Given, parts: PatronParts): ApiResult {
  const skill = voiceSkill(parts.tenant, given('skill'));
  const [phoneNumber, date, time] = [given('phoneNumber'), given('promiseDate'), given('promiseTime')];
  const [firstName, lastName] = [given('firstName'), given('lastName')];
  if (!skill || !phoneNumber || !date || !time || !firstName || !lastName) {
    return refuse(
      400,
      'invalid_request',
      'firstName, lastName, phoneNumber, skill, promiseDate and promiseTime are required',
    );
  }
  const at = Date.parse(`${date}T${time}${/[Zz]|[+-]\d\d:?\d\d$/.test(time) ? '' : 'Z'}`);
  if (Number.isNaN(at)) return refuse(400, 'invalid_request', 'promiseDate and promiseTime are not a date');
  const variables = { firstName, lastName, notes: given('notes') ?? '' };
  const delayMs = Math.max(0, at - parts.clock.now());
  callBack(parts, { phoneNumber, skill, target: agentOf(parts.tenant, given('targetAgent')), variables, delayMs });
  return { status: 202 };
}

type Callback = {
  readonly phoneNumber: string;
  readonly skill: Skill;
  readonly target: Agent | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly delayMs: number;
};

/** The contact waits in the queue until an agent is free; the customer is taken to answer. */
function callBack(
  { contacts, schedule }: PatronParts,
  { phoneNumber, skill, target, variables, delayMs }: Callback,
): void {
  schedule.after(delayMs, () => {
    contacts.create({
      media: 'voice',
      from: phoneNumber,
      to: '',
      script: 'Throughline_Queue',
      defaultSkill: skill,
      variables,
      start: { skill, target },
    });
  });
}

/** `Parameters` are parted by | and become p1, p2 …; the outbound script rings p1 and asks for an agent of p2. */
function startScript(given: Given, { contacts, tenant }: PatronParts): ApiResult {
  const path = given('scriptPath') ?? given('scriptId') ?? '';
  if (!/Throughline_Outbound$|^9006$/.test(path)) return refuse(404, 'not_found', 'The script was not found');
  const skill = voiceSkill(tenant, given('skillId'));
  if (skill === undefined) return refuse(400, 'invalid_request', 'skillId must name a voice skill');
  const [p1 = '', p2 = '', ...rest] = (given('Parameters') ?? '').split('|');
  const variables: Record<string, string> = { p1, p2 };
  for (const [index, value] of rest.entries()) variables[`p${index + 3}`] = value;
  const contact = contacts.create({
    media: 'voice',
    from: p1,
    to: '',
    script: 'Throughline_Outbound',
    defaultSkill: skill,
    outbound: true,
    variables,
    start: { skill: voiceSkill(tenant, p2) ?? skill },
  });
  return { status: 200, body: { contactId: contact.id } };
}

function listPoints({ pointsOfContact, businessUnitId }: Tenant, now: number): ApiResult {
  const rows = pointsOfContact.map((each) => ({
    businessUnitId,
    contactAddress: each.address,
    contactCode: each.code,
    contactDescription: each.description,
    defaultSkillId: each.defaultSkill.id,
    isActive: true,
    mediaTypeId: MEDIA_TYPES[each.media],
    mediaTypeName: MEDIA_NAMES[each.media],
    notes: '',
    outboundSkill: false,
    scriptName: each.script,
  }));
  return { status: 200, body: { businessUnitId, lastPollTime: iso(now), pointsOfContact: rows } };
}

function voiceSkill(tenant: Tenant, id: string | undefined): Skill | undefined {
  const skill = id !== undefined && /^\d+$/.test(id) ? tenant.skill(Number(id)) : undefined;
  return skill?.media === 'voice' && skill.active ? skill : undefined;
}

function agentOf(tenant: Tenant, id: string | undefined): Agent | undefined {
  return id !== undefined && /^\d+$/.test(id) ? tenant.agent(Number(id)) : undefined;
}
