// Tests how a platform that signs no people in gets its agents' cards opened: the script's question, and the reference that opens one card
// once, for one conversation, over all nodes and restarts (docs/decisions/0034).

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { CXONE, GENESYS, type Served, serve } from '../../test/contract/served.ts';
import { Journal } from '../journal/journal.ts';
import { openSqlite } from '../journal/sqlite.ts';
import { buildServer } from './app.ts';
import { CardReferences, REFERENCE_LIFE_MS } from './card-references.ts';
import type { ServedCard } from './parts.ts';
import { sessionSecret } from './session-seal.ts';

type Json = Readonly<Record<string, unknown>>;
const CONTACT = '77';
const BY_REFERENCE: ServedCard = { kind: 'reference', frameAncestors: ['https://cxagent.nicecxone.com'] };
const BY_SIGN_IN: ServedCard = {
  kind: 'sign-in',
  clientId: 'card',
  authorizeUrl: 'https://login.example/authorize',
  tokenUrl: 'https://login.example/token',
  scope: '',
  frameAncestors: [],
  identify: () => Promise.reject(new Error('nobody signs in here')),
  look: () => Promise.reject(new Error('nobody looks here')),
};

/** A page in a browser of its own, and the script, before one node of the service. */
function nodeOf(served: Served, cards: Readonly<Record<string, ServedCard>> = { [CXONE]: BY_REFERENCE }) {
  const platforms = served.parts.platforms.map((one) => {
    const card = cards[one.name];
    return card ? { ...one, card } : one;
  });
  const app = buildServer({ ...served.parts, platforms });
  let cookie = '';
  const ask = async (method: string, path: string, body?: Json, headers: Record<string, string> = {}) => {
    const answer = await app.request(path, {
      method,
      headers: { 'content-type': 'application/json', ...(cookie && { cookie }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const [set] = answer.headers.getSetCookie();
    if (set) cookie = set.split(';')[0] ?? '';
    const text = await answer.text();
    return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, never> };
  };
  const key = { authorization: 'Bearer the-claims-key' };
  return {
    app,
    ask,
    forgetCookie: () => {
      cookie = '';
    },
    card: async (more: Json = {}) =>
      (await ask('POST', '/v1/flows/card', { platform: CXONE, conversationId: CONTACT, agentId: '4492', ...more }, key))
        .body as Readonly<Record<string, string>>,
    open: (reference: string, more: Json = {}) =>
      ask('POST', '/card/session', { platform: CXONE, conversationId: CONTACT, reference, ...more }),
    briefing: (query = `platform=${CXONE}&conversationId=${CONTACT}`) => ask('GET', `/card/briefing?${query}`),
  };
}

/** A caller who has been transferred to CXone and redeemed there. */
async function arrived(served: Served, contact = CONTACT, conversation = 'conv-1') {
  const phone = '+14155551234';
  const id = await served.open(conversation, { customer: { phone }, context: { intent: 'claim', sentiment: 'angry' } });
  const to = { platform: CXONE, queue: 'Claims' };
  await served.post(`/v1/interactions/${id}/handoffs`, {
    kind: 'transfer',
    to,
    transferType: 'blind',
    initiatedBy: 'bot',
  });
  for (let turn = 0; turn < 20; turn += 1) await served.clock.advance(10);
  const away = served.vendor.commands.filter(({ kind }) => kind === 'TransferAway').at(-1) as unknown as Json;
  const asked = { platform: CXONE, conversationId: contact, token: String(away.token) };
  expect((await served.post('/v1/flows/redeem', asked)).body.found).toBe('true');
  return id;
}

const referenceIn = ({ cardUrl = '' }: Readonly<Record<string, string>>) =>
  new URLSearchParams(new URL(cardUrl).hash.slice(1)).get('reference') ?? '';

describe('POST /v1/flows/card', () => {
  it('gives an address whose fragment alone opens the card', async () => {
    await using served = await serve();
    const id = await arrived(served);
    const node = nodeOf(served);
    const answer = await node.card();
    expect(answer).toEqual({ found: 'true', cardUrl: expect.any(String), interactionId: id });
    const url = new URL(answer.cardUrl ?? '');
    expect(`${url.origin}${url.pathname}${url.search}`).toBe(
      `http://localhost/card?platform=${CXONE}&conversationId=77`,
    );
    expect(Buffer.from(referenceIn(answer).slice(3), 'base64url').toString('latin1')).not.toContain('4492');
    const { status, body } = await node.open(referenceIn(answer));
    expect([status, body]).toEqual([
      201,
      { agent: { id: '4492', name: 'opened by reference' }, expiresAt: expect.any(String) },
    ]);
    const read = await node.briefing();
    expect(read.status).toBe(200);
    expect(read.body).toMatchObject({ interactionId: id, whole: { context: { intent: 'claim', sentiment: 'angry' } } });
  });

  it('gives every agent a new one, also where the contact was passed on under a new id', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served);
    const [first, second] = [
      await node.card(),
      await node.card({ conversationId: '78', masterId: CONTACT, agentId: '9' }),
    ];
    expect(referenceIn(second)).not.toBe(referenceIn(first));
    expect(new URL(second.cardUrl ?? '').searchParams.get('conversationId')).toBe(CONTACT);
    expect((await node.open(referenceIn(first))).status).toBe(201);
    expect((await node.open(referenceIn(second))).body).toMatchObject({ agent: { id: '9' } });
  });

  it('gives a plain address where agents sign in at the platform, and none that redeem has given opens a card', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served, { [GENESYS]: BY_SIGN_IN, [CXONE]: BY_REFERENCE });
    const { cardUrl } = await node.card({ platform: GENESYS, conversationId: 'conv-1' });
    expect(cardUrl).toBe(`http://localhost/card?platform=${GENESYS}&conversationId=conv-1`);
    const told = (await served.post('/v1/flows/redeem', { platform: CXONE, conversationId: CONTACT })).body;
    expect(new URL(String(told.cardUrl)).hash).toBe('');
  });

  it.each([
    ['nobody has handed over', { conversationId: '1' }, 'no-briefing-yet'],
    ['the platform has no card', { platform: GENESYS, conversationId: 'conv-1' }, 'card-not-configured'],
    ['there is no such platform', { platform: 'elsewhere' }, 'unknown-platform'],
  ])('finds none where %s', async (_, asked, reason) => {
    await using served = await serve();
    await arrived(served);
    expect(await nodeOf(served).card(asked)).toEqual({ found: 'false', reason });
  });

  it('is for scripts with a key', async () => {
    await using served = await serve();
    const asked = { platform: CXONE, conversationId: CONTACT };
    const node = nodeOf(served);
    expect((await node.ask('POST', '/v1/flows/card', asked)).status).toBe(401);
    const other = { authorization: 'Bearer the-manifests-key' };
    expect((await node.ask('POST', '/v1/flows/card', asked, other)).status).toBe(403);
  });
});

