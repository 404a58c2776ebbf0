// Tests the people's side of our own conversations at both vendors: what a first message and the next ones look like there, and how theirs
// are read.

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AgentId, ExternalId, QueueId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { CredentialRequest } from './credential.ts';
import { customFieldLimits } from './cxone/custom-fields.ts';
import { ownChannelDesk, readOwnChannelPost } from './cxone/own-channel.ts';
import { openMessagingDesk, openMessagingVerifier, readOpenMessage } from './genesys/open-messaging.ts';
import type { HttpAnswer } from './http.ts';
import type { Call } from './platform.ts';

const CALL: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const QUEUE = { id: '2004' as QueueId, name: 'Billing' };
const UNKNOWN = { kind: 'rejected', code: 'queue-not-found-or-not-visible' } as const;
const FAR = 'chat-1.1' as ExternalId;
const FILE = { ref: 'r-1', name: 'bill.pdf', mime: 'application/pdf', bytes: 9 };
const message = { id: 'm-1', text: 'Hello', at: Date.UTC(2026, 10, 20) };
const linkTo = ({ ref }: { readonly ref: string }) => `https://us.example/c/files/${ref}`;

function recording(body: string | undefined = '{}', outcome?: Outcome<HttpAnswer>) {
  const requests: CredentialRequest[] = [];
  const send = async (request: CredentialRequest): Promise<Outcome<HttpAnswer>> => {
    requests.push(request);
    return outcome ?? { kind: 'done', value: { kind: 'answer', status: 200, headers: new Headers(), body } };
  };
  return { requests, send };
}
const resolveQueue = async (name: string): Promise<Outcome<typeof QUEUE>> =>
  name === QUEUE.name ? { kind: 'done', value: QUEUE } : UNKNOWN;

