import { describe, expect, it } from 'vitest';
import { type CxoneDriver, driveCxone } from '../../../test/twins/cxone-driver.ts';
import type { CxoneTwinOptions } from './cxone-twin.ts';

const OWN = '/channels/byoc_throughline/messages';

function message(more: object = {}) {
  return {
    idOnExternalPlatform: 'm-1',
    direction: 'inbound',
    createdAtWithMilliseconds: '2026-01-01T00:00:00.000Z',
    thread: { idOnExternalPlatform: 'thread-1' },
    messageContent: { type: 'TEXT', payload: { text: 'My card was charged twice' } },
    authorEndUserIdentity: { idOnExternalPlatform: 'guest-1', firstName: 'Ada', lastName: 'Byron' },
    ...more,
  };
}

async function opened(more: object = {}, options: Partial<CxoneTwinOptions> = {}) {
  const driver = await driveCxone(options);
  const { status, body } = await driver.dfo('POST', OWN, message(more));
  expect(status).toBe(201);
  const number = body.consumerContact.id as string;
  const id = body.consumerContact.contactId as string;
  const read = async () => (await driver.dfo('GET', `/contacts/${number}`)).body;
  const put = async (path: string, sent: unknown) =>
    (await driver.dfo('PUT', `/contacts/${number}/${path}`, sent)).status;
  return { ...driver, body, number, id, read, put, seen: () => driver.view(id) };
}

async function agent({ control }: CxoneDriver, more: object = {}) {
  return (
    await control('POST', '/agents', { name: 'Grace Hopper', queues: ['BillingDisputes_Tier2'], afterMs: 100, ...more })
  ).body;
}

describe('a message in', () => {
  it('makes customer, thread, case and contact, with skill and custom fields', async () => {
    const { body, dfo, seen, told } = await opened({
      contact: { skillId: 2_002, customFields: [{ ident: 'intent', value: 'billing' }] },
    });
    expect(body.consumerContact).toMatchObject({
      status: 'new',
      channelId: 'byoc_throughline',
      routingQueueId: '7f2d1a30-0002-4a00-8a00-000000000002',
      threadIdOnExternalPlatform: 'thread-1',
      customFields: [{ ident: 'intent', value: 'billing' }],
      endUser: { fullName: 'Ada Byron' },
    });
    expect(body.message).toMatchObject({ idOnExternalPlatform: 'm-1', direction: 'inbound' });
    expect(await seen()).toMatchObject({
      media: 'digital',
      state: 'queued',
      skill: { id: '2002' },
      contactNumber: body.consumerContact.id,
      customFields: { intent: 'billing' },
    });
    expect(told).toMatchObject([{ event: 'queued', contactNumber: body.consumerContact.id, mediaType: 'digital' }]);
    expect((await dfo('GET', `/customers/${body.consumerContact.customerContactId}`)).body).toMatchObject({
      fullName: 'Ada Byron',
      messageStatistics: { inbound: 1, outbound: 0 },
    });
  });

  it('goes into the thread’s running case, twice if it comes twice, and into a new one when that is over', async () => {
    const { dfo, number, put, read } = await opened();
    await dfo('POST', OWN, message());
    expect((await dfo('GET', `/contacts/${number}/messages`)).body.hits).toBe(2);
    expect(await put('status', { status: 'closed' })).toBe(204);
    const next = await dfo('POST', OWN, message({ idOnExternalPlatform: 'm-2' }));
    expect(next.body.consumerContact.id).not.toBe(number);
    expect(next.body.consumerContact.threadId).toBe((await read()).threadId);
    expect(next.body.consumerContact.customerContactId).toBe((await read()).customerContactId);
  });

  it('waits in the channel’s own skill when it names none', async () => {
    const { seen } = await opened({ thread: { idOnExternalPlatform: 't', threadName: 'Card' } });
    expect(await seen()).toMatchObject({ state: 'queued', skill: { name: 'General_Support_Digital' } });
  });

  it.each([
    ['no id', { idOnExternalPlatform: '' }, 'idOnExternalPlatform'],
    ['no direction', { direction: 'up' }, 'direction'],
    ['no time', { createdAtWithMilliseconds: undefined }, 'createdAtWithMilliseconds'],
    ['no thread', { thread: {} }, 'thread.idOnExternalPlatform'],
    ['no content', { messageContent: { type: 'TEXT' } }, 'messageContent'],
    ['no author', { authorEndUserIdentity: {} }, 'authorEndUserIdentity.idOnExternalPlatform'],
    ['a voice skill', { contact: { skillId: 1_002 } }, 'contact.skillId'],
    ['an inactive skill', { contact: { skillId: 2_008 } }, 'contact.skillId'],
    ['an unknown field', { contact: { customFields: [{ ident: 'shoe', value: '44' }] } }, 'customFields.shoe'],
    [
      'a long value',
      { contact: { customFields: [{ ident: 'summary', value: 'x'.repeat(1_025) }] } },
      'customFields.summary',
    ],
    ['a nested value', { contact: { customFields: [{ ident: 'summary', value: {} }] } }, 'customFields'],
    ['no list', { contact: { customFields: {} } }, 'customFields'],
  ])('is refused with %s', async (_what, more, field) => {
    const { dfo, twin } = await driveCxone();
    expect(await dfo('POST', OWN, message(more))).toMatchObject({
      status: 400,
      body: {
        errors: [{ field, message: expect.any(String), errorCode: 'validation_error' }],
        uid: expect.any(String),
      },
    });
    expect([...twin.contacts.all()]).toEqual([]);
  });

  it('is refused without a body, and where there is no such channel', async () => {
    const { dfo } = await driveCxone();
    expect((await dfo('POST', OWN)).status).toBe(400);
    expect((await dfo('POST', '/channels/other/messages', message())).status).toBe(404);
  });
});

