// Owns one breach of the gateway contract for each check of the conformance suite: a server that keeps all other promises as the twin
// does. A check that no breach can fail would prove nothing.

import { createHmac } from 'node:crypto';
import { isRecord, type TwinRequest, type TwinResponse } from '../../src/twins/exchange.ts';
import { DEMO_TOKEN } from '../../src/twins/gateway/access.ts';

type Ask = (request: TwinRequest) => Promise<TwinResponse>;
/** What it makes of a request; `ask` is the honest twin. */
type OfRequest = (request: TwinRequest, ask: Ask) => Promise<TwinResponse> | TwinResponse;
type Json = Readonly<Record<string, unknown>>;
/** What it makes of an event before it is signed; undefined tells nothing. */
type OfEvent = (event: Json) => Json | undefined;
export type Breach = {
  readonly request?: OfRequest;
  readonly event?: OfEvent;
  /** What it makes of a delivery after it was signed. */
  readonly delivery?: (
    headers: Record<string, string>,
    body: string,
  ) => { headers: Record<string, string>; body: string };
  /** What it makes of our answer to a delivery. */
  readonly taken?: (status: number) => number;
};

const RESERVE = '/v1/interactions/reserve';
const TRANSFER = '/api/v2/interactions/transfer';
const bodyOf = ({ body }: TwinRequest): Json => (isRecord(body) ? body : {});
const ok = (body: unknown, status = 200): TwinResponse => ({ status, body });
const is = (request: TwinRequest, method: string, path: RegExp | string) =>
  request.method === method && (typeof path === 'string' ? request.path === path : path.test(request.path));
const CONTEXT = /^\/v1\/interactions\/[^/]+\/context$/;
const END = /^\/v1\/interactions\/[^/]+\/end$/;
const READ = /^\/v1\/interactions\/[^/]+$/;
const AGENT = /^\/v1\/agents\/[^/]+$/;
const COMPLETE = /^\/api\/v2\/interactions\/transfer\/[^/]+\/complete$/;
const RELEASE = /^\/v1\/interactions\/reserve\/[^/]+$/;

/** Where the request is of this kind, its answer is changed. */
const answering =
  (
    method: string,
    path: RegExp | string,
    change: (answer: TwinResponse, request: TwinRequest) => TwinResponse,
  ): OfRequest =>
  async (request, ask) => {
    const answer = await ask(request);
    return is(request, method, path) ? change(answer, request) : answer;
  };
/** Where the request is of this kind, the twin is asked another thing. */
const asking =
  (method: string, path: RegExp | string, change: (request: TwinRequest) => TwinRequest): OfRequest =>
  (request, ask) =>
    ask(is(request, method, path) ? change(request) : request);
/** Where the request is of this kind, the twin is not asked. */
const instead =
  (
    method: string,
    path: RegExp | string,
    answer: (request: TwinRequest, ask: Ask) => TwinResponse | Promise<TwinResponse>,
  ): OfRequest =>
  (request, ask) =>
    is(request, method, path) ? answer(request, ask) : ask(request);
/** A refusal of this kind comes otherwise. */
const refusing = (
  from: number,
  change: (answer: TwinResponse) => TwinResponse,
  method = 'POST',
  path: RegExp | string = /./,
) => answering(method, path, (answer) => (answer.status === from ? change(answer) : answer));

const problem = (status: number, code: string): TwinResponse => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { title: code, status, code },
});
const merged = (answer: TwinResponse, change: Json): TwinResponse => ({
  ...answer,
  body: { ...(isRecord(answer.body) ? answer.body : {}), ...change },
});
const plain = (answer: TwinResponse): TwinResponse => ({ ...answer, headers: { 'content-type': 'application/json' } });
const later = (time: unknown, ms: number) => new Date(Date.parse(String(time)) + ms).toISOString();
const partiesOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const madeUp = (): TwinResponse =>
  ok({ reservationId: 'made-up', validUntil: new Date(Date.now() + 10_000).toISOString() });

/** Remembers refusals under their keys. */
function rememberingRefusals(): OfRequest {
  const refused = new Map<string, TwinResponse>();
  return async (request, ask) => {
    const key = request.headers['idempotency-key'] ?? '';
    const before = is(request, 'POST', RESERVE) ? refused.get(key) : undefined;
    if (before !== undefined) return before;
    const answer = await ask(request);
    if (is(request, 'POST', RESERVE) && answer.status === 409) refused.set(key, answer);
    return answer;
  };
}

/** Shows only what the last call has written. */
function replacingContext(): OfRequest {
  const last = new Map<string, unknown>();
  return async (request, ask) => {
    const id = request.path.split('/')[3] ?? '';
    if (is(request, 'POST', CONTEXT)) last.set(id, request.body);
    const answer = await ask(request);
    return is(request, 'GET', READ) && last.has(id) ? merged(answer, { context: last.get(id) }) : answer;
  };
}