describe('Genesys Cloud Open Messaging', () => {
  const desk = ({ send }: ReturnType<typeof recording>, deduplicates?: boolean) =>
    openMessagingDesk({
      line: { send },
      resolveQueue,
      integrationId: 'int/1',
      linkTo,
      ...(deduplicates !== undefined && { deduplicates }),
    });

  it('begins with attributes that the flow routes by, and names the conversation', async () => {
    const line = recording('{"id":"x","conversationId":"conv-1"}');
    const opening = { far: FAR, queueName: 'Billing', attributes: { intent: 'billing' }, message, name: 'Jo' };
    expect(await desk(line).open(opening, CALL)).toEqual({
      kind: 'done',
      value: { queue: QUEUE, externalId: 'conv-1' },
    });
    expect(line.requests).toEqual([
      {
        method: 'POST',
        path: '/api/v2/conversations/messages/int%2F1/inbound/open/message?prefetchConversationId=true',
        body: {
          channel: {
            from: { id: 'chat-1.1', idType: 'Opaque', nickname: 'Jo' },
            time: '2026-11-20T00:00:00.000Z',
            messageId: 'm-1',
            metadata: { customAttributes: { intent: 'billing', queueName: 'Billing', queueId: '2004' } },
          },
          text: 'Hello',
        },
      },
    ]);
  });

  it('sends nothing for a queue that does not exist, and passes on what became of its calls', async () => {
    const line = recording();
    expect(await desk(line).open({ far: FAR, queueName: 'Nowhere', attributes: {}, message }, CALL)).toEqual(UNKNOWN);
    expect(line.requests).toEqual([]);
    const lost = { kind: 'ambiguous', code: 'timed-out' } as const;
    const gone = desk(recording('', lost));
    expect(await gone.open({ far: FAR, queueName: 'Billing', attributes: {}, message }, CALL)).toEqual(lost);
    expect(await gone.deliver({ far: FAR, message }, CALL)).toEqual(lost);
  });

  it.each([undefined, 'no json', '[]', '{"conversationId":""}'])(
    'knows it is opened though the answer is %s',
    async (body) => {
      const opened = await desk(recording(body)).open(
        { far: FAR, queueName: 'Billing', attributes: {}, message },
        CALL,
      );
      expect(opened).toEqual({ kind: 'done', value: { queue: QUEUE } });
    },
  );

  it('delivers with files by link, and claims to take a message once only where the operator says so', async () => {
    const line = recording();
    const withFiles = { ...message, attachments: [FILE, { ...FILE, ref: 'r-2', name: 'a.png', mime: 'image/png' }] };
    expect(await desk(line).deliver({ far: FAR, message: withFiles }, CALL)).toEqual({ kind: 'done', value: null });
    expect(line.requests[0]).toMatchObject({
      path: '/api/v2/conversations/messages/int%2F1/inbound/open/message',
      body: {
        content: [
          {
            attachment: {
              mediaType: 'File',
              url: 'https://us.example/c/files/r-1',
              mime: 'application/pdf',
              filename: 'bill.pdf',
              id: 'r-1',
            },
          },
          { attachment: { mediaType: 'Image', id: 'r-2' } },
        ],
      },
    });
    expect([desk(line).deduplicates, desk(line, true).deduplicates]).toEqual([false, true]);
  });

  it('shows that the customer writes, by the event that Open Messaging has for it', async () => {
    const line = recording();
    const writer = { far: FAR, name: 'Jo', at: Date.UTC(2026, 10, 20) };
    expect(await desk(line).typing?.(writer, CALL)).toEqual({ kind: 'done', value: null });
    expect(line.requests).toEqual([
      {
        method: 'POST',
        path: '/api/v2/conversations/messages/int%2F1/inbound/open/event',
        body: {
          channel: {
            from: { id: 'chat-1.1', idType: 'Opaque', nickname: 'Jo' },
            time: '2026-11-20T00:00:00.000Z',
          },
          events: [{ eventType: 'Typing' }],
        },
      },
    ]);
    const lost = { kind: 'ambiguous', code: 'timed-out' } as const;
    expect(await desk(recording('', lost)).typing?.(writer, CALL)).toEqual(lost);
  });

  it('believes a post that is signed over its raw bytes, with either of two secrets, and no other', () => {
    const body = new TextEncoder().encode('{"id": "x"}');
    const sign = (secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('base64')}`;
    const verify = openMessagingVerifier(['first-secret-of-16', '', 'second-secret-of-16']);
    const withHeader = (value: string | null) => verify({ get: () => value }, body);
    expect(withHeader(sign('first-secret-of-16'))).toBe(true);
    expect(withHeader(sign('second-secret-of-16'))).toBe(true);
    expect(withHeader(sign('another'))).toBe(false);
    expect(withHeader(sign(''))).toBe(false);
    expect(withHeader(null)).toBe(false);
    expect(verify({ get: () => sign('first-secret-of-16') }, new TextEncoder().encode('{"id":"x"}'))).toBe(false);
    expect(openMessagingVerifier([])({ get: () => sign('') }, body)).toBe(false);
  });

  it.each([
    ['{"name":"Ana María Ruiz"}', { kind: 'done', value: 'Ana' }],
    ['{"name":"Ana Ruiz","preferredName":" Anita "}', { kind: 'done', value: 'Anita' }],
    ['{"name":" "}', { kind: 'rejected', code: 'not-found' }],
    ['no json', { code: 'unexpected-answer' }],
  ])('says who an agent is by their profile: %s', async (body, named) => {
    const line = recording(body);
    expect(await desk(line).nameOf?.('a/1' as AgentId, CALL)).toMatchObject(named);
    expect(line.requests).toEqual([{ method: 'GET', path: '/api/v2/users/a%2F1' }]);
  });

  const post = (more: object) => ({
    id: 'out-1',
    channel: {
      id: 'int-1',
      platform: 'Open',
      type: 'Private',
      to: { id: 'chat-1.1', idType: 'Opaque' },
      from: { nickname: 'Web chat', id: 'int-1', idType: 'Opaque' },
    },
    type: 'Text',
    text: 'How can I help?',
    direction: 'Outbound',
    originatingEntity: 'Human',
    ...more,
  });

  it('reads what agents say, and that they write', () => {
    // The name on it is the integration's: nobody is told that they talk to that.
    expect(readOpenMessage(post({}))).toEqual({
      kind: 'said',
      far: 'chat-1.1',
      id: 'out-1',
      text: 'How can I help?',
    });
    expect(readOpenMessage(post({ type: 'Event', events: [{ eventType: 'Typing', typing: { type: 'On' } }] }))).toEqual(
      {
        kind: 'typing',
        far: 'chat-1.1',
      },
    );
    for (const more of [{ type: 'Event' }, { type: 'Receipt' }, { text: ' ' }, { text: undefined }])
      expect(readOpenMessage(post(more))).toEqual({ kind: 'nothing' });
    const files = [{ contentType: 'Attachment', attachment: { filename: 'bill.pdf' } }, { attachment: {} }, {}];
    expect(readOpenMessage(post({ text: 'See ', content: files }))).toMatchObject({ text: 'See\n[bill.pdf]\n[file]' });
    const withAddress = [{ attachment: { filename: 'a.png', url: 'https://files.example.com/1' } }, ...files];
    expect(readOpenMessage(post({ text: '', content: withAddress }))).toMatchObject({
      text: '[bill.pdf]\n[file]',
      files: [{ name: 'a.png', url: 'https://files.example.com/1' }],
    });
    const alone = [{ attachment: { url: 'https://files.example.com/1' } }];
    expect(readOpenMessage(post({ text: '', content: alone }))).toMatchObject({ text: '', files: [{ name: 'file' }] });
    const rich = [
      { contentType: 'QuickReply', quickReply: { text: 'Yes', payload: 'y' } },
      { contentType: 'Carousel' },
    ];
    expect(readOpenMessage(post({ type: 'Structured', text: 'Is it?', content: rich }))).toMatchObject({
      kind: 'said',
      text: 'Is it?\n- Yes\n[Carousel]',
    });
    expect(readOpenMessage({ id: 'x' })).toEqual({
      kind: 'nothing',
      problem: 'not of the documented shape at "channel"',
    });
    expect(readOpenMessage(null)).toMatchObject({ problem: 'not of the documented shape at ""' });
  });
});

describe('a CXone channel of our own', () => {
  const desk = ({ send }: ReturnType<typeof recording>) =>
    ownChannelDesk({ line: { digital: send }, resolveQueue, channelId: 'byoc_throughline', linkTo });

  it('begins a case in its skill, with what is known in custom fields', async () => {
    const line = recording('{"consumerContact":{"id":4711},"message":{}}');
    const attributes = { intent: 'billing' };
    const opened = await desk(line).open({ far: FAR, queueName: 'Billing', attributes, message, name: 'Jo' }, CALL);
    expect(opened).toEqual({ kind: 'done', value: { queue: QUEUE, externalId: '4711' } });
    expect(line.requests).toEqual([
      {
        method: 'POST',
        path: '/channels/byoc_throughline/messages',
        body: {
          idOnExternalPlatform: 'm-1',
          direction: 'inbound',
          createdAtWithMilliseconds: '2026-11-20T00:00:00.000Z',
          thread: { idOnExternalPlatform: 'chat-1.1', threadName: 'Jo' },
          messageContent: { type: 'TEXT', payload: { text: 'Hello' }, fallbackText: 'Hello' },
          authorEndUserIdentity: { idOnExternalPlatform: 'chat-1.1', firstName: 'Jo', lastName: '' },
          contact: { skillId: 2004, customFields: [{ ident: 'intent', value: 'billing' }] },
        },
      },
    ]);
  });

  it('takes fields that were made, of 1,024 characters at most', () => {
    const { attributeValueBytes, names } = customFieldLimits(['Topic']);
    expect([attributeValueBytes, names]).toEqual([1_024, expect.arrayContaining(['handoff_manifest_ref', 'Topic'])]);
  });

  it('sends nothing for an unknown skill, and passes on what became of its calls', async () => {
    const line = recording();
    expect(await desk(line).open({ far: FAR, queueName: 'Nowhere', attributes: {}, message }, CALL)).toEqual(UNKNOWN);
    expect(line.requests).toEqual([]);
    const lost = { kind: 'ambiguous', code: 'connection-lost' } as const;
    const gone = desk(recording('', lost));
    expect(await gone.open({ far: FAR, queueName: 'Billing', attributes: {}, message }, CALL)).toEqual(lost);
    expect(await gone.deliver({ far: FAR, message }, CALL)).toEqual(lost);
    expect(gone.deduplicates).toBe(false);
  });

  it.each([undefined, 'no json', '{}', '{"consumerContact":{}}'])(
    'knows it is opened though the answer is %s',
    async (body) => {
      const named = { ...QUEUE, id: 'a-uuid' as QueueId };
      const other = ownChannelDesk({
        line: { digital: recording(body).send },
        resolveQueue: async () => ({ kind: 'done', value: named }),
        channelId: 'c',
        linkTo,
      });
      const opened = await other.open({ far: FAR, queueName: 'Billing', attributes: {}, message }, CALL);
      expect(opened).toEqual({ kind: 'done', value: { queue: named } });
    },
  );

  it('delivers with files by link', async () => {
    const line = recording();
    await desk(line).deliver({ far: FAR, message: { ...message, attachments: [FILE] } }, CALL);
    expect(line.requests[0]).toMatchObject({
      body: {
        attachments: [{ url: 'https://us.example/c/files/r-1', friendlyName: 'bill.pdf', mimeType: 'application/pdf' }],
      },
    });
  });

  it('reads posts of either form, and lets be what it does not need', () => {
    const content = { type: 'TEXT', payload: { text: 'How can I help?' } };
    const said = { kind: 'said', far: 'chat-1.1', id: 'x-1', text: 'How can I help?' };
    expect(
      readOwnChannelPost({
        id: 'x-1',
        thread: { idOnExternalPlatform: 'chat-1.1' },
        messageContent: content,
        authorUser: { firstName: 'Ana' },
      }),
    ).toEqual({ ...said, name: 'Ana' });
    expect(
      readOwnChannelPost({ id: 7, recipients: [{ idOnExternalPlatform: 'chat-1.1' }], messageContent: content }),
    ).toEqual({
      ...said,
      id: '7',
    });
    const fallback = { type: 'PLUGIN', fallbackText: 'A list' };
    expect(
      readOwnChannelPost({
        id: 'x-1',
        thread: { idOnExternalPlatform: 'c' },
        messageContent: fallback,
        authorUser: { nickname: 'A', firstName: 'B' },
      }),
    ).toMatchObject({ text: 'A list', name: 'A' });
    const silent = { kind: 'nothing', problem: 'has neither words nor files' };
    for (const messageContent of [{}, { type: 'TEXT', payload: { text: ' ' }, fallbackText: null }])
      expect(readOwnChannelPost({ id: 'x', thread: { idOnExternalPlatform: 'c' }, messageContent })).toEqual(silent);
    const files = [{ friendlyName: 'bill.pdf' }, {}];
    const thread = { idOnExternalPlatform: 'c' };
    expect(readOwnChannelPost({ id: 'x', thread, messageContent: {}, attachments: files })).toMatchObject({
      text: '[bill.pdf]\n[file]',
    });
    const withAddress = [{ friendlyName: 'a.png', url: 'https://files.example.com/1' }];
    expect(readOwnChannelPost({ id: 'x', thread, messageContent: {}, attachments: withAddress })).toMatchObject({
      text: '',
      files: [{ name: 'a.png', url: 'https://files.example.com/1' }],
    });
    expect(readOwnChannelPost({ id: 'x', messageContent: content })).toMatchObject({
      problem: 'names neither a thread nor a recipient',
    });
    expect(readOwnChannelPost({})).toMatchObject({ kind: 'nothing', problem: 'not of a known shape at "id"' });
    expect(readOwnChannelPost(7)).toMatchObject({ problem: 'not of a known shape at ""' });
  });

  it.each([
    ['RICH_LINK', { title: { content: 'Your bill' }, url: 'https://b.example' }, 'Your bill\nhttps://b.example'],
    [
      'QUICK_REPLIES',
      { text: { content: 'Which?' }, actions: [{ type: 'REPLY_BUTTON', text: 'Card' }] },
      'Which?\n- Card',
    ],
    ['LIST_PICKER', {}, 'Choose a bill'],
    ['ADAPTIVE_CARD', { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: 'Hi' }] }, 'Hi'],
    ['PLUGIN', null, 'Choose a bill'],
  ])('says what a %s contains, else its fallback text, else that there was one', (type, payload, text) => {
    const thread = { idOnExternalPlatform: 'c' };
    const content = { type, payload, fallbackText: 'Choose a bill' };
    expect(readOwnChannelPost({ id: 'x', thread, messageContent: content })).toMatchObject({ kind: 'said', text });
    const bare = { type, payload: {} };
    expect(readOwnChannelPost({ id: 'x', thread, messageContent: bare })).toMatchObject({ text: `[${type}]` });
  });
});