describe('a case', () => {
  it('goes to a skill by plain REST', async () => {
    const { put, read, seen, events } = await opened();
    expect(await put('routing-queue', { skillId: 2_002 })).toBe(204);
    expect((await read()).routingQueueId).toBe('7f2d1a30-0002-4a00-8a00-000000000002');
    expect(await seen()).toMatchObject({ skill: { id: '2002' }, moves: 1 });
    expect(events()).toEqual(['queued', 'queued']);
    expect(await put('routing-queue', { skillId: 1_002 })).toBe(400);
    expect(await put('routing-queue', {})).toBe(400);
  });

  it('goes to an agent by any of the names the platform has for them, and back', async () => {
    for (const name of ['inboxAssigneeCxoneId', 'userId', 'inboxAssignee'] as const) {
      const world = await opened();
      const grace = await agent(world, { answers: 'hangs' });
      const sent = name === 'inboxAssigneeCxoneId' ? grace.userId : 104_492;
      expect(await world.put('inbox-assignment', { [name]: sent })).toBe(204);
      expect(await world.read()).toMatchObject({
        status: 'open',
        inboxAssigneeUser: { incontactId: grace.userId, surname: 'Hopper' },
      });
      expect((await world.dfo('DELETE', `/contacts/${world.number}/inbox-assignment`)).status).toBe(204);
      expect(await world.read()).not.toHaveProperty('inboxAssigneeUser');
      expect(await world.seen()).toMatchObject({ state: 'queued' });
      expect(await world.put('inbox-assignment', { [name]: name === 'inboxAssigneeCxoneId' ? 'x' : 4_492 })).toBe(400);
    }
  });

  it('runs beside a call, and five of them beside each other', async () => {
    const world = await driveCxone();
    await agent(world, { queues: ['General_Support'], afterMs: 0 });
    await world.create({ channel: 'voice', queue: 'General_Support' });
    for (let count = 0; count < 6; count += 1)
      await world.create({ channel: 'message', from: `guest-${count}`, queue: 'General_Support' });
    await world.clock.advance(10);
    const kinds = [...world.twin.contacts.all()].map(({ state }) => state.kind);
    expect(kinds.filter((kind) => kind === 'active')).toHaveLength(6);
    expect(kinds.at(-1)).toBe('queued');
  });

  it('takes no moves when it is over', async () => {
    const { put, dfo, number, read } = await opened();
    for (const status of ['pending', 'escalated', 'open'] as const) expect(await put('status', { status })).toBe(204);
    expect(await put('status', { status: 'resolved' })).toBe(204);
    expect((await read()).status).toBe('resolved');
    expect(await put('routing-queue', { skillId: 2_002 })).toBe(409);
    expect((await dfo('DELETE', `/contacts/${number}/inbox-assignment`)).status).toBe(409);
    expect(await put('status', { status: 'gone' })).toBe(400);
    expect((await dfo('PUT', '/contacts/1/status', { status: 'open' })).status).toBe(404);
  });

  it('is over for nobody’s sake but an agent’s or the customer’s', async () => {
    const world = await opened();
    const grace = await agent(world);
    await world.put('inbox-assignment', { inboxAssigneeCxoneId: grace.userId });
    expect(await world.put('inbox-assignment', { inboxAssigneeCxoneId: grace.userId })).toBe(204);
    await world.control('POST', `/conversations/${world.number}/close`);
    expect(await world.read()).toMatchObject({ status: 'closed' });
    expect(await world.put('inbox-assignment', { inboxAssigneeCxoneId: grace.userId })).toBe(409);
  });

  it('has custom fields whose names must exist, all written or none', async () => {
    const { put, read, dfo, number, control } = await opened();
    expect(
      await put('custom-fields', [
        { ident: 'intent', value: 'a' },
        { ident: 'shoe', value: '44' },
      ]),
    ).toBe(400);
    expect((await read()).customFields).toEqual([]);
    expect(
      await put('custom-fields', [
        { ident: 'intent', value: 'a' },
        { ident: 'summary', value: 'x'.repeat(1_024) },
      ]),
    ).toBe(204);
    expect((await read()).customFields).toHaveLength(2);
    expect((await dfo('DELETE', `/contacts/${number}/custom-fields/intent`)).status).toBe(204);
    expect((await read()).customFields).toMatchObject([{ ident: 'summary' }]);
    await control('PUT', '/settings', { customFields: ['shoe'] });
    expect(await put('custom-fields', [{ ident: 'shoe', value: '44' }])).toBe(204);
    expect((await dfo('GET', '/consumer-contact-custom-fields')).body).toMatchObject([{ ident: 'shoe' }]);
    expect((await dfo('GET', '/customers/custom-field-definitions')).body).toMatchObject([{ ident: 'shoe' }]);
  });

  it('is found by its customer and status', async () => {
    const { dfo, number } = await opened();
    const find = async (query: string) => (await dfo('GET', `/contacts?${query}`)).body.hits;
    expect(await find('endUserIdOnExternalPlatform[]=guest-1&status[]=new')).toBe(1);
    expect(await find('endUserIdOnExternalPlatform[]=guest-2')).toBe(0);
    expect(await find('status[]=closed')).toBe(0);
    expect((await dfo('GET', `/contacts/${number}/detail`)).body.id).toBe(number);
    expect((await dfo('GET', '/contacts/1')).status).toBe(404);
  });
});

