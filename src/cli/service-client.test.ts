import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Script, type ScriptedServer, scriptedServer } from '../../test/contract/scripted-server.ts';
import { CommandFailure, Refused, Unreachable } from './command-failure.ts';
import { serviceClient } from './service-client.ts';
import { twinClient } from './twin-client.ts';

const HANDOFF = { id: 'i-1.2', phase: 'settled', outcome: 'completed', attempts: 1 };

describe('the service client', () => {
  let server: ScriptedServer;
  const clientOf = async (script: Script | Answer) => {
    server = await scriptedServer(typeof script === 'function' ? script : () => script);
    return serviceClient({ baseUrl: `${server.url}/`, key: 'secret-key' });
  };
  afterEach(() => server[Symbol.asyncDispose]());

  it('asks for an escalation under an idempotency key, and for a wait where one is wanted', async () => {
    const client = await clientOf({ status: 202, json: HANDOFF });
    await client.escalate('i-1', { queue: 'A' }, 'once', 10);
    await client.escalate('i-1', {}, 'twice');
    const [waiting, plain] = server.asked;
    expect(waiting).toMatchObject({ method: 'POST', path: '/v1/interactions/i-1/handoffs' });
    expect(waiting?.headers).toMatchObject({
      authorization: 'Bearer secret-key',
      'idempotency-key': 'once',
      prefer: 'wait=10',
    });
    expect(JSON.parse(waiting?.body ?? '')).toEqual({ kind: 'escalation', queue: 'A' });
    expect(plain?.headers.prefer).toBeUndefined();
  });

  it('reads a handoff by its whole id', async () => {
    const client = await clientOf({ status: 200, json: { ...HANDOFF, of: 'tomorrow' } });
    expect(await client.handoff('i-1.2')).toMatchObject({ outcome: 'completed' });
    expect(server.asked[0]?.path).toBe('/v1/interactions/i-1/handoffs/2');
  });

  it('opens, patches, fetches and verifies on the paths of the contract', async () => {
    const answers: Record<string, unknown> = {
      'POST /v1/interactions': { id: 'i-1' },
      'PATCH /v1/interactions/i-1/context': {},
      'GET /v1/manifests/r%2F1': { trigger: 'x' },
      'GET /v1/audit/verify': { ok: true, events: 3, seals: null, firstBad: null },
      'GET /v1/platforms': { entities: [{ health: { budget: { limitPerMinute: 300, remaining: 0 } } }] },
    };
    const client = await clientOf(({ method, path }) => ({ status: 200, json: answers[`${method} ${path}`] }));
    const opened = { platform: 'p', externalId: 'e', channel: 'message' };
    expect(await client.openInteraction(opened)).toMatchObject({ id: 'i-1' });
    await client.patchContext('i-1', { intent: 'a' });
    expect(await client.manifest('r/1')).toEqual({ trigger: 'x' });
    expect(await client.verifyAudit()).toMatchObject({ ok: true, events: 3 });
    expect((await client.platforms())[0]?.health?.budget?.remaining).toBe(0);
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ direction: 'inbound', ...opened });
  });

  it('turns a problem document into a sentence with the fields at fault', async () => {
    const json = {
      title: 'The request does not have the documented shape',
      code: 'invalid-request',
      detail: 'Two faults',
      errors: [{ path: 'queue', message: 'too long' }, { message: 'odd' }],
    };
    const client = await clientOf({ status: 400, json });
    const refused = await client.escalate('i-1', {}, 'k').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ status: 400, code: 'invalid-request' });
    expect(String(refused)).toContain(
      'POST /v1/interactions/i-1/handoffs was refused (400 invalid-request): The request does not have the documented shape. Two faults\n  - queue: too long\n  - odd',
    );
  });

  it('says where the key is when the key is refused', async () => {
    const client = await clientOf({ status: 401, text: 'who?' });
    await expect(client.verifyAudit()).rejects.toThrow(/no reason was given[\s\S]*THROUGHLINE_API_KEY/);
  });

  it('says that an answer has another shape', async () => {
    const client = await clientOf({ status: 200, json: { id: 7 } });
    await expect(client.handoff('i-1.1')).rejects.toThrow(CommandFailure);
    await expect(client.handoff('i-1.1')).rejects.toThrow('another shape');
  });

  it('tells a broken connection from a refusal', async () => {
    const client = await clientOf(() => (response) => response.destroy());
    await expect(client.verifyAudit()).rejects.toThrow(Unreachable);
    expect(await client.readiness()).toBe('absent');
  });

  it('is ready when the service says so, and not while it says that it starts', async () => {
    let status = 503;
    const client = await clientOf(() => ({ status, json: {} }));
    expect(await client.readiness()).toBe('starting');
    status = 200;
    expect(await client.readiness()).toBe('ready');
    expect(server.asked[0]?.headers.authorization).toBeUndefined();
  });

  it('lets an interruption through as it is', async () => {
    await clientOf({ status: 200 });
    const client = serviceClient({ baseUrl: server.url, key: 'k', signal: AbortSignal.abort() });
    await expect(client.verifyAudit()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.readiness()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('nobody there', () => {
  it('is told with what to do about it', async () => {
    const gone = await scriptedServer(() => ({ status: 200 }));
    await gone[Symbol.asyncDispose]();
    const baseUrl = gone.url;
    const service = serviceClient({ baseUrl, key: 'k' });
    await expect(service.verifyAudit()).rejects.toThrow(/does not answer\. Start it with `npm start`.*ECONNREFUSED/);
    await expect(twinClient({ baseUrl }).settings()).rejects.toThrow(/The twin at .* does not answer.*--twin/);
  });

  it('is told in the words of what broke where there is no system code', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('bad port') }));
    const plain = () => Promise.reject('odd');
    await expect(serviceClient({ baseUrl: 'x:', key: 'k', fetch }).verifyAudit()).rejects.toThrow('(bad port)');
    await expect(serviceClient({ baseUrl: 'x:', key: 'k', fetch: plain }).verifyAudit()).rejects.toThrow('(odd)');
  });
});