function afterEnd(what: RegExp): OfRequest {
  const ended = new Set<string>();
  return async (request, ask) => {
    const id = request.path.split('/')[3] ?? '';
    if (is(request, 'POST', what) && ended.has(id)) return problem(409, 'interaction-has-ended');
    if (is(request, 'POST', END)) ended.add(id);
    return ask(request);
  };
}

/** Holds longer than it says. */
const holdingOn: OfRequest = async (request, ask) => {
  if (!is(request, 'POST', RESERVE)) return ask(request);
  const answer = await ask({ ...request, body: { ...bodyOf(request), holdDurationLimit: 600 } });
  const limit = Number(bodyOf(request).holdDurationLimit) * 1_000;
  return answer.status === 200 ? merged(answer, { validUntil: new Date(Date.now() + limit).toISOString() }) : answer;
};

const BASICS: Readonly<Record<string, Breach>> = {
  health: { request: instead('GET', '/v1/health', () => ok({ status: 'green' })) },
  capabilities: { request: answering('GET', '/v1/capabilities', (answer) => merged(answer, { contract: '0' })) },
  'token-missing': {
    request: (request, ask) =>
      ask(
        request.headers.authorization === undefined
          ? { ...request, headers: { ...request.headers, authorization: `Bearer ${DEMO_TOKEN}` } }
          : request,
      ),
  },
  'token-wrong': {
    request: (request, ask) =>
      ask(
        request.headers.authorization === 'Bearer wrong'
          ? { ...request, headers: { ...request.headers, authorization: `Bearer ${DEMO_TOKEN}` } }
          : request,
      ),
  },
  'not-json': { request: refusing(400, plain) },
  'wrong-shape': { request: refusing(400, () => problem(422, 'invalid-request')) },
  queues: {
    request: async (request, ask) =>
      is(request, 'GET', '/v1/queues') && !request.query.has('name') ? ok({ entities: [] }) : ask(request),
  },
  'queue-by-name': {
    request: asking('GET', '/v1/queues', (request) => ({ ...request, query: new URLSearchParams() })),
  },
  agent: { request: answering('GET', AGENT, (answer) => merged(answer, { availability: 'unknown' })) },
  'agent-unknown': { request: refusing(404, () => ok({ id: 'nobody', availability: 'away' }), 'GET', AGENT) },
  presence: { request: answering('PUT', /presence$/, (answer) => (answer.status === 400 ? ok({}, 200) : answer)) },
};

const RESERVATIONS: Readonly<Record<string, Breach>> = {
  reserve: {
    request: answering('POST', RESERVE, (answer) =>
      isRecord(answer.body) && answer.status === 200
        ? merged(answer, { validUntil: later(answer.body.validUntil, 3_600_000) })
        : answer,
    ),
  },
  'reserve-shown': { request: answering('GET', AGENT, (answer) => merged(answer, { availability: 'available' })) },
  'reserve-busy': { request: refusing(409, madeUp, 'POST', RESERVE) },
  'reserve-again': {
    request: asking('POST', RESERVE, ({ headers: { 'idempotency-key': _, ...headers }, ...rest }) => ({
      ...rest,
      headers,
    })),
  },
  'reserve-key-reused': { request: refusing(422, madeUp, 'POST', RESERVE) },
  'reserve-refusal-forgotten': { request: rememberingRefusals() },
  'reserve-unknown-agent': { request: refusing(404, () => problem(409, 'agent-away'), 'POST', RESERVE) },
  'reserve-one-target': {
    request: asking('POST', RESERVE, (request) => {
      const { targetQueue, ...rest } = bodyOf(request);
      return 'targetAgentId' in rest ? { ...request, body: rest } : { ...request, body: { ...rest, targetQueue } };
    }),
  },
  'reserve-new-fields': {
    request: (request, ask) =>
      is(request, 'POST', RESERVE) && 'aFieldOfTheFuture' in bodyOf(request)
        ? problem(400, 'invalid-request')
        : ask(request),
  },
  'reserve-queue': {
    request: (request, ask) =>
      is(request, 'POST', RESERVE) && 'targetQueue' in bodyOf(request) ? problem(404, 'not-found') : ask(request),
  },
  'reserve-unknown-queue': { request: refusing(404, () => problem(404, 'no-such-queue'), 'POST', RESERVE) },
  release: { request: instead('DELETE', RELEASE, () => ({ status: 204 })) },
  'reserve-expires': { request: holdingOn },
};

