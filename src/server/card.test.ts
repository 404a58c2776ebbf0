// Tests who gets to read a conversation's briefing: agents whom the platform vouches for and who take part in it, and nobody else.

import { describe, expect, it } from 'vitest';
import { cardStage } from '../../test/contract/card-stage.ts';
import { GENESYS, serve } from '../../test/contract/served.ts';

type Stage = Awaited<ReturnType<typeof cardStage>>;
const session = (conversationId: string, userToken: string) => ({ platform: GENESYS, conversationId, userToken });

/** Sam rings with a caller; Sam's token. */
async function ringing(stage: Stage) {
  const sam = await stage.agent('Sam');
  const conversationId = await stage.ring();
  return { sam, conversationId, token: await stage.signIn(sam) };
}

describe('GET /card/sign-in', () => {
  it('says where agents sign in, and where the login returns to', async () => {
    await using stage = await cardStage();
    const { status, body } = await stage.visit('GET', `/card/sign-in?platform=${GENESYS}`);
    expect([status, body]).toEqual([
      200,
      {
        authorizeUrl: 'http://genesys.twin/oauth/authorize',
        clientId: 'twin-card',
        redirectUri: 'http://localhost/card/signed-in',
        tokenUrl: 'http://genesys.twin/oauth/token',
        scope: '',
      },
    ]);
    expect((await stage.visit('GET', '/card/sign-in')).body).toEqual(body);
  });

  it('returns to the configured address, where there is one', async () => {
    const redirectUri = 'https://handoff.example/card/signed-in';
    await using stage = await cardStage({}, { redirectUri });
    expect((await stage.visit('GET', '/card/sign-in')).body.redirectUri).toBe(redirectUri);
  });

  it('knows no card of a platform without one', async () => {
    await using served = await serve();
    for (const path of [`/card/sign-in?platform=${GENESYS}`, '/card/sign-in?platform=nowhere', '/card/sign-in']) {
      const { status, body } = await served.get(path, { authorization: '' });
      expect([status, body.code]).toEqual([404, 'card-not-configured']);
    }
  });
});

