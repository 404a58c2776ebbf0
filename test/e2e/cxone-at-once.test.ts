// What a tenant of CXone switches on (a script that calls customers at once, and agents who are asked to keep free for a transfer), as an operator
// has it: a service by its configuration file, the contact centers in a process of their own, real HTTP.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts, MAIN, type RunningService, startRunning } from './running-service.ts';
import { untilWithin } from './until.ts';

const until = untilWithin(20_000);
const KEY = 'a-key-to-look-around-with';
const HOOK = 'a-hook-secret-of-sixteen';
const QUEUE = 'BillingDisputes_Tier2';
type Json = Readonly<Record<string, unknown>>;

let service: RunningService;
let genesys: string;
let cxone: string;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const port = await freePorts();
  const folder = await mkdtemp(join(tmpdir(), 'throughline-e2e-tenant-'));
  [genesys, cxone] = [`http://127.0.0.1:${port + 10}`, `http://127.0.0.1:${port + 20}`];
  const twins = spawn(process.execPath, [MAIN, 'twins'], {
    env: { PORT: String(port), THROUGHLINE_DATA: folder },
    stdio: 'ignore',
  });
  ends.push(
    async () => twins.kill(),
    () => rm(folder, { recursive: true, force: true }),
  );
  await until(async () => {
    const answers = await Promise.all([genesys, cxone].map((url) => fetch(`${url}/twin/settings`).catch(() => null)));
    return answers.every((answer) => answer?.ok);
  }, Boolean);
  const file = join(folder, 'throughline.yaml');
  await writeFile(file, JSON.stringify(configuration(), null, 2));
  service = await startRunning({ THROUGHLINE_CONFIG: file, THROUGHLINE_API_KEY: KEY });
  ends.push(async () => service[Symbol.asyncDispose]());
  const headers = { authorization: `Bearer ${KEY}` };
  await send('PUT', `${cxone}/twin/settings`, { entry: { url: service.url, headers }, entryTimeoutMs: 4_000 });
}, 60_000);

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

function configuration(): Json {
  return {
    platforms: {
      genesys_cloud: {
        loginUrl: genesys,
        apiUrl: genesys,
        clientId: 'twin-client',
        clientSecret: 'twin-secret',
        hookSecrets: [HOOK],
        notifications: true,
        transfers: { entryNumbers: ['+18005550110'], fallbackQueue: 'General_Support' },
      },
      nice_cxone: {
        issuerUrl: cxone,
        digitalUrl: cxone,
        accessKeyId: 'twin-access-key',
        accessKeySecret: 'twin-access-secret',
        clientId: 'twin-client',
        clientSecret: 'twin-secret',
        hookSecrets: [`${HOOK}!`],
        pollEverySec: 1,
        callbackScript: { path: 'Prod\\Throughline_Outbound', skillId: '4001' },
        transfers: {
          entryNumbers: ['+18885551900', '+18885551901'],
          fallbackQueue: 'General_Support',
          placeholder: { pointOfContact: 'Throughline_Placeholder' },
        },
      },
    },
    callbacks: {
      platform: 'nice_cxone',
      queue: QUEUE,
      bridged: true,
      consentAttribute: 'may_call',
      hours: { from: 0, to: 24 },
    },
  };
}

async function send(method: string, url: string, body?: Json): Promise<Json> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Json;
}

const api = (method: string, path: string, body?: Json) => send(method, `${service.url}${path}`, body);

const settled = (path: string) =>
  until(
    () => api('GET', path),
    ({ phase }) => phase === 'settled',
  );

async function interactionOf(from: string, more: Json = {}): Promise<string> {
  const made = await send('POST', `${genesys}/twin/conversations`, { channel: 'voice', from, flow: 'bot' });
  const customer = { phone: from };
  const opened = { platform: 'genesys_cloud', externalId: made.conversationId, channel: 'voice', customer, ...more };
  return String((await api('POST', '/v1/interactions', opened)).id);
}

/** What asks agents to keep free, as the twin has it. */
async function asked(): Promise<readonly Json[]> {
  const { calls } = (await send('GET', `${cxone}/twin/calls`)) as { calls: readonly Json[] };
  return calls.filter(({ path }) => /work-items|\/end$/.test(String(path)));
}

it('a customer who has agreed is called at once by the script, and what comes of it is part of their interaction', async () => {
  const context = { attributes: { may_call: 'yes' } };
  const id = await interactionOf('+14155550141', { context });
  const path = `/v1/interactions/${id}/handoffs`;
  await api('POST', path, { kind: 'callback', pattern: 'bridged', phone: '+14155550141' });
  expect(await settled(`${path}/1`)).toMatchObject({
    outcome: 'completed',
    callback: { pattern: 'bridged', at: null },
  });
  const { legs } = (await api('GET', `/v1/interactions/${id}`)) as { legs: readonly Json[] };
  const called = legs.find(({ platform }) => platform === 'nice_cxone');
  const shown = await send('GET', `${cxone}/twin/conversations/${called?.externalId}`);
  expect(shown).toMatchObject({ from: '+14155550141', variables: { p1: '+14155550141', p2: '1002', p3: id } });
});

it('one who has not is not', async () => {
  const id = await interactionOf('+14155550142');
  const path = `/v1/interactions/${id}/handoffs`;
  await api('POST', path, { kind: 'callback', pattern: 'bridged', phone: '+14155550142' });
  expect(await settled(`${path}/1`)).toMatchObject({ outcome: 'refused', reason: 'consent-missing' });
});

it('an agent takes what they are asked by, gets the caller, and is let go of', async () => {
  const { agentId } = await send('POST', `${cxone}/twin/agents`, {
    name: 'Ada',
    queues: ['Bank_Services'],
    afterMs: 300,
  });
  const id = await interactionOf('+14155550143', { context: { intent: 'billing_dispute' } });
  const path = `/v1/interactions/${id}/handoffs`;
  const to = { platform: 'nice_cxone', agentId };
  await api('POST', path, { kind: 'transfer', to, transferType: 'blind', initiatedBy: 'bot' });
  const done = await settled(`${path}/1`);
  expect(done).toMatchObject({ outcome: 'completed', reason: null });
  expect((done.timeline as readonly Json[]).map(({ event }) => event)).toEqual(
    expect.arrayContaining(['AgentAsked', 'AgentReady', 'PlaceReserved', 'ReservationRedeemed']),
  );
  await until(asked, (calls) => calls.length === 2);
  expect(await asked()).toMatchObject([{ status: 200 }, { status: expect.any(Number) }]);
});

it('an agent who does not take it keeps nobody waiting, and the caller stays where they are', async () => {
  const { agentId } = await send('POST', `${cxone}/twin/agents`, {
    name: 'Ben',
    queues: ['Bank_Services'],
    answers: 'manual',
  });
  const id = await interactionOf('+14155550144');
  const path = `/v1/interactions/${id}/handoffs`;
  const to = { platform: 'nice_cxone', agentId };
  await api('POST', path, {
    kind: 'transfer',
    to,
    transferType: 'blind',
    initiatedBy: 'bot',
    holdDurationLimitSec: 12,
  });
  expect(await settled(`${path}/1`)).toMatchObject({ outcome: 'refused', reason: 'agent-declined', attempts: 0 });
  expect((await api('GET', `/v1/interactions/${id}`)).holder).toMatchObject({ kind: 'bot' });
});
