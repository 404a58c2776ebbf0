// Owns one breach of the gateway contract for each check of the conformance suite: a server that keeps all other promises as the twin
// does. A check that no breach can fail would prove nothing.

import { createHmac } from 'node:crypto';
import { isRecord, type TwinRequest, type TwinResponse } from '../../src/twins/exchange.ts';
import { DEMO_TOKEN } from '../../src/twins/gateway/access.ts';

type Ask = (request: TwinRequest) => Promise<TwinResponse>;
/** What it makes of a request; `ask` is the honest twin. */
export type OfRequest = (request: TwinRequest, ask: Ask) => Promise<TwinResponse> | TwinResponse;
type Json = Readonly<Record<string, unknown>>;
/** What it makes of an event before it is signed; undefined tells nothing. */
type OfEvent = (event: Json) => Json | undefined;
export type Breach = {
  readonly request?: OfRequest;
  readonly event?: OfEvent;
  /** Whether it tells this event once more, as a message of its own. */
  readonly again?: (event: Json) => boolean;
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

/** Says that it does not do some of what it does. */
const denying =
  (denied: Json, then: OfRequest = (request, ask) => ask(request)): OfRequest =>
  async (request, ask) => {
    const answer = await then(request, ask);
    return is(request, 'GET', '/v1/capabilities') ? merged(answer, denied) : answer;
  };

/** Says once that it is too much. */
function limiting(headers: Record<string, string>, isPlain = false): OfRequest {
  let said = false;
  return instead('GET', '/v1/queues', (request, ask) => {
    if (said) return ask(request);
    said = true;
    const refused = problem(429, 'rate-limited');
    return { ...refused, headers: { ...(isPlain ? { 'content-type': 'text/plain' } : refused.headers), ...headers } };
  });
}

/** Looks whether the agent is free, and takes the place a moment later. */
const lookingFirst: OfRequest = async (request, ask) => {
  if (!is(request, 'POST', RESERVE)) return ask(request);
  const { targetAgentId } = bodyOf(request);
  if (typeof targetAgentId !== 'string') return ask(request);
  const agent = await ask({ ...request, method: 'GET', path: `/v1/agents/${targetAgentId}`, body: undefined });
  const isFree = isRecord(agent.body) && agent.body.availability === 'available';
  await new Promise((resolve) => setTimeout(resolve, 50));
  const answer = await ask(request);
  return answer.status === 409 && isFree ? madeUp() : answer;
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

const DENIED: Readonly<Record<string, Breach>> = {
  'denied-reserve': { request: denying({ reservation: 'none' }) },
  'denied-transfer': { request: denying({ commit: [] }) },
  'denied-presence': {
    request: denying(
      { presence: false },
      instead('PUT', /presence$/, () => ok({ id: 'nice-usr-4492', availability: 'available' })),
    ),
  },
  'denied-sandbox': { request: denying({ sandbox: false }) },
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
  'reserve-race': { request: lookingFirst },
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
  'context-limits': {
    request: asking('POST', CONTEXT, (request) => {
      const { attributes, ...rest } = bodyOf(request);
      const cut = Object.entries(isRecord(attributes) ? attributes : {}).map(([name, value]) => [
        name,
        String(value).slice(0, 255),
      ]);
      return { ...request, body: { ...rest, attributes: Object.fromEntries(cut) } };
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

/** How a transfer of this kind is shown. */
const showing = (change: (transfer: Json) => Json): OfRequest =>
  answering('GET', READ, (answer) =>
    isRecord(answer.body) && answer.status === 200
      ? merged(answer, { transfers: partiesOf(answer.body.transfers).map(change) })
      : answer,
  );
const refusingTransfers = (isRefused: (body: Json) => boolean): OfRequest =>
  instead('POST', TRANSFER, (request, ask) =>
    isRefused(bodyOf(request)) ? problem(400, 'invalid-request') : ask(request),
  );
const tokenIn = ({ metadata }: Json) => isRecord(metadata) && 'token' in metadata;

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
  'transfer-blind': {
    request: refusingTransfers(({ transferType, ...body }) => transferType === 'blind' && tokenIn(body)),
  },
  'transfer-sip': {
    request: refusingTransfers(({ transferTo }) => isRecord(transferTo) && transferTo.type === 'sip'),
  },
  'transfer-dead': {
    request: showing((one) => (one.state === 'failed' ? { ...one, state: 'complete' } : one)),
  },
  'transfer-again': { request: showing((one) => ({ ...one, issuedAt: '2026-11-20T00:00:00Z' })) },
  'transfer-wrong-target': { request: refusing(400, () => ok({ transferId: 'made-up' }, 202), 'POST', TRANSFER) },
  'transfer-unknown': { request: refusing(404, () => problem(409, 'conflict'), 'POST', TRANSFER) },
  'consult-declined': { request: asVerdict(true) },
  'consult-withdrawn': { request: refusing(202, () => problem(409, 'not-answered'), 'POST', COMPLETE) },
  'consult-dead': { request: showing((one) => (one.state === 'failed' ? { ...one, state: 'pending' } : one)) },
  'consult-accepted': { request: asVerdict(false) },
  'consult-over': { request: refusing(409, () => ({ status: 202 }), 'POST', COMPLETE) },
};

const EVENTS: Readonly<Record<string, Breach>> = {
  'event-signed': { delivery: (headers, body) => ({ headers, body: `${body} ` }) },
  'event-completed': { event: (event) => ({ ...event, event: 'interaction:updated' }) },
  'event-completed-once': { event: (event) => event, again: (event) => event.event === 'interaction:completed' },
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
  ...DENIED,
  ...RESERVATIONS,
  ...INTERACTIONS,
  ...TRANSFERS,
  ...EVENTS,
};

/** Further ways to break a promise that has a breach already; the first word is the check that must find it. */
export const OTHER_BREACHES: Readonly<Record<string, Breach>> = {
  'not-json without reserving': {
    request: denying({ reservation: 'none' }, refusing(400, plain, 'POST', CONTEXT)),
  },
  'wrong-shape without reserving': {
    request: denying(
      { reservation: 'none' },
      refusing(400, () => ({ status: 204 }), 'POST', CONTEXT),
    ),
  },
  'reserve with a number that cannot be called': {
    request: answering('POST', RESERVE, (answer) =>
      answer.status === 200 ? merged(answer, { address: '4492' }) : answer,
    ),
  },
  'context-limits in the number of attributes': {
    request: asking('POST', CONTEXT, (request) => {
      const { attributes, ...rest } = bodyOf(request);
      const kept = Object.entries(isRecord(attributes) ? attributes : {}).slice(0, 50);
      return { ...request, body: { ...rest, attributes: Object.fromEntries(kept) } };
    }),
  },
  'transfer-blind listed as one to a queue': {
    request: showing((one) => ({ ...one, queueId: 'queue-general-support' })),
  },
  'transfer-dead by letting the customer go': {
    request: answering('GET', READ, (answer) =>
      isRecord(answer.body) && partiesOf(answer.body.transfers).some(({ state }) => state === 'failed')
        ? merged(answer, { parties: partiesOf(answer.body.parties).map((one) => ({ ...one, state: 'ended' })) })
        : answer,
    ),
  },
  'consult-accepted listed as blind': { request: showing((one) => ({ ...one, transferType: 'blind' })) },
  'release that frees nobody': {
    request: answering('GET', AGENT, (answer) => merged(answer, { availability: 'busy' })),
  },
  'queues with a 429 that says not when': { request: limiting({}) },
  'queues with a 429 that is no problem': { request: limiting({ 'retry-after': '0' }, true) },
};

/** Deliveries that must be noticed one by one: each is wrong in one thing only. */
export const WRONG_DELIVERIES: Readonly<Record<string, Breach>> = {
  'a signature of no version': {
    delivery: (headers, body) => ({
      headers: { ...headers, 'webhook-signature': (headers['webhook-signature'] ?? '').replace(/^v1,/, '') },
      body,
    }),
  },
  'a signature of another version': {
    delivery: (headers, body) => ({
      headers: { ...headers, 'webhook-signature': (headers['webhook-signature'] ?? '').replace(/^v1,/, 'v1a,') },
      body,
    }),
  },
  'a signature in hexadecimal': {
    delivery: (headers, body) => {
      const [, signature = ''] = (headers['webhook-signature'] ?? '').split(',');
      const hex = Buffer.from(signature, 'base64').toString('hex');
      return { headers: { ...headers, 'webhook-signature': `v1,${hex}` }, body };
    },
  },
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