describe('POST /card/session', () => {
  it('is for the agent who is being rung, before they accept', async () => {
    await using stage = await cardStage();
    const { sam, conversationId, token } = await ringing(stage);
    const { status, body, headers } = await stage.visit('POST', '/card/session', session(conversationId, token));
    expect([status, body]).toEqual([201, { agent: { id: sam, name: 'Sam' }, expiresAt: '2026-11-20T00:30:00.000Z' }]);
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^throughline-card-[0-9a-f]{16}=v1\.[\w-]+; Max-Age=1800; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(conversationId);
  });

  it('is for the agent who talks, and who has talked', async () => {
    await using stage = await cardStage();
    const { sam, conversationId, token } = await ringing(stage);
    await stage.answer(conversationId, sam);
    expect((await stage.visit('POST', '/card/session', session(conversationId, token))).status).toBe(201);
    await stage.hangUp(conversationId);
    expect((await stage.visit('POST', '/card/session', session(conversationId, token))).status).toBe(201);
  });

  it('sets a cookie that works in a vendor’s frame, where the connection is encrypted', async () => {
    await using stage = await cardStage({ behindProxy: true });
    const { conversationId, token } = await ringing(stage);
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'handoff.example' };
    const own = { ...https, origin: 'https://handoff.example', 'sec-fetch-site': 'same-origin' };
    const { status, headers } = await stage.visit('POST', '/card/session', session(conversationId, token), own);
    expect(status).toBe(201);
    expect(headers.get('set-cookie')).toMatch(/^__Host-throughline-card-.*; Secure; SameSite=None; Partitioned$/);
    const where = await stage.visit('GET', '/card/sign-in', undefined, https);
    expect(where.body.redirectUri).toBe('https://handoff.example/card/signed-in');
  });

  it('is not for an agent who takes no part, nor in a conversation that is not there', async () => {
    await using stage = await cardStage();
    const { conversationId } = await ringing(stage);
    const toni = await stage.signIn(await stage.agent('Toni', []));
    for (const id of [conversationId, '00000000-0000-4000-8000-000000000000', 'nonsense/../x']) {
      const { status, body, headers } = await stage.visit('POST', '/card/session', session(id, toni));
      expect([status, body.code, headers.get('set-cookie')]).toEqual([403, 'not-your-conversation', null]);
    }
  });

  it('takes no token that was minted for another application, nor an application’s own, nor one that is made up', async () => {
    await using stage = await cardStage();
    const { sam, conversationId } = await ringing(stage);
    const foreign = await stage.signIn(sam, 'foreign-app');
    for (const token of [foreign, await stage.applicationToken(), 'made-up']) {
      const { status, body } = await stage.visit('POST', '/card/session', session(conversationId, token));
      expect([status, body.code]).toEqual([401, 'card-sign-in-refused']);
    }
    const asked = stage.twin.calls().filter(({ path }) => path.includes('/conversations/'));
    expect(asked, 'our quota is not spent on whom the platform does not vouch for').toEqual([]);
  });

  it('takes no token that has expired', async () => {
    await using stage = await cardStage();
    const { conversationId, token } = await ringing(stage);
    await stage.vendorClock.advance(86_400_000);
    const { status, body } = await stage.visit('POST', '/card/session', session(conversationId, token));
    expect([status, body.code]).toEqual([401, 'card-sign-in-refused']);
  });

  it.each(['/users/me', '/tokens/me', '/conversations/'])(
    'says so when the platform does not answer %s, and takes silence for no yes',
    async (path) => {
      await using stage = await cardStage();
      const { conversationId, token } = await ringing(stage);
      await stage.fault(path, '500');
      const { status, body } = await stage.visit('POST', '/card/session', session(conversationId, token));
      expect([status, body.code, body.failure]).toEqual([503, 'platform-unavailable', 'vendor-error']);
    },
  );

  it('says so when the platform is silent', async () => {
    await using stage = await cardStage();
    const { conversationId, token } = await ringing(stage);
    await stage.fault('/users/me', 'hang');
    const waiting = stage.visit('POST', '/card/session', session(conversationId, token));
    await stage.vendorClock.whenSleeping(1);
    await stage.vendorClock.advance(4_000);
    const { status, body } = await waiting;
    expect([status, body.code]).toEqual([504, 'platform-timeout']);
  });

  it('is asked for by our own page only, in the documented shape', async () => {
    await using stage = await cardStage();
    const { conversationId, token } = await ringing(stage);
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://apps.mypurecloud.ie' };
    const refused = await stage.visit('POST', '/card/session', session(conversationId, token), foreign);
    expect([refused.status, refused.body.code]).toEqual([403, 'cross-origin-refused']);
    const odd = await stage.visit('POST', '/card/session', session(conversationId, 'a\nb'));
    expect([odd.status, odd.body.code]).toEqual([400, 'invalid-request']);
  });

  it('lets an address that was refused twenty times wait', async () => {
    await using stage = await cardStage();
    const { conversationId, token } = await ringing(stage);
    for (let n = 0; n < 20; n += 1) await stage.visit('POST', '/card/session', session(conversationId, 'made-up'));
    const { status, body } = await stage.visit('POST', '/card/session', session(conversationId, token));
    expect([status, body.code]).toEqual([429, 'too-many-attempts']);
  });

  it('leaves neither token nor name in logs and errors', async () => {
    await using stage = await cardStage();
    const { conversationId, token } = await ringing(stage);
    const toni = await stage.signIn(await stage.agent('Toni Tester', []));
    const answers = [
      await stage.visit('POST', '/card/session', session(conversationId, toni)),
      await stage.visit('POST', '/card/session', session(conversationId, `${token}x`)),
    ];
    const told = JSON.stringify([stage.served.log, stage.served.errors, answers]);
    expect(stage.served.log.map(({ code }) => code)).toEqual(['not-your-conversation', 'card-sign-in-refused']);
    for (const secret of [toni, token, 'Toni', '4155550100']) expect(told).not.toContain(secret);
  });
});

describe('the card’s page', () => {
  it('is framed by the desktops of the configuration, and calls only us and where agents sign in', async () => {
    await using stage = await cardStage();
    for (const path of ['/card', '/card/signed-in']) {
      const { headers } = await stage.visit('GET', path);
      const policy = (headers.get('content-security-policy') ?? '').split('; ');
      const desktops = path === '/card' ? ' https://apps.mypurecloud.ie' : '';
      expect(policy).toContain(`frame-ancestors 'self'${desktops}`);
      expect(policy).toContain("connect-src 'self' http://genesys.twin");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy.join()).not.toContain('unsafe');
      expect(headers.get('x-frame-options')).toBeNull();
    }
  });
});