describe('a reference', () => {
  it('opens once, whichever node it is brought to, and all at once', async () => {
    await using served = await serve();
    await arrived(served);
    const nodes = [nodeOf(served), nodeOf(served), nodeOf(served)];
    const reference = referenceIn((await nodes[0]?.card()) ?? {});
    const answers = await Promise.all(nodes.map((node) => node.open(reference)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 410, 410]);
    expect(answers.find(({ status }) => status === 410)?.body).toMatchObject({ code: 'card-reference-spent' });
    expect((await nodes[1]?.open(reference))?.body).toMatchObject({ code: 'card-reference-spent' });
  });

  it('is over after two minutes', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served);
    const [late, inTime] = [referenceIn(await node.card()), referenceIn(await node.card())];
    await served.clock.advance(REFERENCE_LIFE_MS - 1);
    expect((await node.open(inTime)).status).toBe(201);
    await served.clock.advance(1);
    const { status, body } = await node.open(late);
    expect([status, body]).toMatchObject([410, { code: 'card-reference-spent' }]);
  });

  it('opens no other conversation, nor another platform’s of the same id, and is not used up by that', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served, { [GENESYS]: BY_SIGN_IN, [CXONE]: BY_REFERENCE });
    const reference = referenceIn(await node.card());
    for (const more of [{ conversationId: '78' }, { platform: GENESYS }]) {
      const { status, body } = await node.open(reference, more);
      expect([status, body]).toMatchObject([401, { code: 'card-reference-refused' }]);
      expect((await node.briefing()).body).toMatchObject({ code: 'card-reference-needed' });
    }
    expect((await node.open(reference)).status).toBe(201);
  });

  it('is nothing that anybody else has made: changed, of another purpose, or of another key', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served);
    const good = referenceIn(await node.card());
    const about = { platform: CXONE, conversationId: CONTACT, agentId: '' };
    const foreign = { ...served.parts, sessionSecret: sessionSecret(new Uint8Array(32).fill(8)) };
    const wrong = [
      `${good.slice(0, 40)}${good[40] === 'A' ? 'B' : 'A'}${good.slice(41)}`,
      new CardReferences(foreign).mint(about),
      'made-up',
    ];
    for (const one of wrong) expect((await node.open(one)).body).toMatchObject({ code: 'card-reference-refused' });
    expect((await node.open(good)).status).toBe(201);
  });

  it('opens nothing where agents sign in, whoever has sealed it', async () => {
    await using served = await serve();
    await arrived(served);
    const reference = new CardReferences(served.parts).mint({ platform: CXONE, conversationId: CONTACT, agentId: '' });
    const { status, body } = await nodeOf(served, { [CXONE]: BY_SIGN_IN }).open(reference);
    expect([status, body]).toMatchObject([401, { code: 'card-reference-refused' }]);
  });

  it('stays used across a restart, and one that was not opens after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-card-'));
    const [masterKey, clock] = [randomBytes(32), manualClock()];
    const secret = sessionSecret(masterKey);
    const life = async <Value>(act: (references: CardReferences) => Promise<Value>) => {
      await using store = openSqlite(join(folder, 'journal.db'));
      const journal = await Journal.open(store, masterKey);
      const chance = (size: number) => new Uint8Array(randomBytes(size));
      return await act(new CardReferences({ clock, journal, randomBytes: chance, sessionSecret: secret }));
    };
    const about = { platform: CXONE, conversationId: CONTACT, agentId: '4492' };
    try {
      const [used, kept] = await life(async (references) => {
        const minted = [references.mint(about), references.mint(about)];
        expect(await references.use(minted[0] ?? '', about)).toEqual(about);
        return minted;
      });
      await life(async (references) => {
        await expect(references.use(used ?? '', about)).rejects.toMatchObject({ code: 'card-reference-spent' });
        expect(await references.use(kept ?? '', about)).toEqual(about);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is in no log, and a guesser is stopped while one whose page comes again is not', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served);
    const reference = referenceIn(await node.card());
    for (let n = 0; n < 25; n += 1) await node.open(reference);
    expect((await node.open(reference)).status).toBe(410);
    for (let n = 0; n < 20; n += 1) await node.open('made-up');
    expect((await node.open(reference)).body).toMatchObject({ code: 'too-many-attempts' });
    expect(served.log.map(({ code }) => code)).toEqual(Array(20).fill('card-reference-refused'));
    expect(JSON.stringify([served.log, served.errors])).not.toContain(reference);
  });
});

