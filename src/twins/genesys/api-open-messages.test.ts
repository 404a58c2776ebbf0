// Tests open messaging as a middleware meets it (dev-center, "Open messaging"): messages in, which a flow routes; what agents write out, signed;
// receipts, typing, retries; and what is refused.

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { driveTwin } from '../../../test/twins/twin-driver.ts';
import { OPEN_INTEGRATION_ID } from './open-integrations.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a client in another language reads them
type Loose = any;
const SECRET = 'a-secret-of-enough-letters';
const BASE = '/api/v2/conversations/messages';
const IN = `${BASE}/${OPEN_INTEGRATION_ID}/inbound/open`;
const TIER2 = { id: '5f1c0a10-0002-4a00-8a00-000000000002', name: 'BillingDisputes_Tier2' };

/** A middleware that keeps what it is sent, answering with each of `statuses` in turn and 200 after them; null hangs. */
async function stage(statuses: (number | null)[] = []) {
  const posts: { at: number; body: Loose; raw: string; headers: Headers }[] = [];
  const middleware = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const raw = String(init?.body);
    posts.push({ at: driver.clock.now(), body: JSON.parse(raw), raw, headers: new Headers(init?.headers) });
    const status = statuses.length > 0 ? statuses.shift() : 200;
    if (status === null)
      return new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('cut'))));
    return new Response('', { status: status ?? 200 });
  };
  const openMessaging = { webhookUrl: 'https://middleware.example/hook', secret: SECRET };
  const driver = await driveTwin({ settleMs: 100, openMessaging, fetch: middleware as typeof fetch });
  const agent = async (more: object = {}) =>
    (await driver.control<Loose>('POST', '/agents', { name: 'Ana Ruiz', queues: [TIER2.name], ...more })).body.agentId;
  const say = (id: string, text: string, { from = 'chat-1.1', metadata = {} as object, query = '' } = {}) => {
    const channel = {
      from: { id: from, idType: 'Opaque', nickname: 'Jo' },
      time: new Date(driver.clock.now()),
      messageId: id,
    };
    return driver.api<Loose>('POST', `${IN}/message${query}`, { channel: { ...channel, ...metadata }, text });
  };
  const begin = (text = 'Hello', more: object = {}) => {
    const customAttributes = { intent: 'billing_dispute', queueName: TIER2.name, queueId: TIER2.id };
    return say('m-1', text, {
      metadata: { metadata: { customAttributes } },
      query: '?prefetchConversationId=true',
      ...more,
    });
  };
  const view = async (id: string) => (await driver.control<Loose>('GET', `/conversations/${id}`)).body;
  const act = (id: string, word: string, body: object = {}) =>
    driver.control<Loose>('POST', `/conversations/${id}/${word}`, body);
  const said = () => posts.filter(({ body }) => body.type === 'Text').map(({ body }) => body.text);
  return { ...driver, posts, agent, say, begin, view, act, said };
}

