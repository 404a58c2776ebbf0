// Tests what the people's side of our conversations may tell us: only who proves it is heard, once, and durable before it is answered.

import { createHash, createHmac, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ChatStage, openChatStage } from '../../test/contract/chat-stage.ts';
import type { InteractionId, PlatformName } from '../ids.ts';
import { readOwnChannelPost } from '../platforms/cxone/own-channel.ts';
import { openMessagingVerifier, readOpenMessage } from '../platforms/genesys/open-messaging.ts';
import { ChatFiles } from './chat-files.ts';

const GENESYS = 'genesys_cloud' as PlatformName;
const CXONE = 'nice_cxone' as PlatformName;
const PDF = new TextEncoder().encode('%PDF-1.7 hello');
const KEY = new Uint8Array(32).fill(5);
const SECRET = 'a-secret-longer-than-fifteen';

async function withPeople(platform: PlatformName, carriesFiles = false) {
  const typing: InteractionId[] = [];
  const stage = await openChatStage({
    desks: {
      openMessaging: [{ platform: GENESYS, verify: openMessagingVerifier([SECRET]), read: readOpenMessage }],
      ownChannels: [
        {
          platform: CXONE,
          clientId: 'box',
          clientSecretSha256: createHash('sha256').update('box secret:1').digest('hex'),
          read: readOwnChannelPost,
        },
      ],
      typing: (id) => typing.push(id),
      carriesFiles,
    },
  });
  const { policy } = stage.parts;
  const limits = { attributeValueBytes: 256, attributeCount: 50 };
  stage.vendor.desk = {
    ...policy,
    platforms: { ...policy.platforms, [CXONE]: { limits, settleMs: 1_000 } },
    desk: { platform, deduplicates: false },
  };
  stage.vendor.bot = ({ prompt }) => ({
    messages: [],
    actions: prompt.kind === 'text' ? [{ kind: 'redirect', queue: 'General_Support', resume: true }] : [],
    memory: null,
  });
  const { token, interactionId } = await stage.deflected();
  const { cookie } = await stage.session({ token, device: randomUUID() });
  const customer = await stage.connect(cookie);
  await customer.say('A person, please');
  const state = await stage.runner.watch(interactionId, ({ chats }) => chats?.[0]?.desk != null, 5_000);
  return { stage, customer, cookie, interactionId, far: state?.chats?.[0]?.desk?.far ?? '', typing };
}

const genesys = (stage: ChatStage, body: unknown, secret = SECRET) => {
  const text = JSON.stringify(body);
  const sign = createHmac('sha256', secret).update(text).digest('base64');
  return stage.call('POST', '/hooks/genesys/open-messaging', text, {
    'content-type': 'application/json',
    'x-hub-signature-256': `sha256=${sign}`,
  });
};

describe('Open Messaging', () => {
  it('brings what an agent says to the customer, once however often it is posted', async () => {
    const { stage, customer, far, interactionId, typing } = await withPeople(GENESYS);
    await using _ = stage;
    const post = {
      id: 'out-1',
      channel: { to: { id: far }, from: { nickname: 'Ana' } },
      type: 'Text',
      text: 'How can I help?',
    };
    // The stage's own application has the hooks.
    const send = (body: unknown, secret?: string) => genesys({ ...stage, call: stage.callHere }, body, secret);
    expect((await send(post)).status).toBe(200);
    expect((await send(post)).status).toBe(200);
    await customer.until(() => customer.texts().includes('agent: How can I help?'));
    expect(customer.texts().filter((text) => text.startsWith('agent'))).toHaveLength(1);
    expect((await send(post, 'another-secret')).status).toBe(401);
    expect((await send({ ...post, id: 'e', type: 'Event', events: [{ eventType: 'Typing' }] })).status).toBe(200);
    expect(typing).toEqual([interactionId]);
    expect((await send({ ...post, id: 'r', type: 'Receipt' })).status).toBe(200);
    expect((await send({ id: 'x' })).status).toBe(400);
    expect((await send({ ...post, channel: { to: { id: 'nobody.1' } } })).status).toBe(200);
    expect(stage.log.map(({ code }) => code)).toEqual(['hook-refused', 'hook-unreadable', 'hook-of-nobody']);
  });

  it('brings an agent’s file to the customer and to nobody else, sealed, and gone with an erasure', async () => {
    const { stage, customer, cookie, far, interactionId } = await withPeople(GENESYS, true);
    await using _ = stage;
    const { journal, clock, parts } = stage;
    const limits = { largestBytes: 64, types: ['application/pdf'], keepMs: 3_600_000, linkMs: 60_000 };
    const files = new ChatFiles({ journal, clock, newId: parts.newId, limits, scan: async () => 'clean', secret: KEY });
    stage.vendor.fetched = async ({ interactionId: id, ref, url, name }) => {
      expect(url).toBe('https://files.example.com/1');
      const taken = await files.take(id, name, PDF, ref);
      return { kind: 'done', of: 'FetchFile', result: 'refused' in taken ? taken : { file: taken } };
    };
    const content = [1, 2, 3, 4, 5, 6].map((n) => ({
      attachment: { filename: `bill ${n}.pdf`, url: 'https://files.example.com/1' },
    }));
    const post = { id: 'out-1', channel: { to: { id: far } }, type: 'Text', text: 'Your bills', content };
    const send = () => genesys({ ...stage, call: stage.callHere }, post);
    expect([(await send()).status, (await send()).status]).toEqual([200, 200]);
    const sent = () => customer.lines().flatMap((line) => (line.kind === 'message' ? (line.attachments ?? []) : []));
    await customer.until(() => sent().length === 5);
    expect(sent().map(({ name }) => name)).toEqual([1, 2, 3, 4, 5].map((n) => `bill ${n}.pdf`));
    // A sixth is named.
    expect(customer.texts()).toContain('agent: Your bills\n[bill 6.pdf]');
    const [{ ref = '' } = {}] = sent();
    expect((await files.open(interactionId, ref))?.content).toEqual(PDF);
    expect(await files.open('01934f00-0000-7000-8000-00000000ffff' as InteractionId, ref)).toBeNull();
    expect(cookie).not.toBe('');
    await stage.runner.submit(interactionId, { kind: 'erase', actor: 'test', erasureId: 'e', atOnce: true });
    expect(await files.open(interactionId, ref)).toBeNull();
  });

  it('names files where none can be looked at', async () => {
    const { stage, customer, far } = await withPeople(GENESYS);
    await using _ = stage;
    const content = [{ attachment: { filename: 'bill.pdf', url: 'https://files.example.com/1' } }];
    const post = { id: 'out-1', channel: { to: { id: far } }, type: 'Text', text: '', content };
    expect((await genesys({ ...stage, call: stage.callHere }, post)).status).toBe(200);
    await customer.until(() => customer.texts().includes('agent: [bill.pdf]'));
    expect(stage.vendor.commands.some(({ kind }) => kind === 'FetchFile')).toBe(false);
  });

  it('H2: what comes of a stretch that is over is kept and said to nobody', async () => {
    const { stage, customer, far, interactionId } = await withPeople(GENESYS);
    await using _ = stage;
    const post = { id: 'late', channel: { to: { id: `${far}9` } }, type: 'Text', text: 'Too late' };
    expect((await genesys({ ...stage, call: stage.callHere }, post)).status).toBe(200);
    const history = await stage.journal.history(interactionId);
    expect(history?.at(-1)).toMatchObject({ type: 'RequestRefused', event: { code: 'stale-holder' } });
    expect(customer.texts()).not.toContain('agent: Too late');
  });
});