describe('what may be looked up', () => {
  it('channels, and queues by an id of their own and without a skill’s', async () => {
    const { dfo } = await driveCxone();
    const channels = (await dfo('GET', '/channels')).body;
    expect(channels).toContainEqual(
      expect.objectContaining({ id: 'byoc_throughline', realExternalPlatformId: 'custom', defaultSkillId: 2_004 }),
    );
    const { data } = (await dfo('GET', '/routing-queues?nameContains=tier2')).body;
    expect(data).toEqual([
      {
        id: '7f2d1a30-0002-4a00-8a00-000000000002',
        name: 'BillingDisputes_Tier2_Digital',
        isSubqueue: false,
        isDeleted: false,
      },
    ]);
    expect((await dfo('GET', '/routing-queues')).body.hits).toBe(7);
    expect((await dfo('GET', '/routing-queues?withDeleted=true')).body.hits).toBe(8);
  });

  it('customers, whose fields can be written', async () => {
    const { dfo, body } = await opened();
    const path = `/customers/${body.consumerContact.customerContactId}`;
    expect((await dfo('PUT', `${path}/custom-fields`, [{ ident: 'customerId', value: 'ACC-1' }])).status).toBe(204);
    expect((await dfo('GET', path)).body.customFields).toMatchObject([{ ident: 'customerId', value: 'ACC-1' }]);
    expect((await dfo('PUT', `${path}/custom-fields`, [{ ident: 'shoe', value: '44' }])).status).toBe(400);
    expect((await dfo('GET', '/customers/nobody')).status).toBe(404);
    expect((await dfo('PUT', '/customers/nobody/custom-fields', [])).status).toBe(404);
  });
});