describe('a card that opens by a reference', () => {
  it('is framed by the desktops of its platform and by nobody else, and calls only us', async () => {
    await using served = await serve();
    const { app } = nodeOf(served);
    const policy = ((await app.request('/card')).headers.get('content-security-policy') ?? '').split('; ');
    expect(policy).toContain("frame-ancestors 'self' https://cxagent.nicecxone.com");
    expect(policy).toContain("connect-src 'self'");
  });

  it('asks nobody to sign in, with or without its platform’s name', async () => {
    await using served = await serve();
    await arrived(served);
    const node = nodeOf(served);
    for (const query of [`platform=${CXONE}&`, '']) {
      const { status, body } = await node.briefing(`${query}conversationId=${CONTACT}`);
      expect([status, body]).toMatchObject([401, { code: 'card-reference-needed' }]);
    }
    const where = await node.ask('GET', `/card/sign-in?platform=${CXONE}`);
    expect([where.status, where.body]).toMatchObject([401, { code: 'card-reference-needed' }]);
    const token = await node.ask('POST', '/card/session', { platform: CXONE, conversationId: CONTACT, userToken: 't' });
    expect(token.body).toMatchObject({ code: 'card-reference-needed' });
    const both = { platform: CXONE, conversationId: CONTACT };
    expect((await node.ask('POST', '/card/session', both)).status).toBe(400);
    expect((await node.ask('POST', '/card/session', { ...both, userToken: 't', reference: 'r' })).status).toBe(400);
  });

  it('is read where its address names no platform beside another at which agents sign in', async () => {
    await using served = await serve();
    const id = await arrived(served);
    const node = nodeOf(served, { [GENESYS]: BY_SIGN_IN, [CXONE]: BY_REFERENCE });
    const reference = referenceIn(await node.card());
    expect((await node.ask('POST', '/card/session', { conversationId: CONTACT, reference })).status).toBe(201);
    expect((await node.briefing(`conversationId=${CONTACT}`)).body).toMatchObject({ interactionId: id });
    node.forgetCookie();
    expect((await node.briefing(`conversationId=${CONTACT}`)).body).toMatchObject({ code: 'no-session' });
  });
});
