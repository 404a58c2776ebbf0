// Owns the proof that the vendor's own SDK takes the Genesys twin for Genesys Cloud: login, queues, attributes, transfer,
// conversation, open messaging and notifications, over real HTTP and a real WebSocket.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import platform from 'purecloud-platform-client-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Clock } from '../../src/clock.ts';
import { type ListeningGenesysTwin, startGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

describe('the official SDK against the Genesys twin', () => {
  let twin: ListeningGenesysTwin;
  let client: InstanceType<typeof platform.ApiClientClass>;

  beforeAll(async () => {
    twin = await startGenesysTwin({ clock, settleMs: 40 });
    client = new platform.ApiClientClass();
    client.config.live_reload_config = false;
    client.setGateway({ protocol: 'http', host: '127.0.0.1', port: twin.port });
    await client.loginClientCredentialsGrant('twin-client', 'twin-secret');
  });
  afterAll(async () => {
    await twin.close();
  });

  it('refuses wrong credentials in the words the vendor uses', async () => {
    const other = new platform.ApiClientClass();
    other.config.live_reload_config = false;
    other.setGateway({ protocol: 'http', host: '127.0.0.1', port: twin.port });
    await expect(other.loginClientCredentialsGrant('twin-client', 'wrong')).rejects.toMatchObject({
      response: { status: 401, data: { error: 'invalid_client' } },
    });
  });

  it('signs a person in by code with PKCE, and knows them and the client by their token', async () => {
    const agent = twin.organisation.addAgent({ name: 'Sam', queueIds: new Set(), answers: 'manual', afterMs: 0 });
    const person = new platform.ApiClientClass();
    person.config.live_reload_config = false;
    person.setGateway({ protocol: 'http', host: '127.0.0.1', port: twin.port });
    const verifier = person.generatePKCECodeVerifier(128);
    const redirectUri = 'http://localhost:4400/card/signed-in';
    const form = new URLSearchParams({
      client_id: 'twin-card',
      redirect_uri: redirectUri,
      code_challenge: await person.computePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      response_type: 'code',
      agent: agent.id,
    });
    const chosen = await fetch(`${twin.url}/oauth/authorize`, { method: 'POST', body: form, redirect: 'manual' });
    const code = new URL(chosen.headers.get('location') ?? '').searchParams.get('code') ?? '';
    await person.authorizePKCEGrant('twin-card', verifier, code, redirectUri);
    expect(await new platform.UsersApi(person).getUsersMe()).toMatchObject({ id: agent.id, name: 'Sam' });
    expect(await new platform.TokensApi(person).getTokensMe()).toMatchObject({ OAuthClient: { id: 'twin-card' } });
  });

  it('lists the queues the client can see, and not the others', async () => {
    const queues = await new platform.RoutingApi(client).getRoutingQueues({ pageSize: 100 });
    const names = queues.entities?.map((queue) => queue.name);
    expect(names).toContain('BillingDisputes_Tier2');
    expect(names).not.toContain('Collections_Private');
  });

  it('says which divisions the client may see', async () => {
    const api = new platform.AuthorizationApi(client);
    const divisions = await api.getAuthorizationDivisionspermittedMe('routing:queue:view');
    expect(divisions.map((each) => each.name)).toEqual(['Home']);
  });

  it('patches attributes, replaces the bot and sees the customer arrive in the queue, told so by the socket', async () => {
    const conversations = new platform.ConversationsApi(client);
    const routing = new platform.RoutingApi(client);
    const notifications = new platform.NotificationsApi(client);
    const queue = (await routing.getRoutingQueues({ name: 'General_Support' })).entities?.[0];
    const queueId = queue?.id ?? '';
    const channel = await notifications.postNotificationsChannels();
    const socket = new WebSocket(channel.connectUri ?? '');
    await once(socket, 'open');
    const pushed: { topicName: string; eventBody: { id: string } }[] = [];
    socket.on('message', (data) => pushed.push(JSON.parse(String(data))));
    const topic = `v2.routing.queues.${queueId}.conversations`;
    const topics = await notifications.putNotificationsChannelSubscriptions(channel.id ?? '', [{ id: topic }]);
    expect(topics.entities?.[0]).toMatchObject({ id: topic, state: 'Permitted' });

    const { id } = twin.conversations.create({ media: 'message', from: 'guest-1', to: 'deployment' });
    const before = await conversations.getConversation(id);
    const customer = before.participants.find((each) => each.purpose === 'customer')?.id ?? '';
    const bot = before.participants.find((each) => each.purpose === 'botflow')?.id ?? '';
    await conversations.patchConversationsMessageParticipantAttributes(id, customer, {
      body: { attributes: { intent: 'billing_dispute' } },
    });
    await conversations.putConversationTags(id, { externalTag: 'our-id' });
    await conversations.postConversationParticipantReplaceQueue(id, bot, { queueId });

    await expect
      .poll(async () => (await conversations.getConversation(id)).recentTransfers?.at(0)?.state)
      .toBe('Complete');
    const after = await conversations.getConversation(id);
    expect(after.externalTag).toBe('our-id');
    expect(after.participants.find((each) => each.id === customer)?.attributes).toEqual({ intent: 'billing_dispute' });
    expect(after.participants.find((each) => each.id === bot)?.endTime).toBeDefined();
    const waiting = after.participants.find((each) => each.purpose === 'acd');
    expect(waiting).toMatchObject({ queueId, queueName: 'General_Support' });
    expect(waiting?.endTime).toBeUndefined();
    await expect.poll(() => pushed.some((each) => each.topicName === topic && each.eventBody.id === id)).toBe(true);

    const flattened = await conversations.getConversationsMessage(id);
    expect(flattened.participants?.find((each) => each.purpose === 'customer')?.state).toBe('connected');
    socket.close();
  });

  it('asks a number into a call, sees its user busy, and hands the customer over by leaving', async () => {
    const conversations = new platform.ConversationsApi(client);
    const users = new platform.UsersApi(client);
    const support = twin.organisation.queueByName('General_Support');
    const { id } = twin.conversations.create({ media: 'call', from: 'tel:+14155551234', to: 'tel:1', queue: support });
    const conversation = twin.conversations.get(id);
    if (conversation === undefined) throw new Error('the twin has lost the conversation');
    twin.conversations.answer(conversation);
    const agent = conversation.participants.findLast((each) => each.purpose === 'agent');
    const [userId = '', pid = '', communication = ''] = [agent?.agent?.id, agent?.id, agent?.communicationId];
    expect(await users.getUser(userId, { expand: ['routingStatus'] })).toMatchObject({
      routingStatus: { status: 'INTERACTING' },
    });
    expect(await users.getUserRoutingstatus(userId)).toMatchObject({ userId, status: 'INTERACTING' });
    await conversations.putConversationsCallParticipantCommunicationUuidata(id, pid, communication, {
      uuiData: 'token',
    });
    const { destinationParticipantId } = await conversations.postConversationsCallParticipantVoiceConsult(id, pid, {
      speakTo: 'DESTINATION',
      consultingUserId: userId,
      address: '+15055551234',
    });
    const asked = async () =>
      (await conversations.getConversation(id)).participants.find((each) => each.id === destinationParticipantId);
    await expect.poll(async () => (await asked())?.calls?.[0]?.state).toBe('connected');
    await conversations.patchConversationsCallParticipantConsult(id, pid, { speakTo: 'BOTH' });
    await conversations.patchConversationsCallParticipant(id, pid, { state: 'disconnected' });
    const after = await conversations.getConversation(id);
    expect(after.endTime).toBeUndefined();
    expect(after.participants.find((each) => each.id === pid)?.calls?.[0]?.disconnectType).toBe('transfer.consult');
    expect((await asked())?.endTime).toBeUndefined();
  });

  it('sets up open messaging, puts a customer’s message in, and posts what an agent writes, signed', async () => {
    const conversations = new platform.ConversationsApi(client);
    const posts: { readonly signature: string | undefined; readonly raw: string }[] = [];
    const middleware = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const signature = request.headers['x-hub-signature-256'];
        posts.push({ signature: String(signature), raw: Buffer.concat(chunks).toString('utf8') });
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(middleware, 'listening');
    const { port } = middleware.address() as AddressInfo;
    const secret = 'a-secret-of-enough-letters';
    const { id: integrationId } = await conversations.postConversationsMessagingIntegrationsOpen({
      name: 'Web chat',
      outboundNotificationWebhookUrl: `http://127.0.0.1:${port}/hook`,
      outboundNotificationWebhookSignatureSecretToken: secret,
    });
    const from = { id: 'chat-1.1', idType: 'Opaque', nickname: 'Jo' };
    const time = new Date().toISOString();
    // The SDK's types leave the attributes out, and its client sends them.
    const metadata = { customAttributes: { queueName: 'General_Support' } } as object;
    const taken = await conversations.postConversationsMessageInboundOpenMessage(
      integrationId,
      { channel: { from, time, messageId: 'm-1', metadata }, text: 'Hello' },
      { prefetchConversationId: true },
    );
    const id = taken.conversationId ?? '';
    const waiting = async () =>
      (await conversations.getConversation(id)).participants.find((each) => each.purpose === 'acd')?.queueName;
    await expect.poll(waiting).toBe('General_Support');
    await conversations.postConversationsMessageInboundOpenEvent(integrationId, {
      channel: { from, time },
      events: [{ eventType: 'Typing' }],
    });
    const conversation = twin.conversations.get(id);
    if (conversation === undefined) throw new Error('the twin has lost the conversation');
    twin.conversations.answer(conversation);
    const agent = (await conversations.getConversation(id)).participants.findLast((each) => each.purpose === 'agent');
    const communication = agent?.messages?.[0]?.id ?? '';
    const sent = await conversations.postConversationsMessageCommunicationMessages(id, communication, {
      textBody: 'How can I help?',
    });
    await expect.poll(() => posts.length).toBe(2);
    const [, text] = posts;
    expect(JSON.parse(text?.raw ?? '')).toMatchObject({ id: sent.id, text: 'How can I help?', direction: 'Outbound' });
    expect(text?.signature).toBe(
      `sha256=${createHmac('sha256', secret)
        .update(text?.raw ?? '')
        .digest('base64')}`,
    );
    await conversations.postConversationsMessageInboundOpenReceipt(integrationId, {
      id: sent.id ?? '',
      channel: { to: { id: from.id }, time },
      status: 'Delivered',
    });
    const read = await conversations.getConversationsMessageMessage(id, sent.id ?? '');
    expect(read).toMatchObject({ status: 'delivery-success', messengerType: 'open' });
    middleware.close();
  });

  it('rejects with an ErrorBody when the participant to replace has left', async () => {
    const conversations = new platform.ConversationsApi(client);
    const { id } = twin.conversations.create({ media: 'call', from: 'tel:+14155551234', to: 'tel:+18005550100' });
    const ivr = (await conversations.getConversation(id)).participants.find((each) => each.purpose === 'ivr')?.id ?? '';
    await conversations.postConversationDisconnect(id);
    const again = conversations.postConversationParticipantReplaceQueue(id, ivr, { queueName: 'General_Support' });
    await expect(again).rejects.toMatchObject({ status: 409, code: 'conflict' });
  });
});