describe('a message that comes in', () => {
  it('makes a conversation with its attributes, whose flow finds the queue by name, and is answered with its id where asked', async () => {
    const { begin, clock, view, say, api } = await stage();
    const { status, body } = await begin();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.any(String),
      channel: {
        id: OPEN_INTEGRATION_ID,
        platform: 'Open',
        type: 'Private',
        messageId: 'm-1',
        to: { id: OPEN_INTEGRATION_ID },
        from: { id: 'chat-1.1', idType: 'Opaque', nickname: 'Jo' },
      },
      type: 'Text',
      text: 'Hello',
      conversationId: expect.any(String),
    });
    const id = body.conversationId;
    expect(await view(id)).toMatchObject({ holder: 'bot', messageType: 'open' });
    await clock.advance(100);
    expect(await view(id)).toMatchObject({
      holder: 'queue',
      queue: TIER2,
      attributes: { intent: 'billing_dispute' },
      messages: [{ direction: 'inbound', text: 'Hello', status: 'received', idOfCustomersSide: 'm-1' }],
    });
    const next = await say('m-2', 'Are you there?');
    expect(next.body).not.toHaveProperty('conversationId');
    expect((await view(id)).messages).toHaveLength(2);
    const wire = await api<Loose>('GET', `/api/v2/conversations/${id}`);
    const customer = wire.body.participants.find(({ purpose }: Loose) => purpose === 'customer');
    expect(customer).toMatchObject({ name: 'Jo', messages: [{ type: 'open', messages: [{}, {}] }] });
    const [first] = customer.messages[0].messages;
    expect((await api<Loose>('GET', first.messageURI)).body).toMatchObject({
      providerMessageId: 'm-1',
      direction: 'inbound',
      messengerType: 'open',
      normalizedMessage: { text: 'Hello' },
    });
    expect((await api<Loose>('GET', `${BASE}/${first.messageId}/details`)).body.conversationId).toBe(id);
    const many = await api<Loose>('POST', `${BASE}/${id}/messages/bulk`, [first.messageId]);
    expect(many.body.entities.map(({ id }: Loose) => id)).toEqual([first.messageId]);
  });

  it('goes to the default queue where its attributes name none', async () => {
    const { say, clock, view } = await stage();
    const { body } = await say('m-1', 'Hello', { query: '?prefetchConversationId=true' });
    await clock.advance(100);
    expect(await view(body.conversationId)).toMatchObject({ holder: 'queue', queue: { name: 'General_Support' } });
  });

  it('is told to be published, and is a conversation of its own for another customer', async () => {
    const { begin, clock, posts } = await stage();
    const [one, two] = [await begin(), await begin('Hello', { from: 'chat-2.1' })];
    expect(one.body.conversationId).not.toBe(two.body.conversationId);
    await clock.advance(10);
    expect(posts.map(({ body }) => [body.type, body.status, body.channel.to.id])).toEqual([
      ['Receipt', 'Published', 'chat-1.1'],
      ['Receipt', 'Published', 'chat-2.1'],
    ]);
  });

  it('goes on in the conversation that the agent has left as long as the threading timeline says', async () => {
    const { begin, say, clock, act, view, api } = await stage();
    const { body } = await begin();
    const id = body.conversationId;
    await clock.advance(100);
    await act(id, 'answer');
    await act(id, 'close');
    expect(await view(id)).toMatchObject({ holder: 'none', ended: false });
    await say('m-2', 'One more thing');
    await clock.advance(100);
    expect(await view(id)).toMatchObject({ holder: 'queue', messages: [{}, {}] });
    await act(id, 'answer');
    await act(id, 'close');
    const none = { settings: [{ messengerType: 'Open', timeoutInMinutes: 0 }] };
    expect((await api('PUT', '/api/v2/conversations/messaging/threadingtimeline', none)).status).toBe(200);
    await say('m-3', 'And another');
    expect((await view(id)).messages).toHaveLength(2);
  });

  it.each([
    [{ text: 'x' }],
    [{ channel: { from: { id: 'c' }, time: '2026-01-01T00:00:00Z' }, text: 'x' }],
    [{ channel: { from: { id: '', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' }, text: 'x' }],
    [{ channel: { from: { id: 'c', idType: 'Opaque' }, time: 'now' }, text: 'x' }],
    [{ channel: { from: { id: 'c', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' } }],
    [{ channel: { from: { id: 'c', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' }, text: 7 }],
    [{ channel: { from: { id: 'c', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' }, content: [{}] }],
    [{ channel: { from: { id: 'c', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' }, text: 'x', metadata: { a: 1 } }],
    [
      {
        channel: { from: { id: 'c', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' },
        text: 'x',
        customAttributes: {},
      },
    ],
    [
      {
        channel: {
          from: { id: 'c', idType: 'Opaque' },
          time: '2026-01-01T00:00:00Z',
          metadata: { customAttributes: { a: 1 } },
        },
        text: 'x',
      },
    ],
    ['text'],
  ])('is refused where it is not of the published model: %j', async (body) => {
    const { api, twin } = await stage();
    expect(await api('POST', `${IN}/message`, body)).toMatchObject({ status: 400, body: { code: 'bad.request' } });
    expect([...twin.conversations.all()]).toEqual([]);
  });

  it('is not found at an integration that is unknown, and brings files along by link', async () => {
    const { api, view } = await stage();
    const channel = { from: { id: 'c', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' };
    expect((await api('POST', `${BASE}/nowhere/inbound/open/message`, { channel, text: 'x' })).status).toBe(404);
    const attachment = {
      mediaType: 'File',
      url: 'https://us.example/f',
      mime: 'application/pdf',
      filename: 'bill.pdf',
    };
    const { body } = await api<Loose>('POST', `${IN}/message?prefetchConversationId=true`, {
      channel,
      content: [{ attachment }],
    });
    expect(body).toMatchObject({ type: 'Structured', content: [{ contentType: 'Attachment', attachment }] });
    expect((await view(body.conversationId)).messages).toMatchObject([{ text: '', attachments: ['bill.pdf'] }]);
  });
});

describe('what an agent writes', () => {
  it('is posted in the documented form, signed over its very bytes, and names the integration and not the agent', async () => {
    const { begin, agent, clock, act, posts, view } = await stage();
    await agent({ answers: 'manual' });
    const { body } = await begin();
    const id = body.conversationId;
    expect((await act(id, 'say', { text: 'Too early' })).status).toBe(409);
    await clock.advance(100);
    await act(id, 'answer');
    await act(id, 'typing');
    expect((await act(id, 'say', { text: 'How can I help, Zoë?' })).status).toBe(200);
    await clock.advance(10);
    const [event, message] = posts.filter(({ body }) => body.type !== 'Receipt');
    expect(event?.body).toMatchObject({
      type: 'Event',
      events: [{ eventType: 'Typing', typing: { type: 'On' } }],
      direction: 'Outbound',
    });
    expect(message?.body).toEqual({
      id: expect.any(String),
      channel: {
        id: OPEN_INTEGRATION_ID,
        platform: 'Open',
        type: 'Private',
        messageId: message?.body.id,
        to: { id: 'chat-1.1', idType: 'Opaque' },
        from: { nickname: 'Web chat', id: OPEN_INTEGRATION_ID, idType: 'Opaque' },
        time: expect.any(String),
      },
      type: 'Text',
      text: 'How can I help, Zoë?',
      originatingEntity: 'Human',
      direction: 'Outbound',
    });
    const signature = createHmac('sha256', SECRET)
      .update(Buffer.from(message?.raw ?? ''))
      .digest('base64');
    expect(message?.headers.get('x-hub-signature-256')).toBe(`sha256=${signature}`);
    expect((await view(id)).messages.at(-1)).toMatchObject({
      author: 'Ana Ruiz',
      status: 'sent',
      direction: 'outbound',
    });
    expect((await act(id, 'say', {})).status).toBe(400);
  });

  it('goes by the communication that is the agent’s, under their own token or the application’s', async () => {
    const { begin, agent, clock, act, api, twin, said } = await stage();
    const agentId = await agent({ answers: 'manual' });
    const { body } = await begin();
    const id = body.conversationId;
    await clock.advance(100);
    const participants = async () => (await api<Loose>('GET', `/api/v2/conversations/${id}`)).body.participants;
    const communication = async (purpose: string) =>
      (await participants()).findLast((each: Loose) => each.purpose === purpose).messages[0].id;
    const path = async (purpose: string, word = 'messages') =>
      `${BASE}/${id}/communications/${await communication(purpose)}/${word}`;
    expect((await api('POST', await path('agent'), { textBody: 'Hello' })).status).toBe(409);
    await act(id, 'answer', { agentId });
    expect(await api<Loose>('POST', await path('agent'), { textBody: 'Hello' })).toMatchObject({
      status: 202,
      body: { conversationId: id, direction: 'outbound', status: 'queued' },
    });
    expect((await api('POST', await path('agent', 'typing'), { typing: { type: 'On' } })).status).toBe(202);
    expect((await api('POST', await path('agent'), { textBody: '' })).status).toBe(400);
    expect((await api('POST', await path('customer'), { textBody: 'x' })).status).toBe(404);
    expect((await api('POST', `${BASE}/nowhere/communications/x/messages`, { textBody: 'x' })).status).toBe(404);
    expect(twin.organisation.agent(agentId)?.live).toBe(1);
    await clock.advance(10);
    expect(said()).toEqual(['Hello']);
  });

  it('is sent again five times, five seconds apart, after a time-out, 429 or 5xx, and then given up', async () => {
    const { begin, clock, act, posts, view, agent } = await stage();
    await agent({ afterMs: 0 });
    const { body } = await begin();
    await clock.advance(200);
    const lost = await stage([200, null, 500, 429, 503, 200]);
    await lost.agent({ afterMs: 0 });
    const begun = await lost.begin();
    await lost.clock.advance(200);
    await lost.act(begun.body.conversationId, 'say', { text: 'Hello' });
    await lost.clock.advance(60_000);
    const tries = lost.posts.filter(({ body }) => body.type === 'Text');
    expect(tries.map(({ at }) => at - (tries[0]?.at ?? 0))).toEqual([0, 15_000, 20_000, 25_000, 30_000]);
    expect(new Set(tries.map(({ raw }) => raw)).size).toBe(1);
    expect((await lost.view(begun.body.conversationId)).messages.at(-1).status).toBe('sent');
    await act(body.conversationId, 'say', { text: 'x' });
    await clock.advance(10);
    expect(posts.filter(({ body }) => body.type === 'Text')).toHaveLength(1);
    expect((await view(body.conversationId)).messages.at(-1).status).toBe('sent');
  });

  it.each([
    [[200, 500, 500, 500, 500, 500, 500, 500], 6],
    [[200, 400], 1],
    [[200, 401], 1],
  ] as const)('fails where the middleware answers %j, after %i tries', async (statuses, tries) => {
    const { begin, clock, act, agent, posts, view } = await stage([...statuses]);
    await agent({ afterMs: 0 });
    const { body } = await begin();
    await clock.advance(200);
    await act(body.conversationId, 'say', { text: 'Hello' });
    await clock.advance(120_000);
    expect(posts.filter(({ body }) => body.type === 'Text')).toHaveLength(tries);
    expect((await view(body.conversationId)).messages.at(-1).status).toBe('delivery-failed');
  });

  it('meets the faults of events: not sent, sent twice, sent late', async () => {
    const { begin, clock, act, agent, said, control } = await stage();
    await agent({ afterMs: 0 });
    const { body } = await begin();
    const id = body.conversationId;
    await clock.advance(200);
    const fault = (name: string) =>
      control('POST', '/faults', { match: { path: `open-messaging.${id}.Text` }, fault: name, times: 1 });
    await fault('drop-event');
    await act(id, 'say', { text: 'lost' });
    await fault('repeat-event');
    await act(id, 'say', { text: 'twice' });
    await clock.advance(100);
    await fault('reorder-events');
    await act(id, 'say', { text: 'late' });
    await act(id, 'say', { text: 'early' });
    await clock.advance(2_000);
    expect(said()).toEqual(['twice', 'twice', 'early', 'late']);
  });

  it('changes with the receipts that the middleware sends, which name what was sent', async () => {
    const { begin, clock, act, agent, api, view } = await stage();
    await agent({ afterMs: 0 });
    const { body } = await begin();
    const id = body.conversationId;
    await clock.advance(200);
    await act(id, 'say', { text: 'Hello' });
    await clock.advance(10);
    const newest = async () => (await view(id)).messages.at(-1);
    const channel = { to: { id: 'chat-1.1' }, time: '2026-01-01T00:00:00Z' };
    const receipt = async (status: string, of?: string) =>
      api('POST', `${IN}/receipt`, { id: of ?? (await newest()).id, channel, status, isFinalReceipt: true });
    expect((await receipt('Delivered')).status).toBe(200);
    expect((await newest()).status).toBe('delivery-success');
    expect((await receipt('Failed')).body).toMatchObject({ type: 'Receipt', status: 'Failed', isFinalReceipt: true });
    expect((await newest()).status).toBe('delivery-failed');
    expect((await receipt('Read')).status).toBe(400);
    expect((await receipt('Delivered', 'unknown')).status).toBe(404);
  });
});

describe('a customer who writes at a message', () => {
  it('is seen to, kept nowhere, and nothing but typing is taken', async () => {
    const { begin, api, view } = await stage();
    const { body } = await begin();
    const channel = { from: { id: 'chat-1.1', idType: 'Opaque' }, time: '2026-01-01T00:00:00Z' };
    const event = (events: object[]) => api('POST', `${IN}/event`, { channel, events });
    expect(await event([{ eventType: 'Typing' }])).toMatchObject({ status: 200, body: { type: 'Event' } });
    expect(await view(body.conversationId)).toMatchObject({ typings: 1, messages: [{}] });
    expect((await event([{ eventType: 'Presence' }])).status).toBe(400);
    expect((await event([])).status).toBe(400);
  });
});

describe('an agent who talks by themselves', () => {
  it('greets with what came along, answers, and leaves after the goodbye; the customer stays', async () => {
    const { begin, say, clock, agent, view, said } = await stage();
    await agent({ afterMs: 0, talks: true });
    const { body } = await begin();
    await clock.advance(2_000);
    expect(said()).toEqual([expect.stringMatching(/^Hello, this is Ana\. .*billing dispute/)]);
    await say('m-2', 'I was charged twice');
    await clock.advance(5_000);
    expect(said()).toHaveLength(3);
    await say('m-3', 'No, thank you');
    await clock.advance(5_000);
    expect(said().at(-1)).toBe('You are welcome. Goodbye!');
    expect(await view(body.conversationId)).toMatchObject({ holder: 'none', ended: false });
    expect((await view(body.conversationId)).messages).toHaveLength(7);
  });

  it('says nothing in conversations that are no open messages', async () => {
    const { control, clock, said, agent, posts } = await stage();
    await agent({ afterMs: 0, talks: true });
    await control('POST', '/conversations', { channel: 'voice', from: '+14155550100', queue: TIER2.name });
    await clock.advance(5_000);
    expect([said(), posts]).toEqual([[], []]);
  });
});

describe('an integration', () => {
  const LIST = '/api/v2/conversations/messaging/integrations/open';
  const asked = {
    name: 'Our middleware',
    outboundNotificationWebhookUrl: 'https://other.example/hook',
    outboundNotificationWebhookSignatureSecretToken: 'another-secret-of-ours',
    webhookHeaders: { 'x-tenant': 'one' },
  };

  it('is set up, read, changed and removed by the vendor’s paths, and posts to where it says', async () => {
    const { api, clock, posts } = await stage();
    const made = await api<Loose>('POST', LIST, asked);
    expect(made).toMatchObject({ status: 200, body: { ...asked, status: 'Active', id: expect.any(String) } });
    const { id } = made.body;
    expect((await api<Loose>('GET', LIST)).body.entities.map((each: Loose) => each.id)).toEqual([
      OPEN_INTEGRATION_ID,
      id,
    ]);
    const channel = { from: { id: 'c', idType: 'Email' }, time: '2026-01-01T00:00:00Z' };
    await api('POST', `${BASE}/${id}/inbound/open/message`, { channel, text: 'Hello' });
    await clock.advance(10);
    expect(posts.at(-1)?.headers.get('x-tenant')).toBe('one');
    const signature = createHmac('sha256', 'another-secret-of-ours')
      .update(posts.at(-1)?.raw ?? '')
      .digest('base64');
    expect(posts.at(-1)?.headers.get('x-hub-signature-256')).toBe(`sha256=${signature}`);
    expect((await api<Loose>('PATCH', `${LIST}/${id}`, { name: 'Renamed' })).body).toMatchObject({
      ...asked,
      name: 'Renamed',
    });
    expect((await api('DELETE', `${LIST}/${id}`)).status).toBe(204);
    expect((await api('GET', `${LIST}/${id}`)).status).toBe(404);
  });

  it.each([
    [{}],
    [{ ...asked, outboundNotificationWebhookSignatureSecretToken: 'fifteen-letters' }],
    [{ ...asked, outboundNotificationWebhookUrl: 'nowhere' }],
    [{ ...asked, webhookHeaders: { a: 1 } }],
  ])('is refused: %j', async (body) => {
    const { api } = await stage();
    expect((await api('POST', LIST, body)).status).toBe(400);
  });

  it('has a threading timeline of 72 hours at most', async () => {
    const { api } = await stage();
    const path = '/api/v2/conversations/messaging/threadingtimeline';
    expect((await api<Loose>('GET', path)).body).toMatchObject({
      settings: [{ messengerType: 'Open', timeoutInMinutes: 4_320 }],
    });
    for (const timeoutInMinutes of [-1, 4_321])
      expect((await api('PUT', path, { settings: [{ messengerType: 'Open', timeoutInMinutes }] })).status).toBe(400);
  });
});
