// Transfers to and from a platform of one's own, as an operator has it: a service by its configuration file with nothing set that need not be, the
// contact centers in a process of their own, real HTTP.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts, MAIN, type RunningService, startRunning } from './running-service.ts';
import { untilWithin } from './until.ts';

const until = untilWithin(20_000);
const KEY = 'a-key-to-look-around-with';
const HOOK = `whsec_${Buffer.from('a-secret-of-more-than-24-bytes').toString('base64')}`;
const QUEUE = 'BillingDisputes_Tier2';
type Json = Readonly<Record<string, unknown>>;
type Name = 'genesys_cloud' | 'acme';

let service: RunningService;
let twins: Readonly<Record<Name, string>>;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const port = await freePorts();
  const folder = await mkdtemp(join(tmpdir(), 'throughline-e2e-gateway-'));
  twins = { genesys_cloud: `http://127.0.0.1:${port + 10}`, acme: `http://127.0.0.1:${port + 50}` };
  const child = spawn(process.execPath, [MAIN, 'twins'], {
    env: { PORT: String(port), THROUGHLINE_DATA: folder },
    stdio: 'ignore',
  });
  ends.push(
    async () => child.kill(),
    () => rm(folder, { recursive: true, force: true }),
  );
  await until(async () => {
    const asked = Object.values(twins).map((url) => fetch(`${url}/twin/settings`).catch(() => null));
    return (await Promise.all(asked)).every((answer) => answer?.ok);
  }, Boolean);
  const file = join(folder, 'throughline.yaml');
  await writeFile(file, JSON.stringify(configuration(), null, 2));
  service = await startRunning({
    THROUGHLINE_CONFIG: file,
    THROUGHLINE_API_KEY: KEY,
    ACME_TOKEN: 'twin-gateway-token',
  });
  ends.push(async () => service[Symbol.asyncDispose]());
  const entry = { url: service.url, headers: { authorization: `Bearer ${KEY}` } };
  await send('PUT', `${twins.genesys_cloud}/twin/settings`, { entry });
  const hook = { url: `${service.url}/hooks/gateway/acme`, secrets: [HOOK] };
  await send('PUT', `${twins.acme}/twin/settings`, { hook });
  for (const url of Object.values(twins)) {
    for (const queue of ['General_Support', QUEUE]) {
      for (const n of [1, 2, 3]) {
        await send('POST', `${url}/twin/agents`, { name: `${queue} ${n}`, queues: [queue], afterMs: 100 });
      }
    }
  }
}, 60_000);

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

function configuration(): Json {
  const fallbackQueue = 'General_Support';
  return {
    platforms: {
      genesys_cloud: {
        loginUrl: twins.genesys_cloud,
        apiUrl: twins.genesys_cloud,
        clientId: 'twin-client',
        clientSecret: 'twin-secret',
        hookSecrets: ['a-hook-secret-of-sixteen'],
        notifications: true,
        transfers: { entryNumbers: ['+18005550110'], fallbackQueue },
      },
      acme: {
        kind: 'gateway',
        baseUrl: twins.acme,
        tokenEnv: 'ACME_TOKEN',
        hookSecrets: [HOOK],
        transfers: { entryNumbers: ['+18885552050'], fallbackQueue },
      },
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

/** A call with an agent of General_Support on it. */
async function calling(platform: Name, from: string): Promise<string> {
  const asked = { channel: 'voice', from, queue: 'General_Support' };
  const { conversationId: externalId } = await send('POST', `${twins[platform]}/twin/conversations`, asked);
  const here = `${twins[platform]}/twin/conversations/${externalId}`;
  await until(
    () => send('GET', here),
    ({ holder, state }) => holder === 'agent' || state === 'active',
  );
  const known = { intent: 'billing_dispute', accountNumber: 'ACC-992837', dtmfSequence: ['1', '3', '0'] };
  const customer = { phone: from };
  const { id } = await api('POST', '/v1/interactions', {
    platform,
    externalId,
    channel: 'voice',
    customer,
    context: known,
  });
  return String(id);
}

const WAYS = (['blind', 'warm', 'consultative'] as const).flatMap((type, n) => [
  [type, 'genesys_cloud', 'acme', `+1415555014${n}`] as const,
  [type, 'acme', 'genesys_cloud', `+1415555015${n}`] as const,
]);

it.each(WAYS)('a %s transfer from %s to %s takes the caller and what is known along', async (type, from, to, phone) => {
  const id = await calling(from, phone);
  const path = `/v1/interactions/${id}/handoffs`;
  const target = { platform: to, queue: QUEUE };
  await api('POST', path, { kind: 'transfer', to: target, transferType: type, initiatedBy: 'agent' });
  const transfer = () => api('GET', `${path}/1`);
  if (type === 'consultative') {
    await until(transfer, ({ phase }) => phase === 'offered' || phase === 'settled');
    await api('POST', `${path}/1/complete`, { accept: true });
  }
  const done = await until(transfer, ({ phase }) => phase === 'settled');
  expect(done).toMatchObject({ reason: null, outcome: 'completed', destination: { platform: to } });
  const { externalId } = done.destination as { externalId: string };
  const shown = await send('GET', `${twins[to]}/twin/conversations/${externalId}`);
  const attributes = shown.attributes ?? (shown.context as Json).attributes;
  expect(attributes).toMatchObject({ interactionId: id, accountNumber: 'ACC-992837', dtmfSequence: '["1","3","0"]' });
  if (to === 'acme') expect(shown.context).toMatchObject({ canonicalInteractionId: id, dtmfSequence: ['1', '3', '0'] });
});