describe('a channel of our own', () => {
  const token = (stage: ChatStage, body: string, headers: Record<string, string> = {}) =>
    stage.callHere('POST', '/hooks/cxone/byoc/token', body, {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    });
  const form = (secret: string) =>
    new URLSearchParams({ grant_type: 'client_credentials', client_id: 'box', client_secret: secret }).toString();

  it('logs in, by either way that OAuth has, and posts by either path', async () => {
    const { stage, customer, far } = await withPeople(CXONE);
    await using _ = stage;
    const basic = Buffer.from(`box:${encodeURIComponent('box secret:1')}`).toString('base64');
    const logins = [
      await token(stage, form('box secret:1'), { authorization: '' }),
      await token(stage, 'grant_type=client_credentials', { authorization: `Basic ${basic}` }),
      await token(stage, JSON.stringify({ client_id: 'box', client_secret: 'box secret:1' }), {
        authorization: '',
        'content-type': 'application/json',
      }),
    ];
    expect(logins.map(({ status }) => status)).toEqual([200, 200, 200]);
    const authorization = `Bearer ${logins[0]?.body.access_token}`;
    const content = { type: 'TEXT', payload: { text: 'How can I help?' } };
    const body = {
      id: 'm-1',
      thread: { idOnExternalPlatform: far },
      messageContent: content,
      authorUser: { firstName: 'Ana' },
    };
    for (const path of ['1.0/posts/t-1/messages', 'channels/c-1/outbound']) {
      const answer = await stage.callHere('POST', `/hooks/cxone/byoc/${path}`, body, { authorization });
      expect([answer.status, answer.body]).toEqual([200, { idOnExternalPlatform: 'm-1' }]);
    }
    await customer.until(() => customer.texts().includes('agent: How can I help?'));
    expect(customer.texts().filter((text) => text.startsWith('agent'))).toHaveLength(1);
  });

  it('brings a rich message as what it contains, and answers no id for what was not made', async () => {
    const { stage, customer, far } = await withPeople(CXONE);
    await using _ = stage;
    const granted = (await token(stage, form('box secret:1'), { authorization: '' })).body.access_token;
    const post = (messageContent: object) =>
      stage.callHere(
        'POST',
        '/hooks/cxone/byoc/channels/c-1/outbound',
        { id: 'm-2', thread: { idOnExternalPlatform: far }, messageContent },
        { authorization: `Bearer ${granted}` },
      );
    const silent = await post({ type: 'TEXT', payload: { text: '' } });
    expect([silent.status, silent.body.code]).toEqual([400, 'unreadable-event']);
    expect(silent.body).not.toHaveProperty('idOnExternalPlatform');
    const picker = {
      title: { content: 'Your bills' },
      text: { content: 'Which one?' },
      actions: [{ type: 'REPLY_BUTTON', text: 'March' }],
    };
    const answer = await post({ type: 'LIST_PICKER', payload: picker });
    expect([answer.status, answer.body]).toEqual([200, { idOnExternalPlatform: 'm-2' }]);
    await customer.until(() => customer.texts().includes('agent: Your bills\nWhich one?\n- March'));
  });

  it('is refused with other credentials, without a token, and once it has had its time', async () => {
    const { stage } = await withPeople(CXONE);
    await using _ = stage;
    expect((await token(stage, form('wrong'), { authorization: '' })).status).toBe(401);
    const post = (authorization: string) =>
      stage.callHere('POST', '/hooks/cxone/byoc/channels/c/outbound', { id: 'x' }, { authorization });
    expect((await post('')).status).toBe(401);
    expect((await post('Bearer v1.made-up')).status).toBe(401);
    const good = `Bearer ${(await token(stage, form('box secret:1'), { authorization: '' })).body.access_token}`;
    expect((await post(good)).status).toBe(400);
    await stage.clock.advance(60 * 60_000);
    expect((await post(good)).status).toBe(401);
  });
});
