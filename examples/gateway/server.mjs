// A gateway to start from (docs/gateway.md): what it takes to be read, to show context and to end conversations, with nothing but Node.
// It says so in its capabilities: it neither reserves nor transfers; nor does it tell events yet. Put your platform's calls where the
// tables are (`node server.mjs [port] [token]`), then see what it keeps: npx throughline conformance http://127.0.0.1:4460 --token example --agent agent-1 --queue Support

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const [port = '4460', token = 'example'] = process.argv.slice(2);
const queues = [{ id: 'queue-1', name: 'Support', staffed: true }];
const agents = new Map([['agent-1', { id: 'agent-1', availability: 'available' }]]);
const interactions = new Map();

const refusal = (status, code) => ({ status, body: { title: code, status, code } });
const capabilities = {
  contract: '1',
  reservation: 'none',
  commit: [],
  settleMs: 0,
  attributes: { valueBytes: 256, count: 50 },
  presence: false,
  sandbox: true, // Never on a system that serves customers.
};

const isText = (value) => typeof value === 'string';
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Every field may be missing; those that it does not know are passed over. */
const isContext = (body) =>
  isRecord(body) &&
  isRecord(body.attributes ?? {}) &&
  Object.values(body.attributes ?? {}).every(isText) &&
  (body.dtmfSequence === undefined || (Array.isArray(body.dtmfSequence) && body.dtmfSequence.every(isText))) &&
  [body.canonicalInteractionId ?? '', body.referenceUrl ?? ''].every(isText);

/** Method and path → what is answered. Names in brackets are handed over. */
const routes = [
  ['GET', /^\/v1\/health$/, () => ({ status: 200, body: { status: 'ok' } })],
  ['GET', /^\/v1\/capabilities$/, () => ({ status: 200, body: capabilities })],
  [
    'GET',
    /^\/v1\/queues$/,
    ({ query }) => {
      const entities = queues.filter(({ name }) => !query.has('name') || name === query.get('name'));
      return { status: 200, body: { entities } };
    },
  ],
  ['GET', /^\/v1\/agents\/(?<id>[^/]+)$/, ({ id }) => found(agents.get(id), (agent) => ({ status: 200, body: agent }))],
  [
    'POST',
    /^\/v1\/interactions\/reserve$/,
    ({ body }) =>
      body?.targetAgentId || body?.targetQueue ? refusal(501, 'not-supported') : refusal(400, 'invalid-request'),
  ],
  ['POST', /^\/api\/v2\/interactions\/transfer$/, () => refusal(501, 'not-supported')],
  [
    'GET',
    /^\/v1\/interactions\/(?<id>[^/]+)$/,
    ({ id }) => found(interactions.get(id), (one) => ({ status: 200, body: one })),
  ],
  [
    'POST',
    /^\/v1\/interactions\/(?<id>[^/]+)\/context$/,
    ({ id, body }) =>
      found(interactions.get(id), (one) => {
        if (!isContext(body)) return refusal(400, 'invalid-request');
        const attributes = { ...one.context.attributes, ...body.attributes };
        one.context = { ...one.context, ...body, attributes };
        return { status: 204 };
      }),
  ],
  [
    'POST',
    /^\/v1\/interactions\/(?<id>[^/]+)\/end$/,
    ({ id }) =>
      found(interactions.get(id), (one) => {
        one.state = 'completed';
        for (const party of one.parties) party.state = 'ended';
        return { status: 204 };
      }),
  ],
  [
    'POST',
    /^\/v1\/sandbox\/interactions$/,
    ({ body }) => {
      const parties = ['customer', 'bot'].map((role) => ({ id: randomUUID(), role, state: 'connected' }));
      const made = {
        id: randomUUID(),
        mediaType: body?.mediaType ?? 'voice',
        state: 'bot',
        parties,
        transfers: [],
        context: {},
      };
      interactions.set(made.id, made);
      return { status: 201, body: { interactionId: made.id } };
    },
  ],
];

const found = (one, act) => (one === undefined ? refusal(404, 'not-found') : act(one));

async function answer(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.headers.authorization !== `Bearer ${token}`) return refusal(401, 'unauthorized');
  const url = new URL(request.url, 'http://gateway');
  for (const [method, path, act] of routes) {
    const match = request.method === method && path.exec(url.pathname);
    if (!match) continue;
    try {
      return act({ ...match.groups, query: url.searchParams, body: text === '' ? undefined : JSON.parse(text) });
    } catch {
      return refusal(400, 'invalid-request');
    }
  }
  return refusal(404, 'not-found');
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request);
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, body === undefined ? {} : { 'content-type': type });
  response.end(body === undefined ? undefined : JSON.stringify(body));
});
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`gateway at http://127.0.0.1:${server.address().port}\n`);
});
