// Tests the customer's way into their conversation and what is said there, over real sockets: one winner per link (H7), nothing lost or
// doubled, and nobody from elsewhere let in.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ANCHOR, type ChatStage, openChatStage } from '../../test/contract/chat-stage.ts';
import { FLOW, tokenOf } from '../../test/contract/deflection-stage.ts';
import type { ExternalId, HandoffId, InteractionId } from '../ids.ts';
import type { NameOf } from './agent-naming.ts';
import type { ServedChat } from './chat-parts.ts';
import { linkOf } from './claiming.ts';

const device = () => randomUUID();

describe('a link', () => {
  it('is exchanged by POST, and looking at it uses nothing up', async () => {
    await using stage = await openChatStage();
    const { token, interactionId } = await stage.deflected();
    for (let n = 0; n < 3; n += 1) await stage.get(`/c/${token}`);
    expect((await stage.runner.read(interactionId))?.state).toMatchObject({ offers: [{ kind: 'deflection' }] });
    const { status, body, headers } = await stage.session({ token, device: device() });
    expect([status, body.files]).toEqual([201, null]);
    expect(headers.get('set-cookie')).toMatch(/^throughline-chat=v1\.[\w-]+; .*HttpOnly; SameSite=Strict/);
    expect((await stage.runner.read(interactionId))?.state).toMatchObject({
      offers: [],
      settled: [{ kind: 'deflection', outcome: 'completed' }],
      holder: { kind: 'bot' },
    });
  });

  it('seed 000, edge case 1: opened twice, it is one conversation, on one device, which may be another', async () => {
    await using stage = await openChatStage();
    const { token, interactionId } = await stage.deflected();
    const [phone, laptop] = [device(), device()];
    const first = await stage.session({ token, device: phone });
    const customer = await stage.connect(first.cookie);
    await customer.say('Hello');
    // A refresh.
    const again = await stage.session({ token, device: phone });
    const refreshed = await stage.connect(again.cookie);
    expect(await customer.closed()).toBe(4001);
    await refreshed.until(() => refreshed.texts().includes('customer: Hello'));
    // Another device.
    expect(await stage.session({ token, device: laptop })).toMatchObject({
      status: 409,
      body: { code: 'claim-already-active', help: { phone: '+1 505 555 1000', fresh: true } },
    });
    const moved = await stage.session({ token, device: laptop, move: true });
    expect(moved.status).toBe(201);
    expect(await refreshed.closed()).toBe(4002);
    const there = await stage.connect(moved.cookie);
    await there.until(() => there.texts().includes('customer: Hello'));
    // The first device's session is good for nothing any more.
    expect(await (await stage.connect(again.cookie)).closed()).toBe(4002);
    const { state } = (await stage.runner.read(interactionId)) ?? {};
    expect(state).toMatchObject({ chats: [{ device: stage.parts.claims.device(laptop) }] });
    // What a device calls itself is kept nowhere.
    for (const raw of [phone, laptop]) expect(JSON.stringify(state)).not.toContain(raw);
    expect(state && 'legs' in state && state.legs.filter(({ platform }) => platform === ANCHOR)).toHaveLength(1);
  });

  it('claimed over the API is open to the same device here, and to another once it says that it moves', async () => {
    await using stage: ChatStage = await openChatStage({ findClaim: (token) => linkOf(stage.parts, token) });
    const { body: sent } = await stage.callHere('POST', '/v1/flows/deflect', FLOW);
    const [id, handoffId] = [sent.correlationId as InteractionId, sent.handoffId as HandoffId];
    const token = await tokenOf(stage, id, handoffId);
    const [phone, laptop] = [device(), device()];
    const claim = (name: string, move = false) => stage.callHere('POST', `/v1/claims/${token}`, { device: name, move });
    expect((await claim(phone)).status).toBe(200);
    expect((await stage.session({ token, device: laptop })).body.code).toBe('claim-already-active');
    expect((await stage.session({ token, device: phone })).status).toBe(201);
    expect((await claim(phone)).status).toBe(200);
    // Moved over the API, it is not asked about again here.
    expect((await claim(laptop)).body.code).toBe('claim-already-active');
    expect((await claim(laptop, true)).status).toBe(200);
    expect((await stage.session({ token, device: laptop })).status).toBe(201);
    expect((await stage.session({ token, device: phone })).body.code).toBe('claim-already-active');
    const { state } = (await stage.runner.read(id)) ?? {};
    expect(state).toMatchObject({ chats: [{ device: stage.parts.claims.device(laptop) }] });
  });

  it('H7: of many devices at once one wins', async () => {
    await using stage = await openChatStage();
    const { token, interactionId } = await stage.deflected();
    const answers = await Promise.all(Array.from({ length: 12 }, () => stage.session({ token, device: device() })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(11).fill(409)]);
    expect((await stage.runner.read(interactionId))?.state).toMatchObject({ chats: [{}] });
  });

  it('that is unknown, expired or used elsewhere says what can be done instead', async () => {
    await using stage = await openChatStage();
    expect(await stage.session({ token: 'no-such-token-here', device: device() })).toMatchObject({
      status: 404,
      body: { code: 'claim-unknown', help: { fresh: true } },
    });
    const { token } = await stage.deflected();
    await stage.clock.advance(3_600_000);
    expect(await stage.session({ token, device: device() })).toMatchObject({
      status: 410,
      body: { code: 'claim-expired' },
    });
  });

  it('guessed is guessed twenty times a minute at most, here and at the API together', async () => {
    await using stage = await openChatStage();
    const guess = () => stage.session({ token: randomUUID(), device: device() });
    for (let n = 0; n < 20; n += 1) expect((await guess()).status).toBe(404);
    expect((await guess()).status).toBe(429);
    const { token } = await stage.deflected();
    const key = { authorization: 'Bearer the-admin-key' };
    expect((await stage.post(`/v1/claims/${token}`, { device: device() }, key)).status).toBe(429);
    expect(stage.log.filter(({ code }) => code === 'claim-tokens-wrong')).toHaveLength(1);
  });

  it('that a platform’s own conversation has claimed is not ours to open', async () => {
    await using stage = await openChatStage();
    const { token, interactionId } = await stage.deflected();
    const leg = {
      platform: stage.parts.platforms[0]?.name ?? ANCHOR,
      externalId: 'vendor-1' as ExternalId,
      channel: 'message',
    };
    const offer = { kind: 'claim-offer', actor: 'test', device: 'vendor', leg, move: false, anchor: ANCHOR } as const;
    stage.vendor.held.add('WriteContext');
    await stage.runner.submit(interactionId, {
      ...offer,
      leg: { ...leg, channel: 'message' },
      handoffId: `${interactionId}.1` as never,
    });
    expect(await stage.session({ token, device: device() })).toMatchObject({ status: 409 });
  });

  it('is opened from our own page only', async () => {
    await using stage = await openChatStage();
    const { token } = await stage.deflected();
    const foreign = await stage.post(
      '/c/session',
      { token, device: device() },
      { origin: 'https://elsewhere.example' },
    );
    expect(foreign).toMatchObject({ status: 403, body: { code: 'cross-origin-refused' } });
  });
});

