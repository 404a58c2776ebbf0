// Owns gateways that are unlike the twin and right all the same: the conformance suite must find nothing broken in any of them.

import { isRecord, type TwinRequest, type TwinResponse } from '../../src/twins/exchange.ts';
import type { OfRequest } from './gateway-breaches.ts';

export type Unusual = {
  readonly request?: OfRequest;
  /** What is not given, or given otherwise, to try it. */
  readonly target?: object;
  /** Conversations that are given, where it makes up none. */
  readonly given?: number;
  readonly settleMs?: number;
  /** Which of the checks; all of them where it is left out. */
  readonly wanted?: (name: string) => boolean;
  /** Of each of these it must be found that it is kept. */
  readonly keeps?: readonly string[];
};

const RESERVE = '/v1/interactions/reserve';
const TRANSFER = '/api/v2/interactions/transfer';
const problem = (status: number, code: string, headers: Record<string, string> = {}): TwinResponse => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: { title: code, status, code },
});
const bodyIn = ({ body }: TwinResponse) => (isRecord(body) ? body : {});
const isCapabilities = ({ path }: TwinRequest) => path === '/v1/capabilities';

/** Does nothing that a gateway need not do, and refuses each before it has read what was sent. */
const frugal =
  (sandbox: boolean): OfRequest =>
  async (request, ask) => {
    if (request.path === RESERVE || request.path.startsWith(`${RESERVE}/`)) return problem(501, 'not-supported');
    if (request.path.startsWith(TRANSFER)) return problem(404, 'not-found');
    if (request.path.endsWith('/presence')) return problem(405, 'method-not-allowed');
    if (!sandbox && request.path.startsWith('/v1/sandbox')) return problem(404, 'not-found');
    const answer = await ask(request);
    if (!isCapabilities(request)) return answer;
    return { ...answer, body: { ...bodyIn(answer), reservation: 'none', commit: [], presence: false, sandbox } };
  };

/** After a call its agent is not free for so long. */
function workingAfterCalls(afterMs: number): OfRequest {
  let until = 0;
  return async (request, ask) => {
    const isOfAgent = request.method === 'GET' && request.path.startsWith('/v1/agents/nice-usr-4492');
    const isReserve = request.path === RESERVE && JSON.stringify(request.body ?? '').includes('nice-usr-4492');
    const isEnd = request.method === 'POST' && request.path.endsWith('/end');
    const before = isEnd
      ? await ask({ ...request, method: 'GET', path: request.path.slice(0, -'/end'.length) })
      : undefined;
    const answer = await ask(request);
    if (JSON.stringify(before?.body ?? '').includes('"agentId":"nice-usr-4492"')) until = Date.now() + afterMs;
    if (Date.now() >= until) return answer;
    if (isReserve) return problem(409, 'agent-busy');
    return isOfAgent ? { ...answer, body: { ...bodyIn(answer), availability: 'busy' } } : answer;
  };
}

/** Takes so many calls, then says for a second that it is too much. */
function limiting(calls: number): OfRequest {
  let left = calls;
  let until = 0;
  return (request, ask) => {
    if (left === 0 && until === 0) until = Date.now() + 1_000;
    if (until > 0 && Date.now() < until) return problem(429, 'rate-limited', { 'retry-after': '1' });
    if (until > 0) [left, until] = [calls, 0];
    left -= 1;
    return ask(request);
  };
}

/** Its calls take effect at once, as it says; that somebody answers takes longer. */
export const slowPhones: OfRequest = async (request, ask) => {
  const answer = await ask(request);
  return isCapabilities(request) ? { ...answer, body: { ...bodyIn(answer), settleMs: 0 } } : answer;
};

/** Where a call is sent that nobody will answer is known to it at once. */
const knowingDeadNumbers: OfRequest = (request, ask) =>
  request.path === TRANSFER && JSON.stringify(request.body).includes('+18885550100')
    ? problem(422, 'number-not-in-service')
    : ask(request);

/** Its times are in whole seconds, and it says more than it must. */
const terse: OfRequest = async (request, ask) => {
  const answer = await ask(request);
  const { transfers } = bodyIn(answer);
  if (!Array.isArray(transfers)) return answer;
  const whole = transfers.map((one) => ({
    ...one,
    issuedAt: String(one.issuedAt).replace(/\.\d+Z$/, 'Z'),
    carrier: 'x',
  }));
  return { ...answer, body: { ...bodyIn(answer), transfers: whole } };
};

const starts =
  (...words: readonly string[]) =>
  (name: string) =>
    words.some((word) => name.startsWith(word));

export const UNUSUAL: Readonly<Record<string, Unusual>> = {
  'does the least, and refuses before it reads': {
    request: frugal(true),
    keeps: ['not-json', 'wrong-shape', 'denied-reserve', 'denied-transfer', 'denied-presence', 'context', 'end'],
  },
  'makes no conversation up, and is given some': {
    request: frugal(false),
    given: 16,
    keeps: [
      'not-json',
      'wrong-shape',
      'denied-sandbox',
      'interaction',
      'context-limits',
      'end',
      'event-completed-once',
    ],
  },
  'has agents who work for some seconds after a call': {
    request: workingAfterCalls(4_000),
    wanted: starts('agent', 'reserve', 'release', 'arrival'),
    keeps: ['reserve', 'reserve-race', 'arrival', 'arrival-told', 'arrival-late'],
  },
  'rings for longer than it says that it settles': {
    request: slowPhones,
    settleMs: 2_000,
    target: { patienceMs: 8_000 },
    wanted: starts('transfer-away', 'transfer-blind', 'consult-accepted', 'consult-withdrawn'),
    keeps: ['transfer-away', 'transfer-blind', 'consult-accepted', 'consult-withdrawn'],
  },
  'is tried without an agent': {
    target: { agent: undefined },
    keeps: ['reserve-queue', 'reserve-unknown-queue', 'reserve-unknown-agent'],
  },
  'takes few calls, and says when again': {
    request: limiting(25),
    wanted: starts('queue', 'reserve', 'transfer'),
    keeps: ['reserve-race', 'reserve-again', 'transfer-once', 'transfer-blind'],
  },
  'refuses a number that nobody answers at once': {
    request: knowingDeadNumbers,
    wanted: starts('transfer-dead', 'consult-dead'),
    keeps: ['transfer-dead', 'consult-dead'],
  },
  'tells times in whole seconds, and more than it must': {
    request: terse,
    wanted: starts('transfer', 'consult'),
    keeps: ['transfer-again', 'transfer-blind'],
  },
};