describe('the own channel', () => {
  const BYOC = {
    box: 'http://box.test/hooks/cxone/byoc',
    authorizationUrl: 'http://box.test/token',
    clientId: 'box-client',
    clientSecret: 'box-secret',
    form: 'posts',
  } as const;
  type Posted = {
    path: string;
    token: string | null;
    body: { messageContent?: { payload: { text: string } }; thread?: object; contact?: object };
  };

  /** A far side that grants tokens and takes messages; `answer` decides about the nth message. */
  async function withBox(
    answer: (count: number, signal: AbortSignal) => Response | Promise<Response> = (count) =>
      Response.json({ idOnExternalPlatform: `far-${count}` }),
    byoc: CxoneTwinOptions['byoc'] | null = BYOC,
  ) {
    const grants: string[] = [];
    const posted: Posted[] = [];
    const driver = await driveCxone(byoc === null ? {} : { byoc }, async (input, init) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      if (pathname === '/token') {
        grants.push(await request.text());
        return Response.json({ access_token: `token-${grants.length}`, token_type: 'bearer' });
      }
      posted.push({
        path: pathname,
        token: request.headers.get('authorization'),
        body: (await request.json()) as Posted['body'],
      });
      return answer(posted.length, request.signal);
    });
    await agent(driver, { queues: ['General_Support'] });
    const { body } = await driver.dfo('POST', OWN, message());
    await driver.clock.advance(100);
    const id = body.consumerContact.contactId as string;
    const say = async (text: string) => {
      const { status } = await driver.control('POST', `/conversations/${id}/say`, { text });
      await driver.clock.advance(0);
      return status;
    };
    return { ...driver, grants, posted, id, number: body.consumerContact.id, say, seen: () => driver.view(id) };
  }

  it('carries what the agent writes to the far side, with a token it took there first', async () => {
    const { grants, posted, say, seen, number, dfo } = await withBox();
    expect(await say('How can I help?')).toBe(200);
    expect(grants).toEqual(['grant_type=client_credentials&client_id=box-client&client_secret=box-secret']);
    expect(posted).toMatchObject([
      {
        path: '/hooks/cxone/byoc/1.0/posts/thread-1/messages',
        token: 'Bearer token-1',
        body: {
          messageContent: { payload: { text: 'Grace Hopper is here.' } },
          thread: { idOnExternalPlatform: 'thread-1' },
          contact: { id: number },
        },
      },
      { body: { messageContent: { payload: { text: 'How can I help?' } } } },
    ]);
    expect((await seen()).messages.at(-1)).toMatchObject({
      direction: 'outbound',
      idOnExternalPlatform: 'far-2',
      status: 'sent',
    });
    const status = '/channels/byoc_throughline/messages/far-2/status';
    expect((await dfo('PUT', status, { status: 'seen', updatedAt: 'x' })).status).toBe(204);
    expect((await seen()).messages.at(-1).status).toBe('seen');
    expect((await dfo('PUT', status, { status: 'eaten' })).status).toBe(400);
    expect((await dfo('PUT', '/channels/byoc_throughline/messages/none/status', { status: 'seen' })).status).toBe(404);
    expect((await dfo('PUT', '/channels/chat_web/messages/far-2/status', { status: 'seen' })).status).toBe(404);
  });

  it('carries a rich message as it is published, and keeps it in the case', async () => {
    const { control, clock, posted, id, number, dfo } = await withBox();
    const content = {
      type: 'RICH_LINK',
      payload: { title: { content: 'Bill' }, url: 'https://b' },
      fallbackText: 'Bill',
    };
    expect((await control('POST', `/conversations/${id}/say`, { content })).status).toBe(200);
    await clock.advance(0);
    expect(posted.at(-1)?.body).toMatchObject({ messageContent: content });
    const kept = await dfo('GET', `/contacts/${number}/messages`);
    expect(JSON.stringify(kept.body)).toContain('"fallbackText":"Bill"');
    const unknown = { content: { ...content, type: 'SONG' } };
    expect((await control('POST', `/conversations/${id}/say`, unknown)).status).toBe(400);
  });

  it('posts to the outbound path where it is set to', async () => {
    const { posted } = await withBox(undefined, { ...BYOC, form: 'outbound' });
    expect(posted[0]?.path).toBe('/hooks/cxone/byoc/channels/byoc_throughline/outbound');
  });

  it('tries once more with a fresh token after 401', async () => {
    const { grants, posted, seen } = await withBox((count) =>
      count === 1 ? new Response('', { status: 401 }) : Response.json({ idOnExternalPlatform: 'far' }),
    );
    expect(posted.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(grants).toHaveLength(2);
    expect((await seen()).messages.at(-1)).toMatchObject({ idOnExternalPlatform: 'far' });
  });

  it.each([
    ['refuses for good', () => new Response('', { status: 401 }), 2],
    ['fails', () => new Response('', { status: 500 }), 1],
    ['does not say what it calls the message', () => Response.json({ ok: true }), 1],
    ['calls the message nothing', () => Response.json({ idOnExternalPlatform: '' }), 1],
    ['says nothing that can be read', () => new Response('<html>'), 1],
    ['is not there', () => Promise.reject(new TypeError('fetch failed')), 1],
  ])('loses a message when the far side %s', async (_what, answer, posts) => {
    const { posted, seen } = await withBox(answer);
    expect(posted).toHaveLength(posts);
    expect((await seen()).messages.at(-1)).toMatchObject({ idOnExternalPlatform: null, status: 'failed' });
  });

  it('loses a message after 10 s without an answer, and keeps the order of the rest', async () => {
    const { clock, posted, say, seen } = await withBox((count, signal) =>
      count > 1
        ? Response.json({ idOnExternalPlatform: `far-${count}` })
        : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    await say('Second');
    await clock.advance(9_999);
    expect(posted).toHaveLength(1);
    await clock.advance(1);
    expect((await seen()).messages.slice(1)).toMatchObject([
      { text: 'Grace Hopper is here.', status: 'failed' },
      { text: 'Second', idOnExternalPlatform: 'far-2' },
    ]);
  });

  it('loses a message where no far side is set, or grants no token', async () => {
    const none = await withBox(undefined, null);
    expect(none.posted).toEqual([]);
    expect((await none.seen()).messages.at(-1)).toMatchObject({ status: 'failed' });
    const refused = await withBox(undefined, { ...BYOC, authorizationUrl: 'http://box.test/elsewhere' });
    expect((await refused.seen()).messages.at(-1)).toMatchObject({ status: 'failed' });
  });

  it('meets the faults of events: dropped, or posted twice', async () => {
    const { control, posted, say, number, clock } = await withBox();
    await control('POST', '/faults', { match: { path: `byoc.${number}` }, fault: 'drop-event', times: 1 });
    await say('Lost');
    expect(posted).toHaveLength(1);
    await control('POST', '/faults', { match: { path: 'byoc' }, fault: 'repeat-event', times: 1 });
    await say('Twice');
    await clock.advance(100);
    expect(posted.slice(1).map(({ body }) => body.messageContent?.payload.text)).toEqual(['Twice', 'Twice']);
  });

  it('is written to by nobody while nobody has the case', async () => {
    const { control, say, id } = await withBox();
    await control('POST', `/conversations/${id}/close`);
    expect(await say('Too late')).toBe(409);
    const voice = await control('POST', '/conversations', { channel: 'voice' });
    expect((await control('POST', `/conversations/${voice.body.contactId}/say`, { text: 'x' })).status).toBe(409);
    expect((await control('POST', `/conversations/${id}/say`, {})).status).toBe(400);
    expect((await control('POST', '/conversations/1/say', { text: 'x' })).status).toBe(404);
    expect((await control('POST', `/conversations/${id}/sing`, {})).status).toBe(404);
  });

  it('is written to by an agent who talks by themselves: a greeting, answers, and a goodbye that ends it', async () => {
    const { twin, control, dfo, clock } = await driveCxone({ settleMs: 100 });
    const skill = 'BillingDisputes_Tier2_Digital';
    await control('POST', '/agents', { name: 'Ben Okoro', queues: [skill], afterMs: 0, talks: true });
    const say = (id: string, text: string) =>
      dfo('POST', '/channels/byoc_throughline/messages', {
        idOnExternalPlatform: id,
        direction: 'inbound',
        createdAtWithMilliseconds: '2026-01-01T00:00:00.000Z',
        thread: { idOnExternalPlatform: 'chat-1.1', threadName: 'Web chat' },
        messageContent: { type: 'TEXT', payload: { text } },
        authorEndUserIdentity: { idOnExternalPlatform: 'chat-1.1', firstName: 'Jo', lastName: '' },
        contact: { skillId: 2_002, customFields: [{ ident: 'intent', value: 'billing_dispute' }] },
      });
    const number = (await say('m-1', 'Hello')).body.consumerContact.id;
    const said = () =>
      twin.digital.case(number)?.messages.flatMap(({ author, content }) => (author ? [content.payload.text] : []));
    await clock.advance(3_000);
    expect(said()).toEqual([expect.stringMatching(/^Hello, this is Ben\. .*billing dispute/)]);
    await say('m-2', 'I was charged twice');
    await clock.advance(5_000);
    await say('m-3', 'And once more');
    await clock.advance(5_000);
    expect(said()).toHaveLength(4);
    await say('m-4', 'No, thanks');
    await clock.advance(5_000);
    expect(said()?.at(-1)).toBe('You are welcome. Goodbye!');
    expect(twin.digital.case(number)?.status).toBe('closed');
  });

  it('is the only one whose far side is posted to', async () => {
    const { create, clock, posted, control } = await withBox();
    const id = await create({ channel: 'message', from: 'guest-9', queue: 'General_Support' });
    await clock.advance(100);
    await control('POST', `/conversations/${id}/say`, { text: 'Here' });
    await clock.advance(0);
    expect(posted).toHaveLength(1);
  });
});
