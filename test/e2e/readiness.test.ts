// The service as people run it, in front of a platform that lets it down: what `/readyz` says then, and that it takes it back.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { machineClock } from '../../src/machine-clock.ts';
import { createGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { listen } from '../../src/twins/http-listener.ts';
import { startRunning } from './running-service.ts';

const SECRET = 'a-secret-of-the-hook-to-us';
const KEY = 'a-key-of-twenty-four-letters';
const folder = mkdtempSync(join(tmpdir(), 'throughline-readiness-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A twin behind a door at which its clock can be set, and a service that has it for a platform. */
async function setUp(readiness: Readonly<Record<string, number>>) {
  const twin = createGenesysTwin({ clock: machineClock, settleMs: 50 });
  const far = { aheadMs: 0 };
  const door = await listen({
    host: '127.0.0.1',
    port: 0,
    async answer(request) {
      const said = await twin.answer(request);
      if (said.kind !== 'respond') return said;
      const date = new Date(Date.now() + far.aheadMs).toUTCString();
      return { ...said, response: { ...said.response, headers: { ...said.response.headers, date } } };
    },
  });
  const entry = {
    kind: 'genesys',
    loginUrl: door.url,
    apiUrl: door.url,
    clientId: 'twin-client',
    clientSecret: 'twin-secret',
    hookSecrets: [SECRET],
    settleMs: 100,
  };
  const file = join(folder, `${door.port}.yaml`);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ platforms: { genesys_cloud: entry }, readiness }));
  const running = await startRunning({ THROUGHLINE_CONFIG: file, THROUGHLINE_API_KEY: KEY });
  const control = (method: string, path: string, body?: unknown) =>
    twin.fetch(`http://twin/twin${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ask = (path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${running.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const escalate = async () => {
    const made = await control('POST', '/conversations', { channel: 'voice', from: '+14155551234', flow: 'bot' });
    const { conversationId } = (await made.json()) as { conversationId: string };
    const leg = { platform: 'genesys_cloud', externalId: conversationId, channel: 'voice' };
    const { id } = (await (await ask('/v1/interactions', leg)).json()) as { id: string };
    const answer = await ask(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' }, { prefer: 'wait=10' });
    expect(await answer.json()).toMatchObject({ outcome: 'completed' });
    return conversationId;
  };
  /** Until it says so; the reasons. */
  const readyz = async (status: number) => {
    for (;;) {
      const answer = await fetch(`${running.url}/readyz`);
      const { reasons } = (await answer.json()) as { reasons: string[] };
      if (answer.status === status) return reasons;
      await sleep(100);
    }
  };
  return {
    far,
    control,
    ask,
    escalate,
    readyz,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await twin.close();
      await door.close();
    },
  };
}

describe('/readyz', { timeout: 60_000 }, () => {
  it('says so when no token can be had, and when one can again', async () => {
    await using world = await setUp({ tokenMissingSec: 1 });
    await world.control('POST', '/faults', { match: { path: '^/oauth/token$' }, fault: '500' });
    await world.control('POST', '/faults', { match: { path: '/conversations' }, fault: 'expire-token', times: 1 });
    const made = await world.control('POST', '/conversations', { channel: 'voice', from: '+14155551234', flow: 'bot' });
    const { conversationId } = (await made.json()) as { conversationId: string };
    const leg = { platform: 'genesys_cloud', externalId: conversationId, channel: 'voice' };
    const { id } = (await (await world.ask('/v1/interactions', leg)).json()) as { id: string };
    await world.ask(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    expect(await world.readyz(503)).toEqual([
      expect.stringMatching(/^genesys_cloud: no access token can be had \(circuit-open: login: /),
    ]);
    const shown = (await (await world.ask('/v1/platforms')).json()) as { entities: Record<string, unknown>[] };
    expect(shown.entities[0]).toMatchObject({
      health: { ok: false, code: 'circuit-open' },
      breaker: { logins: 'open' },
    });
    await world.control('DELETE', '/faults');
    expect(await world.readyz(200)).toEqual([]);
  });

  it('says so when this machine’s clock is off by what the platform’s answers say', async () => {
    await using world = await setUp({});
    world.far.aheadMs = 4_000;
    for (let n = 0; n < 3; n += 1) await world.escalate();
    const [reason, ...others] = await world.readyz(503);
    expect(others).toEqual([]);
    expect(reason).toMatch(/^this machine’s clock is at least [34]\.\d s behind that of genesys_cloud/);
    world.far.aheadMs = 0;
    expect(await world.readyz(200)).toEqual([]);
  });

  it('says so when handoffs are confirmed by looks alone, and not any more when an event has come', async () => {
    await using world = await setUp({ eventsSilentSec: 2 });
    let conversation = '';
    while ((await fetch((await world.ask('/readyz')).url)).ok) conversation = await world.escalate();
    expect(await world.readyz(503)).toEqual([
      expect.stringMatching(
        /^genesys_cloud: its events do not come: the last \d+ handoffs were confirmed by looks alone/,
      ),
    ]);
    const event = {
      topicName: `v2.detail.events.conversation.${conversation}.customer.end`,
      eventBody: { eventTime: Date.now(), conversationId: conversation, participantId: 'someone' },
    };
    const told = await world.ask('/hooks/genesys', event, { 'x-throughline-secret': SECRET });
    expect(told.status, await told.text()).toBe(200);
    await world.escalate();
    expect(await world.readyz(200)).toEqual([]);
  });
});
