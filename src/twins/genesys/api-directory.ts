// Owns the vendor's paths that list queues and divisions. A list leaves out what the client's divisions do not cover; a
// direct read of such a queue is refused.

import { type ApiCall, type ApiResult, notFound, type Refusal, type Route, refuse } from './api.ts';
import type { WireDivision, WireListing, WireQueue } from './genesys-schema.ts';
import type { Division, OauthClient, Organisation, Queue } from './organisation.ts';

const LARGEST_PAGE = 500;

export function directoryRoutes(organisation: Organisation): readonly Route[] {
  return [
    { method: 'GET', path: '/api/v2/routing/queues', handle: (call) => listQueues(organisation, call) },
    { method: 'GET', path: '/api/v2/routing/queues/:id', handle: (call) => readQueue(organisation, call) },
    {
      method: 'GET',
      path: '/api/v2/routing/queues/divisionviews/all',
      handle: (call) => listQueues(organisation, call),
    },
    { method: 'GET', path: '/api/v2/authorization/divisions', handle: (call) => listDivisions(organisation, call) },
    {
      method: 'GET',
      path: '/api/v2/authorization/divisionspermitted/me',
      handle: (call) => permittedDivisions(organisation, call),
    },
  ];
}

/** Why this client may not touch what belongs to the division, if so. */
export function divisionRefusal(
  client: Pick<OauthClient, 'divisions'>,
  divisions: readonly Division[],
  permission: string,
): Refusal | undefined {
  if (divisions.some((each) => client.divisions.includes(each))) return undefined;
  const names = divisions.map((each) => each.name).join(', ');
  return refuse(
    403,
    'missing.division.permission',
    `You are missing the following permission(s): ${permission} in division ${names}`,
  );
}

function listQueues(organisation: Organisation, call: ApiCall): ApiResult {
  const { query } = call.request;
  const fits = nameFilter(query.get('name') ?? '');
  const ids = query.getAll('id').flatMap((each) => each.split(','));
  const divisionIds = query.getAll('divisionId').flatMap((each) => each.split(','));
  const seen = organisation.queues.filter(
    (queue) =>
      call.client.divisions.includes(queue.division) &&
      fits(queue.name) &&
      (ids.length === 0 || ids.includes(queue.id)) &&
      (divisionIds.length === 0 || divisionIds.includes('*') || divisionIds.includes(queue.division.id)),
  );
  return page(
    call,
    seen.map((queue) => wireQueue(organisation, queue)),
  );
}

function readQueue(organisation: Organisation, call: ApiCall): ApiResult {
  const queue = organisation.queueById(call.param('id'));
  if (queue === undefined) return notFound(`queue ${call.param('id')}`);
  return (
    divisionRefusal(call.client, [queue.division], 'routing:queue:view') ?? {
      status: 200,
      body: wireQueue(organisation, queue),
    }
  );
}

function listDivisions(organisation: Organisation, call: ApiCall): ApiResult {
  return page(
    call,
    organisation.divisions.map((each) => wireDivision(organisation, each)),
  );
}

function permittedDivisions(organisation: Organisation, call: ApiCall): ApiResult {
  if (!call.request.query.get('permission'))
    return refuse(400, 'bad.request', 'The query parameter permission is required');
  return { status: 200, body: call.client.divisions.map((each) => wireDivision(organisation, each)) };
}

function wireQueue(organisation: Organisation, { id, name, division }: Queue): WireQueue {
  return {
    id,
    name,
    division: { id: division.id, name: division.name, selfUri: `/api/v2/authorization/divisions/${division.id}` },
    memberCount: organisation.agentsOf(id).length,
    selfUri: `/api/v2/routing/queues/${id}`,
  };
}

function wireDivision(organisation: Organisation, division: Division): WireDivision {
  return {
    id: division.id,
    name: division.name,
    description: '',
    homeDivision: division === organisation.home,
    selfUri: `/api/v2/authorization/divisions/${division.id}`,
  };
}

/** Not exact and not case-sensitive; `*` at either end stands for anything, and without one the name may stand anywhere. */
function nameFilter(asked: string): (name: string) => boolean {
  const wanted = asked.toLowerCase().replace(/^\*|\*$/g, '');
  if (asked.endsWith('*') && !asked.startsWith('*')) return (name) => name.toLowerCase().startsWith(wanted);
  if (asked.startsWith('*') && !asked.endsWith('*')) return (name) => name.toLowerCase().endsWith(wanted);
  return (name) => name.toLowerCase().includes(wanted);
}

export function page<Entity>(call: ApiCall, all: readonly Entity[]): ApiResult {
  const { path, query } = call.request;
  const pageSize = Number(query.get('pageSize') ?? 25);
  const pageNumber = Number(query.get('pageNumber') ?? 1);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > LARGEST_PAGE) {
    return refuse(400, 'bad.request', `The page size must be between 1 and ${LARGEST_PAGE}`);
  }
  if (!Number.isInteger(pageNumber) || pageNumber < 1)
    return refuse(400, 'bad.request', 'The page number must be at least 1');
  const pageCount = Math.ceil(all.length / pageSize);
  const uri = (number: number) => {
    const turned = new URLSearchParams(query);
    turned.set('pageSize', String(pageSize));
    turned.set('pageNumber', String(number));
    return `${path}?${turned}`;
  };
  const body: WireListing<Entity> = {
    entities: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageSize,
    pageNumber,
    total: all.length,
    pageCount,
    firstUri: uri(1),
    lastUri: uri(Math.max(1, pageCount)),
    selfUri: uri(pageNumber),
    ...(pageNumber < pageCount ? { nextUri: uri(pageNumber + 1) } : {}),
    ...(pageNumber > 1 ? { previousUri: uri(pageNumber - 1) } : {}),
  };
  return { status: 200, body };
}
