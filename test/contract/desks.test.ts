// Runs the desks' contract against the Genesys twin's open messaging and the CXone twin's own channel: ports, tokens, signatures, both ways.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeskNews, OfferedFile } from '../../src/context/desk-news.ts';
import type { AgentId, PlatformName } from '../../src/ids.ts';
import { machineClock as clock } from '../../src/machine-clock.ts';
import { cxonePlatform } from '../../src/platforms/cxone/cxone-platform.ts';
import { ownChannelDesk, readOwnChannelPost } from '../../src/platforms/cxone/own-channel.ts';
import { genesysPlatform } from '../../src/platforms/genesys/genesys-platform.ts';
import {
  openMessagingDesk,
  openMessagingVerifier,
  readOpenMessage,
} from '../../src/platforms/genesys/open-messaging.ts';
import { startCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { DEMO_ACCESS_KEY, DEMO_CXONE_CLIENT, OWN_CHANNEL } from '../../src/twins/cxone/tenant.ts';
import { startGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { OPEN_INTEGRATION_ID } from '../../src/twins/genesys/open-integrations.ts';
import { DEMO_CLIENT } from '../../src/twins/genesys/organisation.ts';
import { type DeskStage, deskContract } from './desk.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a client in another language reads them
type Loose = any;
const SECRET = 'a-secret-of-enough-letters';
const linkTo = ({ ref }: { readonly ref: string }) => `https://us.example/c/files/${ref}`;

/** Our side of it: what `take` answers to each post. */
async function ourEnd(take: (path: string, headers: Headers, raw: Uint8Array) => readonly [number, object]) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const headers = new Headers(request.headers as Record<string, string>);
      const [status, body] = take(request.url ?? '', headers, Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, close };
}

async function ask(method: string, url: string, body?: object): Promise<Loose> {
  const answer = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** What is the same at both twins' control surfaces. */
function controls(twin: string, news: readonly DeskNews[], messagePath: string) {
  const agents: AgentId[] = [];
  return {
    agentIds: () => agents,
    async fault(fault: string) {
      await ask('POST', `${twin}/twin/faults`, { match: { method: 'POST', path: messagePath }, fault, times: 1 });
    },
    async talk(id: string, name: string, text: string, files: readonly OfferedFile[] = [], content?: object) {
      const { agentId } = await ask('POST', `${twin}/twin/agents`, { name, queues: [], answers: 'manual' });
      agents.push(String(agentId) as AgentId);
      await ask('POST', `${twin}/twin/conversations/${id}/answer`, { agentId: String(agentId) });
      await ask('POST', `${twin}/twin/conversations/${id}/say`, { ...(content ? { content } : { text }), files });
      while (!news.some((one) => one.kind === 'said' && one.text === text)) await clock.sleep(10);
      await ask('POST', `${twin}/twin/conversations/${id}/close`);
      return news;
    },
  };
}

async function genesysStage(): Promise<DeskStage> {
  const news: DeskNews[] = [];
  const verify = openMessagingVerifier([SECRET]);
  const ours = await ourEnd((_path, headers, raw) => {
    if (!verify(headers, raw)) return [401, {}];
    news.push(readOpenMessage(JSON.parse(Buffer.from(raw).toString('utf8'))));
    return [200, {}];
  });
  const openMessaging = { webhookUrl: `${ours.url}/hook`, secret: SECRET };
  const twin = await startGenesysTwin({ clock, settleMs: 20, openMessaging });
  const platform = genesysPlatform({
    name: 'genesys_cloud' as PlatformName,
    loginUrl: twin.url,
    apiUrl: twin.url,
    clientId: DEMO_CLIENT.clientId,
    clientSecret: DEMO_CLIENT.clientSecret,
    clock,
    rateLimitPerMinute: 300,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    settleMs: 1_000,
  });
  const { line, resolveQueue } = platform;
  return {
    ...controls(twin.url, news, '/inbound/open/message'),
    desk: openMessagingDesk({ line, resolveQueue, integrationId: OPEN_INTEGRATION_ID, linkTo }),
    queueName: 'BillingDisputes_Tier2',
    attributes: { interactionId: 'i-1', intent: 'billing_dispute', agentContextSummary: 'Intent: billing.' },
    count: () => [...twin.conversations.all()].length,
    async see(id) {
      const { holder, queue, ...seen } = await ask('GET', `${twin.url}/twin/conversations/${id}`);
      const { attributes, messages, typings } = seen;
      return { holder, queueName: queue?.name ?? null, attributes, messages, typings };
    },
    async [Symbol.asyncDispose]() {
      await platform.close();
      await twin.close();
      ours.close();
    },
  };
}

async function cxoneStage(form: 'posts' | 'outbound'): Promise<DeskStage> {
  const news: DeskNews[] = [];
  const ours = await ourEnd((path, headers, raw) => {
    if (path === '/token') return [200, { access_token: 'a-token-of-ours', expires_in: 3_600 }];
    if (headers.get('authorization') !== 'Bearer a-token-of-ours') return [401, {}];
    const read = readOwnChannelPost(JSON.parse(Buffer.from(raw).toString('utf8')));
    news.push(read);
    return read.kind === 'said' ? [200, { idOnExternalPlatform: read.id }] : [400, {}];
  });
  const byoc = { box: ours.url, authorizationUrl: `${ours.url}/token`, clientId: 'box', clientSecret: SECRET, form };
  const twin = await startCxoneTwin({ clock, settleMs: 20, byoc });
  const platform = cxonePlatform({
    ...DEMO_ACCESS_KEY,
    name: 'nice_cxone' as PlatformName,
    issuerUrl: twin.url,
    login: { kind: 'central', ...DEMO_CXONE_CLIENT },
    digitalUrl: twin.url,
    apiVersion: 'v30.0',
    clock,
    rateLimitPerMinute: 600,
    attributeValueBytes: 256,
    settleMs: 1_000,
    letGoBy: 'TRANSFER',
  });
  const { line, resolveQueue } = platform;
  return {
    ...controls(twin.url, news, `/channels/${OWN_CHANNEL}/messages`),
    desk: ownChannelDesk({ line, resolveQueue, channelId: OWN_CHANNEL, linkTo }),
    queueName: 'BillingDisputes_Tier2_Digital',
    rich: {
      content: {
        type: 'LIST_PICKER',
        payload: {
          title: { content: 'Your bills' },
          text: { content: 'Which one?' },
          actions: [{ type: 'REPLY_BUTTON', text: 'March', postback: 'm', description: '12.50' }],
        },
        fallbackText: 'Your bills',
      },
      reads: 'Your bills\nWhich one?\n- March: 12.50',
    },
    attributes: { interactionId: 'i-1', intent: 'billing_dispute', agentContextSummary: 'Intent: billing.' },
    count: () => [...twin.digital.cases()].length,
    async see(id) {
      const { holder, skill, customFields, messages } = await ask('GET', `${twin.url}/twin/conversations/${id}`);
      // The platform has no path by which a customer could be shown to write, so there is nothing to count.
      return { holder, queueName: skill?.name ?? skill ?? null, attributes: customFields, messages, typings: 0 };
    },
    async [Symbol.asyncDispose]() {
      await platform.close();
      await twin.close();
      ours.close();
    },
  };
}

deskContract('Genesys Cloud by open messaging', genesysStage);
deskContract('NICE CXone by a channel of our own, posted to by thread', () => cxoneStage('posts'));
deskContract('NICE CXone by a channel of our own, posted to by channel', () => cxoneStage('outbound'));
