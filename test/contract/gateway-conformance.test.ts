// Runs the conformance suite against the gateway twin, which keeps every promise, and against the same twin with one promise broken at a
// time: each check must find its breach. Both over real HTTP.

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openEar } from '../../src/cli/conformance-ear.ts';
import { conformanceReport, conformanceText } from '../../src/cli/conformance-report.ts';
import { CHECKS, runConformance } from '../../src/cli/conformance-run.ts';
import { machineClock } from '../../src/machine-clock.ts';
import { GATEWAY_SCHEMAS } from '../../src/platforms/gateway/gateway-openapi.ts';
import { hookJudge } from '../../src/platforms/gateway/hook.ts';
import type { Answering } from '../../src/twins/exchange.ts';
import { DEMO_TOKEN } from '../../src/twins/gateway/access.ts';
import { DEMO_HOOK_SECRET } from '../../src/twins/gateway/event-signing.ts';
import { createGatewayTwin, DEAD_NUMBER, type GatewayTwin } from '../../src/twins/gateway/gateway-twin.ts';
import { listen } from '../../src/twins/http-listener.ts';
import { BREACHES, type Breach, OTHER_BREACHES, signedAt, WRONG_DELIVERIES } from './gateway-breaches.ts';
import { slowPhones, UNUSUAL } from './gateway-unusual.ts';

/** For servers that are known to break a promise: the honest one gets the suite's own, since this machine may be busy. */
const PATIENCE_MS = 300;

type Given = {
  readonly breach?: Breach;
  readonly wanted?: (name: string) => boolean;
  readonly target?: object;
  /** Right, whatever it is made of: it gets the suite's own patience. */
  readonly isRight?: boolean;
  readonly settleMs?: number;
  /** How many conversations there are beforehand, to be given. */
  readonly given?: number;
};

/** One run against a twin of its own. */
async function run({ breach = {}, wanted = () => true, target = {}, ...also }: Given) {
  await using ear = await openEar({
    port: 0,
    host: '127.0.0.1',
    secret: DEMO_HOOK_SECRET,
    shapes: GATEWAY_SCHEMAS,
    judge: hookJudge(machineClock),
  });
  const hook = { url: `http://127.0.0.1:${ear.port}/`, secrets: [DEMO_HOOK_SECRET] };
  await using twin = createGatewayTwin({
    clock: machineClock,
    settleMs: also.settleMs ?? 20,
    hook,
    fetch: posting(breach),
  });
  const server = await listen({ host: '127.0.0.1', port: 0, answer: answering(twin, breach) });
  try {
    const interactions = await conversations(twin, also.given ?? 0);
    const common = { url: server.url, token: DEMO_TOKEN, shapes: GATEWAY_SCHEMAS, interactions };
    const honest = also.isRight ?? Object.keys(breach).length === 0;
    const patience = honest ? {} : { patienceMs: PATIENCE_MS };
    const numbers = { deadAddress: DEAD_NUMBER, sipAddress: 'sip:desk@example.com' };
    const named = { agent: 'nice-usr-4492', queue: 'General_Support', ...numbers, ear, ...patience };
    return await runConformance({ ...common, ...named, ...target }, { wanted });
  } finally {
    await server.close();
  }
}

/** As they come in at any platform, without its sandbox. */
function conversations(twin: GatewayTwin, count: number): Promise<string[]> {
  const come = async () => {
    const body = JSON.stringify({ channel: 'voice' });
    const made = await twin.fetch('http://twin/twin/conversations', { method: 'POST', body });
    return ((await made.json()) as { conversationId: string }).conversationId;
  };
  return Promise.all(Array.from({ length: count }, come));
}

function answering(twin: GatewayTwin, { request: change }: Breach): Answering {
  if (change === undefined) return twin.answer;
  return async (request) => {
    const response = await change(request, async (asked) => {
      const answer = await twin.answer(asked);
      if (answer.kind !== 'respond') throw new Error('No fault is armed.');
      return answer.response;
    });
    return { kind: 'respond', response };
  };
}

/** The way to the ear, on which a breach may change what is told. */
function posting({ event, again, delivery, taken }: Breach): typeof fetch {
  return async (url, init) => {
    if (again?.(JSON.parse(String(init?.body)))) await toldAnew(url, init);
    let headers = Object.fromEntries(new Headers(init?.headers));
    let body = String(init?.body);
    if (event !== undefined) {
      const changed = event(JSON.parse(body));
      if (changed === undefined) return new Response(null, { status: 204 });
      ({ headers, body } = signedAt(headers, JSON.stringify(changed), 0));
    }
    if (delivery !== undefined) ({ headers, body } = delivery(headers, body));
    const response = await fetch(url, { ...init, headers, body });
    return new Response(null, { status: taken?.(response.status) ?? response.status });
  };
}

