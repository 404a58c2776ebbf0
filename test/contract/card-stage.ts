// Owns a service with a real Genesys twin behind its card: agents sign in at the twin with PKCE, the adapter asks the twin who they
// are, and conversations ring them there.

import { createHash } from 'node:crypto';
import { genesysPlatform } from '../../src/platforms/genesys/genesys-platform.ts';
import type { Call } from '../../src/platforms/platform.ts';
import type { ServerParts, SignInCard } from '../../src/server/parts.ts';
import { createGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { DEMO_CARD_CLIENT, DEMO_CLIENT } from '../../src/twins/genesys/organisation.ts';
import { manualClock } from './manual-clock.ts';
import { GENESYS, serve } from './served.ts';

const VERIFIER = 'a-verifier-of-the-test-that-is-long-enough-to-be-one';
const TWIN = 'http://genesys.twin';
/** A second application of the same organisation, which is none of ours. */
const FOREIGN_CLIENT = { ...DEMO_CARD_CLIENT, clientId: 'foreign-app', name: 'Somebody else’s' };

type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: Json };
// biome-ignore lint/suspicious/noExplicitAny: read as loosely as a page in a browser reads it
type Json = any;

/** Dispose of it with `await using`. `over` replaces parts of the server, `card` of what it serves. */
export async function cardStage(over: Partial<ServerParts> = {}, card: Partial<SignInCard> = {}) {
  const clock = manualClock();
  const twin = createGenesysTwin({ clock, publicClients: [DEMO_CARD_CLIENT, FOREIGN_CLIENT] });
  const platform = genesysPlatform({
    name: GENESYS,
    loginUrl: TWIN,
    apiUrl: TWIN,
    ...DEMO_CLIENT,
    clock,
    rateLimitPerMinute: 300,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    settleMs: 0,
    fetch: (url, init) => twin.fetch(url, init),
  });
  const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'reconcile' };
  const clientId = DEMO_CARD_CLIENT.clientId;
  const served = await serve({
    platforms: [
      {
        ...platform,
        queues: () => platform.queues(call),
        card: {
          kind: 'sign-in',
          clientId,
          authorizeUrl: `${TWIN}/oauth/authorize`,
          tokenUrl: `${TWIN}/oauth/token`,
          scope: '',
          frameAncestors: ['https://apps.mypurecloud.ie'],
          identify: (token) => platform.identify({ token, clientId }, call),
          look: (externalId) => platform.look({ externalId, channel: 'voice' }, call),
          ...card,
        },
      },
    ],
    ...over,
  });

  const control = async (path: string, body: unknown): Promise<Json> => {
    const answer = await twin.fetch(`${TWIN}/twin${path}`, { method: 'POST', body: JSON.stringify(body) });
    return answer.json();
  };
  const cookies = new Map<string, string>();
  /** As a browser does: cookies are kept and sent; `headers` are the page's own. */
  const visit = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await served.app.request(path, {
      method,
      headers: { ...(cookie && { cookie }), ...json, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
  };

  /** An agent's access token, by the twin's own login. */
  const signIn = async (agentId: string, client: string = clientId): Promise<string> => {
    const challenge = createHash('sha256').update(VERIFIER).digest('base64url');
    const common = { client_id: client, redirect_uri: 'http://localhost/card/signed-in' };
    const asked = { ...common, response_type: 'code', code_challenge: challenge, code_challenge_method: 'S256' };
    const form = new URLSearchParams({ ...asked, agent: agentId });
    const chosen = await twin.fetch(`${TWIN}/oauth/authorize`, { method: 'POST', body: form, redirect: 'manual' });
    const code = new URL(chosen.headers.get('location') ?? TWIN).searchParams.get('code') ?? '';
    const grant = { ...common, grant_type: 'authorization_code', code, code_verifier: VERIFIER };
    const answer = await twin.fetch(`${TWIN}/oauth/token`, { method: 'POST', body: new URLSearchParams(grant) });
    return ((await answer.json()) as { access_token: string }).access_token;
  };

  /** Our own application's token, which is nobody's. */
  const applicationToken = async (): Promise<string> => {
    const credentials = Buffer.from(`${DEMO_CLIENT.clientId}:${DEMO_CLIENT.clientSecret}`).toString('base64');
    const answer = await twin.fetch(`${TWIN}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };

  return {
    served,
    twin,
    cookies,
    visit,
    signIn,
    applicationToken,
    /** The platform's and the twin's clock; the service has its own. */
    vendorClock: clock,
    fault: (path: string, fault: string) => control('/faults', { match: { path }, fault }),
    agent: async (name: string, queues = ['General_Support']): Promise<string> =>
      (await control('/agents', { name, queues, answers: 'manual' })).agentId,
    /** A caller who rings the agents of a queue. */
    ring: async (queue = 'General_Support'): Promise<string> =>
      (await control('/conversations', { channel: 'voice', from: '+14155550100', queue })).conversationId,
    answer: (conversationId: string, agentId: string) =>
      control(`/conversations/${conversationId}/answer`, { agentId }),
    hangUp: (conversationId: string) => control(`/conversations/${conversationId}/hangup`, {}),
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await platform.close();
      await twin.close();
    },
  };
}