describe('without a link', () => {
  it('a conversation begins with the bot’s greeting, where that is allowed', async () => {
    await using stage = await openChatStage();
    stage.vendor.bot = ({ prompt }) => ({
      messages: prompt.kind === 'event' ? ['Welcome'] : [],
      actions: [],
      memory: null,
    });
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const customer = await stage.connect(cookie);
    await customer.until(() => customer.texts().includes('bot: Welcome'));
    await using closed = await openChatStage({ fresh: false });
    expect((await closed.session({ fresh: true, device: device() })).status).toBe(404);
  });

  it('an address begins twenty a minute at most', async () => {
    await using stage = await openChatStage();
    const begin = () => stage.session({ fresh: true, device: device() });
    for (let n = 0; n < 20; n += 1) expect((await begin()).status).toBe(201);
    expect(await begin()).toMatchObject({ status: 429, body: { code: 'too-many-conversations' } });
  });
});

describe('a socket', () => {
  it('opens from our own page and with a session, and for nothing else', async () => {
    await using stage = await openChatStage();
    const { cookie } = await stage.session({ fresh: true, device: device() });
    await expect(stage.connect(cookie, { origin: 'https://elsewhere.example' })).rejects.toThrow('403');
    await expect(stage.connect('')).rejects.toThrow('401');
    await expect(stage.connect('throughline-chat=v1.made-up')).rejects.toThrow('401');
    const other = await fetch(`${stage.url}/elsewhere`, {
      headers: { connection: 'upgrade', upgrade: 'websocket' },
    }).catch(() => null);
    expect(other?.status).not.toBe(101);
  });

  it('keeps a message before it acknowledges it, and a repeated one once', async () => {
    await using stage = await openChatStage();
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const customer = await stage.connect(cookie);
    await customer.welcome();
    const id = randomUUID();
    const ack = await customer.say('Hello', id);
    expect(ack).toEqual({ type: 'ack', id, seq: 1 });
    customer.cut();
    // The answer was lost with the line: it is said again.
    const back = await stage.connect(cookie);
    expect(await back.say('Hello', id)).toEqual({ type: 'ack', id, seq: 1 });
    expect(back.texts()).toEqual(['customer: Hello']);
  });

  it('resumes after the last line that was seen, in order and without a gap, however many were said meanwhile', async () => {
    await using stage = await openChatStage();
    stage.vendor.bot = ({ prompt }) => ({
      messages: prompt.kind === 'text' ? [`You said ${prompt.text}`] : [],
      actions: [],
      memory: null,
    });
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const customer = await stage.connect(cookie);
    await customer.say('one');
    await customer.until(() => customer.lines().length === 2);
    customer.cut();
    const other = await stage.connect(cookie);
    for (const text of ['two', 'three']) await other.say(text);
    await other.until(() => other.lines().length === 6);
    const back = await stage.connect(cookie, { seen: 2 });
    await back.until(() => back.lines().length === 4);
    expect(back.lines().map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
    expect(other.lines().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is closed on what is not spoken here, and on too much of it', async () => {
    await using stage = await openChatStage();
    const { cookie } = await stage.session({ fresh: true, device: device() });
    for (const frame of [
      'no json',
      '{"type":"sing"}',
      '{"type":"say","id":"short","text":"x"}',
      '{"type":"say","id":"long-enough","text":"  "}',
    ]) {
      const customer = await stage.connect(cookie, { seen: null });
      customer.socket.send(frame);
      expect(await customer.closed()).toBe(4004);
    }
    const large = await stage.connect(cookie, { seen: null });
    large.socket.send('x'.repeat(40_000));
    expect(await large.closed()).toBe(1009);
    const binary = await stage.connect(cookie, { seen: null });
    binary.socket.send(Buffer.from('{"type":"hello","seen":0}'));
    expect(await binary.closed()).toBe(4004);
  });

  it('tells who says too much too fast to wait, and takes it then', async () => {
    await using stage = await openChatStage();
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const customer = await stage.connect(cookie);
    for (let n = 0; n < 10; n += 1) expect((await customer.say(`m ${n}`)).type).toBe('ack');
    const refused = await customer.say('one more');
    expect(refused).toMatchObject({ type: 'refused', code: 'too-fast', retryAfterMs: 500 });
    await stage.clock.advance(500);
    expect((await customer.say('one more')).type).toBe('ack');
  });

  it('ends with its session', async () => {
    await using stage = await openChatStage();
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const customer = await stage.connect(cookie);
    await customer.welcome();
    await stage.clock.advance(24 * 3_600_000);
    customer.send({ type: 'hello', seen: 0 });
    expect(await customer.closed()).toBe(4003);
    expect((await fetch(`${stage.url}/c/session`, { headers: { cookie } })).status).toBe(401);
  });

  it('that no longer answers is let go', async () => {
    await using stage = await openChatStage();
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const customer = await stage.connect(cookie);
    await customer.welcome();
    customer.socket.pause();
    await stage.clock.advance(25_000);
    await stage.clock.advance(25_000);
    await expect.poll(() => stage.chats.hub.count).toBe(0);
  });

  it('is told when the interaction is erased', async () => {
    await using stage = await openChatStage();
    const { token, interactionId } = await stage.deflected();
    const { cookie } = await stage.session({ token, device: device() });
    const customer = await stage.connect(cookie);
    await customer.welcome();
    await stage.runner.submit(interactionId, { kind: 'erase', actor: 'test', erasureId: 'e' });
    expect(await customer.closed()).toBe(4003);
    expect(await (await stage.connect(cookie)).closed()).toBe(4003);
  });
});

describe('who has the conversation', () => {
  const withPeople = async (change: Partial<ServedChat> = {}) => {
    const stage = await openChatStage(change);
    const { policy } = stage.parts;
    stage.vendor.desk = { ...policy, desk: { platform: 'genesys_cloud' as never, deduplicates: false } };
    stage.vendor.bot = ({ prompt }) => ({
      messages: prompt.kind === 'event' ? [`(${prompt.name})`] : ['One moment'],
      actions: prompt.kind === 'text' ? [{ kind: 'redirect', queue: 'General_Support', resume: true }] : [],
      memory: null,
    });
    const { token, interactionId } = await stage.deflected();
    const { cookie } = await stage.session({ token, device: device() });
    const customer = await stage.connect(cookie);
    await customer.say('A person, please');
    return { stage, customer, cookie, interactionId };
  };
  const agentSays = (text: string, name = 'Ana') =>
    ({ kind: 'agent-says', actor: 'test', platform: 'genesys_cloud' as never, id: text, text, name }) as const;

  it('is shown: the bot, the queue, the agent by name, and the bot again behind a mark', async () => {
    const { stage, customer, interactionId } = await withPeople();
    await using _ = stage;
    const presence = (kind: string) =>
      customer.until(() =>
        customer.frames.findLast((frame) => frame.type === 'presence' && frame.presence.holder === kind),
      );
    await presence('queue');
    const { state } = (await stage.runner.read(interactionId)) ?? {};
    const far = (state && 'chats' in state && state.chats?.[0]?.desk?.far) || ('' as ExternalId);
    await stage.runner.submit(interactionId, { ...agentSays('How can I help?'), far });
    expect(await presence('agent')).toMatchObject({ presence: { name: 'Ana', over: false } });
    await customer.say('I was charged twice');
    expect(stage.vendor.commands.map(({ kind }) => kind)).toContain('DeliverMessage');
    await stage.runner.submit(interactionId, {
      kind: 'conversation-event',
      actor: 'test',
      event: {
        kind: 'customer-left',
        platform: 'genesys_cloud' as never,
        externalId: `people-${far}` as ExternalId,
        messageId: 'x-1',
        at: stage.clock.now(),
        participantId: 'p' as never,
      },
    });
    await customer.until(() => customer.texts().includes('bot: (resumed)'));
    expect(customer.texts()).toEqual([
      'bot: (opened)',
      'customer: A person, please',
      'bot: One moment',
      '[person-asked]',
      '[person-joined]',
      'agent: How can I help?',
      'customer: I was charged twice',
      '[person-left]',
      'bot: (resumed)',
    ]);
  });

  it('is named where their messages do not: asked once, and without a name where it cannot be had', async () => {
    const asked: string[] = [];
    const names = new Map([['a-1', 'Ana']]);
    const nameOf: NameOf = async (platform, agentId) => {
      asked.push(`${platform} ${agentId}`);
      return names.get(agentId) ?? null;
    };
    const { stage, customer, interactionId } = await withPeople({ nameOf });
    await using _ = stage;
    const state = await stage.runner.watch(interactionId, ({ chats }) => chats?.[0]?.desk != null, 5_000);
    const far = state?.chats?.[0]?.desk?.far ?? '';
    const joins = (agentId: string) =>
      stage.runner.submit(interactionId, {
        kind: 'conversation-event',
        actor: 'test',
        event: {
          kind: 'agent-joined',
          platform: 'genesys_cloud' as never,
          externalId: `people-${far}` as ExternalId,
          messageId: `joined-${agentId}`,
          at: stage.clock.now(),
          participantId: `p-${agentId}` as never,
          agentId: agentId as never,
        },
      });
    const shown = (name: string | undefined) =>
      customer.until(() => {
        const last = customer.frames.findLast((frame) => frame.type === 'presence');
        return last?.presence.holder === 'agent' && last.presence.name === name;
      });
    await joins('a-1');
    await shown('Ana');
    await customer.say('Hello Ana');
    expect(asked).toEqual(['genesys_cloud a-1']);
    await joins('a-2');
    await shown(undefined);
    await expect.poll(() => asked.at(-1)).toBe('genesys_cloud a-2');
  });

  it('what did not arrive is said so, after a refresh too', async () => {
    const { stage, customer, cookie } = await withPeople();
    await using _ = stage;
    await customer.until(() => customer.frames.findLast((f) => f.type === 'presence' && f.presence.holder === 'queue'));
    stage.vendor.refuses.add('DeliverMessage');
    const id = randomUUID();
    await customer.say('Hello?', id);
    expect(await customer.until(() => customer.frames.find((frame) => frame.type === 'delivery'))).toEqual({
      type: 'delivery',
      id,
      delivery: 'failed',
    });
    const back = await stage.connect(cookie);
    await back.until(() => back.lines().some((line) => line.kind === 'message' && line.delivery === 'failed'));
  });

  it('is with people though their platform’s flow has told of their conversation first', async () => {
    const { stage, customer } = await withPeople();
    await using _ = stage;
    customer.send({ type: 'end' });
    await customer.until(() => customer.frames.find((frame) => frame.type === 'presence' && frame.presence.over));
    await stage.open('told-of-first', { channel: 'message' });
    stage.vendor.peopleCall = 'told-of-first';
    const { cookie } = await stage.session({ fresh: true, device: device() });
    const other = await stage.connect(cookie);
    await other.say('A person, please');
    await other.until(() =>
      other.frames.find((frame) => frame.type === 'presence' && frame.presence.holder === 'queue'),
    );
  });

  it('somebody’s writing is passed on and kept nowhere', async () => {
    const { stage, customer, interactionId } = await withPeople();
    await using _ = stage;
    await customer.until(() => customer.frames.find((f) => f.type === 'presence' && f.presence.holder === 'queue'));
    const before = (await stage.runner.read(interactionId))?.version;
    stage.chats.hub.typing(interactionId);
    await customer.until(() => customer.frames.find((frame) => frame.type === 'typing'));
    customer.send({ type: 'typing' });
    // What is asked after it is answered after it.
    customer.send({ type: 'say', id: 'a-repeated-one', text: 'x', attachments: ['of-nobody'] });
    await customer.until(() => customer.frames.find((frame) => frame.type === 'refused'));
    expect((await stage.runner.read(interactionId))?.version).toBe(before);
    expect((await customer.say('still here')).type).toBe('ack');
  });

  it('the customer’s writing is shown to an agent who has the talk, now and then, and to nobody else', async () => {
    const shown: unknown[] = [];
    const { stage, customer, interactionId } = await withPeople({ writing: (writer) => shown.push(writer) });
    await using _ = stage;
    const holder = (kind: string) =>
      customer.until(() => customer.frames.findLast((f) => f.type === 'presence' && f.presence.holder === kind));
    await holder('queue');
    const write = async () => {
      customer.send({ type: 'typing' });
      // What was said after it has been heard after it.
      await customer.say('…');
    };
    await write();
    expect(shown).toEqual([]);
    const { state } = (await stage.runner.read(interactionId)) ?? {};
    const far = (state && 'chats' in state && state.chats?.[0]?.desk?.far) || ('' as ExternalId);
    await stage.runner.submit(interactionId, { ...agentSays('Hello'), far });
    await holder('agent');
    await stage.clock.advance(5_000);
    await write();
    await write();
    expect(shown).toEqual([{ platform: 'genesys_cloud', far }]);
    await stage.clock.advance(5_000);
    await write();
    expect(shown).toHaveLength(2);
  });

  it('ends when the customer says so', async () => {
    const { stage, customer } = await withPeople();
    await using _ = stage;
    customer.send({ type: 'end' });
    await customer.until(() => customer.frames.find((frame) => frame.type === 'presence' && frame.presence.over));
    expect(await customer.say('Wait')).toMatchObject({ type: 'refused', code: 'chat-over' });
  });
});