/** The same event as another message. */
async function toldAnew(url: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<void> {
  const id = randomUUID();
  const body = JSON.stringify({ ...JSON.parse(String(init?.body)), id });
  await fetch(url, { ...init, ...signedAt({ 'content-type': 'application/json', 'webhook-id': id }, body, 0) });
}

describe('the conformance suite', () => {
  it('finds that the twin keeps every promise', async () => {
    const checked = await run({});
    const others = checked.filter(({ result }) => result !== 'kept');
    // It does all that can be done, so that it denies nothing.
    expect(others.filter(({ name, result }) => !(name.startsWith('denied') && result === 'not-promised'))).toEqual([]);
    expect(checked.map(({ name }) => name)).toEqual(CHECKS.map(({ name }) => name));
  });

  it('has a breach for every check, and none for no check', () => {
    expect(Object.keys(BREACHES).sort()).toEqual(CHECKS.map(({ name }) => name).sort());
  });

  it.concurrent.each(Object.entries(BREACHES))('finds out who breaks %s', async (name, breach) => {
    const [checked] = await run({ breach, wanted: (one) => one === name });
    expect(checked).toMatchObject({ name, result: 'broken' });
    const broke = checked?.steps.at(-1);
    expect(broke).toMatchObject({ kept: false });
    expect(`${broke?.sent}${broke?.expected}${broke?.came}`).not.toContain(DEMO_TOKEN);
  });

  it.concurrent.each(Object.entries(OTHER_BREACHES))('finds out who breaks %s', async (what, breach) => {
    const [wanted] = what.split(' ');
    const [checked] = await run({ breach, wanted: (one) => one === wanted });
    expect(checked).toMatchObject({ name: wanted, result: 'broken' });
  });

  it.concurrent.each(Object.entries(UNUSUAL))(
    'finds nothing broken in a gateway that %s',
    async (_what, unusual) => {
      const { keeps = [], request, ...given } = unusual;
      const checked = await run({ ...given, breach: request === undefined ? {} : { request }, isRight: true });
      expect(checked.filter(({ result }) => result === 'broken')).toEqual([]);
      const kept = checked.filter(({ result }) => result === 'kept').map(({ name }) => name);
      expect(kept).toEqual(expect.arrayContaining([...keeps]));
    },
    120_000,
  );

  it('waits no longer for a phone than it is told to', async () => {
    const wanted = (name: string) => name === 'transfer-away';
    const [checked] = await run({ breach: { request: slowPhones }, settleMs: 2_000, wanted });
    expect(checked).toMatchObject({ result: 'broken' });
  });

  it.concurrent.each(Object.entries(WRONG_DELIVERIES))('takes no event with %s for signed', async (_what, breach) => {
    const [checked] = await run({ breach, wanted: (one) => one === 'event-signed' });
    expect(checked).toMatchObject({ result: 'broken' });
  });

  it('says what it needs to try what it did not try, and takes nothing for kept', async () => {
    const nothing = { agent: undefined, queue: undefined, ear: undefined };
    const checked = await run({ target: nothing });
    const untried = checked.filter(({ result }) => result === 'not-tried');
    expect(untried.length).toBeGreaterThan(25);
    expect(new Set(untried.map(({ reason }) => reason))).toEqual(
      new Set([
        'give --agent: the id of an agent who is free',
        'give --queue: the name of a queue that somebody serves',
        'give --events-port and --events-secret',
      ]),
    );
    expect(checked.filter(({ result }) => result === 'broken')).toEqual([]);
  });

  it('moves given conversations where none can be made up, each of them once', async () => {
    const breach: Breach = {
      request: async (request, ask) => {
        if (request.path.startsWith('/v1/sandbox')) return { status: 501, body: {} };
        const answer = await ask(request);
        if (request.path !== '/v1/capabilities') return answer;
        return { ...answer, body: { ...(answer.body as object), sandbox: false } };
      },
    };
    const wanted = (name: string) => ['transfer-away', 'end', 'interaction', 'arrival'].includes(name);
    const checked = await run({ breach, wanted, target: { interactions: ['theirs'], address: '+18885551900' } });
    expect(checked.map(({ name, result }) => `${name} ${result}`)).toEqual([
      // It is asked for by the id that was given, which this twin does not have.
      'interaction broken',
      'end not-tried',
      'transfer-away not-tried',
      'arrival not-tried',
    ]);
    expect(checked[0]?.steps[0]?.sent).toBe('GET /v1/interactions/theirs');
  });

  it('calls a server that breaks off broken, not itself', async () => {
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const target = { url, token: '', shapes: GATEWAY_SCHEMAS, interactions: [] };
    const checked = await runConformance(target, { wanted: (name) => name === 'health' });
    expect(checked).toMatchObject([{ result: 'broken', steps: [{ came: 'none' }] }]);
    server.close();
  });
});

describe('the report', () => {
  it('says of a broken promise what was sent, what was expected and what came', async () => {
    const checked = await run({
      breach: BREACHES['token-missing'] as Breach,
      wanted: (name) => name.startsWith('token'),
    });
    const report = conformanceReport('http://gateway.example', checked);
    expect(report).toMatchObject({ ok: false, kept: 1, broken: 1, notTried: 0 });
    const text = conformanceText(report);
    expect(text).toContain('✗ token-missing  A call without a token is refused.');
    expect(text).toContain('sent:     GET /v1/queues without a token');
    expect(text).toContain('expected: 401, a refusal as a Problem (application/problem+json), code unauthorized');
    expect(text).toMatch(/came: {5}200 .*the status is 200/);
    expect(text).toContain('It does NOT keep the gateway contract: 1 kept, 1 broken.');
  });

  it('counts what was not tried', async () => {
    const checked = await run({ target: { agent: undefined }, wanted: (name) => name.startsWith('agent') });
    const text = conformanceText(conformanceReport('http://gateway.example', checked));
    expect(text).toContain('not tried: give --agent: the id of an agent who is free');
    expect(text).toContain('It keeps the gateway contract as far as it was tried: 1 kept, 0 broken, 1 not tried.');
  });
});
