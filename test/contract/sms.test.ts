// Runs the contract of text messages on Twilio, Vonage and Genesys agentless, each in front of its twin over real HTTP, hooks
// included, and what only one of them has: its credentials, its opt-outs, its inbound messages.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SendRequest } from '../../src/channels/send-request.ts';
import { genesysAgentless } from '../../src/channels/sms/genesys-agentless.ts';
import type { HookRequest, SmsHook, SmsReplySaid, SmsStatusSaid } from '../../src/channels/sms/sms-hook.ts';
import type { SmsMessage, SmsProvider } from '../../src/channels/sms/sms-provider.ts';
import { twilioProvider } from '../../src/channels/sms/twilio-provider.ts';
import { twilioReplyHook } from '../../src/channels/sms/twilio-reply.ts';
import { twilioStatusHook } from '../../src/channels/sms/twilio-status.ts';
import { vonageProvider } from '../../src/channels/sms/vonage-provider.ts';
import { vonageReplyHook } from '../../src/channels/sms/vonage-reply.ts';
import { vonageStatusHook } from '../../src/channels/sms/vonage-status.ts';
import { credential } from '../../src/platforms/credential.ts';
import { clientCredentialsLogin } from '../../src/platforms/genesys/client-credentials.ts';
import { governor } from '../../src/platforms/governor.ts';
import { exchange } from '../../src/platforms/http.ts';
import { tokenKeeper } from '../../src/platforms/token.ts';
import { startGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { DEMO_TWILIO, DEMO_VONAGE, startSmsTwin } from '../../src/twins/sms/sms-twin.ts';
import { manualClock } from './manual-clock.ts';
import { type SmsStage, smsContract } from './sms.ts';

const SETTLE_MS = 400;
const TIMEOUT_MS = 3_000;
const FAULTS = { refuse: '429', fail: '500', break: 'commit-then-drop', hang: 'hang' } as const;
const TROUBLES = { repeat: 'repeat-event', reorder: 'reorder-events' } as const;
const CUSTOMER = '+14155550123';
const call = { signal: new AbortController().signal, mayStart: () => true };

/** What we read of the control surface's answers. */
const seen = z.object({ messages: z.array(z.object({ from: z.string(), text: z.string() })).default([]) });
type Control = (method: string, path: string, body?: unknown) => Promise<z.output<typeof seen>>;

function controlOf(url: string): Control {
  return async (method, path, body) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/twin${path}`, { method, ...init });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return seen.parse(await response.json());
  };
}

/** The parts of a stage that telephones and faults are. */
function phonesAndFaults(
  control: Control,
  sendPath: string,
): Pick<SmsStage, 'inbox' | 'destine' | 'fault' | 'trouble'> {
  return {
    inbox: async (number) => (await control('GET', `/phones/${encodeURIComponent(number)}/messages`)).messages,
    async destine(number, delivery) {
      await control('PUT', `/phones/${encodeURIComponent(number)}`, { delivery });
    },
    async fault(fault) {
      await control('POST', '/faults', { match: { method: 'POST', path: sendPath }, fault: FAULTS[fault], times: 1 });
    },
    async trouble(fault) {
      await control('POST', '/faults', { fault: TROUBLES[fault] });
    },
  };
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

/** Our end of the hooks, on a real port: what is not proved is refused, as the service does. */
async function hookServer() {
  const heard: { readonly path: string; readonly request: HookRequest }[] = [];
  let refusing = false;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [path = '', query = ''] = (incoming.url ?? '').split('?');
      const headers = { get: (name: string) => incoming.headers[name] as string | undefined };
      heard.push({ path, request: { headers, rawBody: Buffer.concat(chunks), query } });
      outgoing.writeHead(refusing ? 503 : 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    refuse: (yes: boolean) => {
      refusing = yes;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function smsWorld() {
  const clock = manualClock();
  const hooks = await hookServer();
  const twin = await startSmsTwin({ clock, settleMs: SETTLE_MS });
  const send: SendRequest = (request, on) =>
    exchange(request, on, { fetch, clock, timeoutMs: TIMEOUT_MS, maxBytes: 1_000_000 });
  const control = controlOf(twin.url);
  const read = <Said>(path: string, hook: SmsHook<Said>): readonly Said[] =>
    hooks.heard
      .filter((each) => each.path === path)
      .map(({ request }) => {
        if (!hook.verify(request)) throw new Error('a hook was not proved');
        const reading = hook.read(request);
        if (reading.kind !== 'said') throw new Error(reading.problem);
        return reading.said;
      });
  const close = async () => {
    await twin.close();
    await hooks.close();
  };
  return { clock, hooks, twin, send, control, read, [Symbol.asyncDispose]: close };
}
type SmsWorld = Awaited<ReturnType<typeof smsWorld>>;

const twilioSecrets = (world: SmsWorld, path = '/hooks/twilio/status') => ({
  authTokens: [DEMO_TWILIO.authToken],
  url: world.hooks.url + path,
});
const vonageSecrets = (world: SmsWorld) => ({
  apiKey: DEMO_VONAGE.apiKey,
  signatureSecrets: [DEMO_VONAGE.signatureSecret],
  clock: world.clock,
});
const twilioIn = (world: SmsWorld, change: Partial<Parameters<typeof twilioProvider>[0]> = {}) =>
  twilioProvider({
    apiUrl: world.twin.url,
    accountSid: DEMO_TWILIO.accountSid,
    username: DEMO_TWILIO.accountSid,
    password: DEMO_TWILIO.authToken,
    statusUrl: `${world.hooks.url}/hooks/twilio/status`,
    send: world.send,
    ...change,
  });
const vonageIn = (world: SmsWorld, change: Partial<Parameters<typeof vonageProvider>[0]> = {}) =>
  vonageProvider({
    apiUrl: world.twin.url,
    applicationId: DEMO_VONAGE.applicationId,
    privateKey: world.twin.vonagePrivateKey() ?? '',
    statusUrl: `${world.hooks.url}/hooks/vonage/status`,
    clock: world.clock,
    send: world.send,
    ...change,
  });

/** The stage of a provider whose far side is the twin of text messages. */
function smsStage(
  world: SmsWorld,
  given: { provider: SmsProvider; sender: string; sendPath: string; said: () => readonly SmsStatusSaid[] },
): SmsStage {
  const { clock, control } = world;
  return {
    provider: given.provider,
    sender: given.sender,
    now: clock.now,
    settle: () => clock.advance(SETTLE_MS * 4),
    ...phonesAndFaults(control, given.sendPath),
    async runOut() {
      await until(() => world.twin.calls().length > 0);
      await clock.advance(TIMEOUT_MS);
    },
    sendsAsked: () => world.twin.calls().filter(({ method }) => method === 'POST').length,
    async told(atLeast) {
      await until(() => world.hooks.heard.length >= atLeast);
      return given.said();
    },
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

smsContract('Twilio', async () => {
  const world = await smsWorld();
  const hook = twilioStatusHook(twilioSecrets(world));
  const said = () => world.read('/hooks/twilio/status', hook);
  const sender = DEMO_TWILIO.numbers[0] ?? '';
  return smsStage(world, { provider: twilioIn(world), sender, sendPath: '/Messages.json', said });
});

smsContract('Vonage', async () => {
  const world = await smsWorld();
  const hook = vonageStatusHook(vonageSecrets(world));
  const said = () => world.read('/hooks/vonage/status', hook);
  const sender = DEMO_VONAGE.numbers[0] ?? '';
  return smsStage(world, { provider: vonageIn(world), sender, sendPath: '/v1/messages', said });
});

smsContract('Genesys agentless', async () => {
  const clock = manualClock();
  const twin = await startGenesysTwin({ clock, settleMs: SETTLE_MS, fetch: async () => new Response(null) });
  const aborted = new AbortController();
  const login = clientCredentialsLogin({
    loginUrl: twin.url,
    clientId: 'twin-client',
    clientSecret: 'twin-secret',
    clock,
    fetch,
    signal: aborted.signal,
  });
  const line = credential({
    baseUrl: twin.url,
    tokens: tokenKeeper({ login, clock, random: () => 0, marginMs: 60_000 }),
    governor: governor({ rateLimitPerMinute: 300, clock }),
    fetch,
    clock,
    random: () => 0,
    explain: () => undefined,
    timeoutMs: TIMEOUT_MS,
    maxBytes: 1_000_000,
  });
  const provider = genesysAgentless({ send: (request, on) => line.send(request, { ...on, priority: 'live' }) });
  const asked = () => twin.calls().filter(({ path }) => path.endsWith('/agentless'));
  return {
    provider,
    sender: '+15055550120',
    now: clock.now,
    settle: () => clock.advance(SETTLE_MS * 4),
    ...phonesAndFaults(controlOf(twin.url), '/agentless'),
    async runOut() {
      await until(() => asked().length > 0);
      await clock.advance(TIMEOUT_MS);
    },
    sendsAsked: () => asked().length,
    told: async () => [],
    async [Symbol.asyncDispose]() {
      aborted.abort();
      await twin.close();
    },
  };
});

const message: SmsMessage = {
  to: CUSTOMER,
  from: DEMO_TWILIO.numbers[0] ?? '',
  text: 'Example: https://example.com/c/4Zr1',
  ref: 'interaction.1.send-1',
};
const fromVonage: SmsMessage = { ...message, from: DEMO_VONAGE.numbers[0] ?? '' };
const phone = `/phones/${encodeURIComponent(CUSTOMER)}`;

describe('Twilio, provider and twin', () => {
  it('is refused with wrong credentials, and says so', async () => {
    await using world = await smsWorld();
    const outcome = await twilioIn(world, { password: 'wrong' }).send(message, call);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'unauthorized', reason: 'account' });
  });

  it('says why the carrier did not take it', async () => {
    await using world = await smsWorld();
    await world.control('PUT', phone, { delivery: 'undelivered', errorCode: '30007' });
    await twilioIn(world).send(message, call);
    await world.clock.advance(SETTLE_MS * 2);
    await until(() => world.hooks.heard.length === 2);
    const said = world.read('/hooks/twilio/status', twilioStatusHook(twilioSecrets(world)));
    expect(said.at(-1)?.report).toEqual({ status: 'undelivered', reason: 'spam-filtered' });
  });

  it('answers STOP itself, tells us so, and refuses the next message to that customer (error 21610)', async () => {
    await using world = await smsWorld();
    const provider = twilioIn(world);
    await world.control('PUT', '/settings', { twilioReplyUrl: `${world.hooks.url}/hooks/twilio/inbound` });
    await provider.send(message, call);
    await world.clock.advance(SETTLE_MS * 2);
    await world.control('POST', `${phone}/replies`, { text: 'Stop' });
    await until(() => world.hooks.heard.some(({ path }) => path === '/hooks/twilio/inbound'));
    const [reply] = world.read<SmsReplySaid>(
      '/hooks/twilio/inbound',
      twilioReplyHook(twilioSecrets(world, '/hooks/twilio/inbound')),
    );
    expect(reply).toMatchObject({ from: CUSTOMER, to: message.from, text: 'Stop', keyword: 'stop' });
    expect((await world.control('GET', `${phone}/messages`)).messages).toHaveLength(2);
    expect(await provider.send(message, call)).toMatchObject({ kind: 'rejected', reason: 'opted-out' });
    await world.control('POST', `${phone}/replies`, { text: 'START' });
    expect(await provider.send(message, call)).toMatchObject({ kind: 'done' });
  });

  it('does not post a status again that was refused', async () => {
    await using world = await smsWorld();
    world.hooks.refuse(true);
    await twilioIn(world).send(message, call);
    await world.clock.advance(60_000);
    await until(() => world.hooks.heard.length >= 2);
    await world.clock.advance(600_000);
    expect(world.hooks.heard).toHaveLength(2);
  });
});

describe('Vonage, provider and twin', () => {
  it('is refused with another key than the application’s, and says so', async () => {
    await using world = await smsWorld();
    await using other = await smsWorld();
    const provider = vonageIn(world, { privateKey: other.twin.vonagePrivateKey() ?? '' });
    expect(await provider.send(fromVonage, call)).toMatchObject({ kind: 'rejected', code: 'unauthorized' });
  });

  it('posts a status that was refused again, until it is taken', async () => {
    await using world = await smsWorld();
    world.hooks.refuse(true);
    await vonageIn(world).send(fromVonage, call);
    await world.clock.advance(SETTLE_MS * 2);
    await until(() => world.hooks.heard.length >= 2);
    world.hooks.refuse(false);
    await world.clock.advance(5_000);
    await until(() => world.hooks.heard.length >= 4);
    await world.clock.advance(600_000);
    expect(world.hooks.heard).toHaveLength(4);
  });

  it('takes a message to a customer who opted out and then says so, where it has Opt-Out Assist (error 1240)', async () => {
    await using world = await smsWorld();
    const settings = { optOutAssist: true, vonageReplyUrl: `${world.hooks.url}/hooks/vonage/inbound` };
    await world.control('PUT', '/settings', settings);
    const provider = vonageIn(world, { optOutAssist: true });
    expect(provider.capabilities.answersKeywords).toBe(true);
    await world.control('POST', `${phone}/replies`, { text: 'STOP', to: fromVonage.from });
    await until(() => world.hooks.heard.length === 1);
    const [reply] = world.read<SmsReplySaid>('/hooks/vonage/inbound', vonageReplyHook(vonageSecrets(world)));
    expect(reply).toMatchObject({ from: CUSTOMER, to: fromVonage.from, text: 'STOP', keyword: null });
    expect(await provider.send(fromVonage, call)).toMatchObject({ kind: 'done' });
    await world.clock.advance(SETTLE_MS * 2);
    await until(() => world.hooks.heard.length === 2);
    const [said] = world.read('/hooks/vonage/status', vonageStatusHook(vonageSecrets(world)));
    expect(said?.report).toEqual({ status: 'undelivered', reason: 'opted-out' });
  });
});