const INTERACTIONS: Readonly<Record<string, Breach>> = {
  interaction: {
    request: answering('GET', READ, (answer) =>
      isRecord(answer.body) && answer.status === 200
        ? merged(answer, { parties: partiesOf(answer.body.parties).filter(({ role }) => role !== 'customer') })
        : answer,
    ),
  },
  'interaction-unknown': { request: refusing(404, () => ({ status: 204 }), 'POST', CONTEXT) },
  context: {
    request: asking('POST', CONTEXT, (request) => {
      const { dtmfSequence: _, ...rest } = bodyOf(request);
      return { ...request, body: rest };
    }),
  },
  'context-merges': { request: replacingContext() },
  'context-overwritten': {
    request: asking('POST', CONTEXT, (request) => {
      const { attributes, ...rest } = bodyOf(request);
      const filled = Object.entries(isRecord(attributes) ? attributes : {}).filter(([, value]) => value !== '');
      return { ...request, body: { ...rest, attributes: Object.fromEntries(filled) } };
    }),
  },
  end: { request: afterEnd(END) },
  'context-after-end': { request: afterEnd(CONTEXT) },
};

const hiding = (states: readonly string[]): OfRequest =>
  answering('GET', READ, (answer) =>
    isRecord(answer.body) && answer.status === 200
      ? merged(answer, {
          transfers: partiesOf(answer.body.transfers).filter(({ state }) => !states.includes(String(state))),
        })
      : answer,
  );
const asVerdict = (accept: boolean): OfRequest =>
  asking('POST', COMPLETE, (request) => ({ ...request, body: { accept } }));

const TRANSFERS: Readonly<Record<string, Breach>> = {
  'transfer-queue': { request: instead('POST', TRANSFER, () => ok({ transferId: 'made-up' }, 202)) },
  'transfer-listed': { request: hiding(['pending', 'complete']) },
  'transfer-once': { request: refusing(409, () => ok({ transferId: 'made-up' }, 202), 'POST', TRANSFER) },
  'transfer-left': { request: refusing(409, () => problem(409, 'conflict'), 'POST', TRANSFER) },
  'transfer-away': {
    request: asking('POST', TRANSFER, (request) => ({
      ...request,
      body: { ...bodyOf(request), transferType: 'consultative' },
    })),
  },
  'transfer-wrong-target': { request: refusing(400, () => ok({ transferId: 'made-up' }, 202), 'POST', TRANSFER) },
  'transfer-unknown': { request: refusing(404, () => problem(409, 'conflict'), 'POST', TRANSFER) },
  'consult-declined': { request: asVerdict(true) },
  'consult-accepted': { request: asVerdict(false) },
  'consult-over': { request: refusing(409, () => ({ status: 202 }), 'POST', COMPLETE) },
};

const EVENTS: Readonly<Record<string, Breach>> = {
  'event-signed': { delivery: (headers, body) => ({ headers, body: `${body} ` }) },
  'event-completed': { event: (event) => ({ ...event, event: 'interaction:updated' }) },
  'event-updated': { event: (event) => (event.event === 'interaction:updated' ? undefined : event) },
  'event-our-id': { event: ({ canonicalInteractionId: _, ...rest }) => rest },
  'event-again': { taken: () => 204 },
  arrival: {
    request: asking('POST', '/v1/sandbox/interactions', (request) => {
      const { reservationId: _, ...rest } = bodyOf(request);
      return { ...request, body: rest };
    }),
  },
  'arrival-told': { event: ({ reservationId: _, ...rest }) => rest },
  'arrival-late': {
    event: ({ reservationId, ...rest }) =>
      partiesOf(rest.parties).some(({ role }) => role === 'agent') ? { ...rest, reservationId } : rest,
  },
};

/** By the name of the check that must find it. */
export const BREACHES: Readonly<Record<string, Breach>> = {
  ...BASICS,
  ...RESERVATIONS,
  ...INTERACTIONS,
  ...TRANSFERS,
  ...EVENTS,
};

/** Deliveries that must be noticed one by one: each is wrong in one thing only. */
export const WRONG_DELIVERIES: Readonly<Record<string, Breach>> = {
  'an old timestamp': { delivery: (headers, body) => signedAt(headers, body, -600) },
  'no timestamp': { delivery: ({ 'webhook-timestamp': _, ...headers }, body) => ({ headers, body }) },
  'a timestamp in words': {
    delivery: (headers, body) => ({ headers: { ...headers, 'webhook-timestamp': 'now' }, body }),
  },
  'another id in the header': { delivery: (headers, body) => signedAt({ ...headers, 'webhook-id': 'other' }, body, 0) },
  'a wrong secret': {
    delivery: (headers, body) => signedAt(headers, body, 0, 'whsec_YW5vdGhlci1zZWNyZXQtb2YtMjQtYnl0ZXM='),
  },
  'another shape': { event: ({ state: _, ...rest }) => rest },
};

const SECRET = 'whsec_dHdpbi1nYXRld2F5LWhvb2stc2VjcmV0LTAwMDE=';

/** Signed anew, as the twin does it. */
export function signedAt(headers: Record<string, string>, body: string, offsetSec: number, secret = SECRET) {
  const timestamp = String(Math.floor(Date.now() / 1_000) + offsetSec);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${timestamp}.${body}`).digest('base64');
  return {
    headers: { ...headers, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
    body,
  };
}
