// Runs the platform contract on the gateway adapter in front of the gateway twin, both over real HTTP, and what only a gateway has:
// native reservations under a key, consultations, signed events, and what it says of itself. Every answer of the twin and every
// event is held against the published document, so that twin, adapter and document cannot drift apart.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { AgentId, ExternalId, ParticipantId, PlatformName } from '../../src/ids.ts';
import type * as contract from '../../src/platforms/gateway/gateway-contract.ts';
import type { GatewayNews } from '../../src/platforms/gateway/gateway-event.ts';
import type { GatewayAuth } from '../../src/platforms/gateway/gateway-login.ts';
import { gatewayOpenApi } from '../../src/platforms/gateway/gateway-openapi.ts';
import { gatewayPlatform } from '../../src/platforms/gateway/gateway-platform.ts';
import { gatewayHookVerifier } from '../../src/platforms/gateway/hook.ts';
import type { Call, ConversationRef } from '../../src/platforms/platform.ts';
import { DEMO_CLIENT, DEMO_TOKEN } from '../../src/twins/gateway/access.ts';
import { DEMO_HOOK_SECRET } from '../../src/twins/gateway/event-signing.ts';
import type { NewAgent } from '../../src/twins/gateway/floor.ts';
import type * as twinSchema from '../../src/twins/gateway/gateway-schema.ts';
import { startGatewayTwin } from '../../src/twins/gateway/gateway-twin.ts';
import { manualClock } from './manual-clock.ts';
import { type PlatformStage, platformContract } from './platform.ts';

const QUEUE = 'BillingDisputes_Tier2';
const SETTLE_MS = 250;
const FAULTS = { refuse: '429', break: 'commit-then-drop', 'expire-credentials': 'expire-token' } as const;

const seen = z.looseObject({
  conversationId: z.string().default(''),
  attributes: z.record(z.string(), z.string()).default({}),
  context: z.looseObject({ canonicalInteractionId: z.string().optional() }).default({}),
  replaces: z.number().default(0),
});

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

type Hooked = { readonly headers: Headers; readonly body: string };

async function stage({ agents = [] as readonly NewAgent[], auth = undefined as GatewayAuth | undefined } = {}) {
  const clock = manualClock();
  const hooked: Hooked[] = [];
  const twin = await startGatewayTwin({
    clock,
    settleMs: SETTLE_MS,
    agents,
    hook: { url: 'https://throughline.example/hooks/gateway/acme', secrets: [DEMO_HOOK_SECRET] },
    fetch: async (_url, init) => {
      hooked.push({ headers: new Headers(init?.headers), body: String(init?.body) });
      return new Response(null, { status: 200 });
    },
  });
  const platform = gatewayPlatform({
    name: 'acme' as PlatformName,
    baseUrl: twin.url,
    auth: auth ?? { kind: 'client-credentials', tokenUrl: `${twin.url}/oauth/token`, ...DEMO_CLIENT },
    rateLimitPerMinute: 600,
    clock,
    random: () => 0,
    referenceUrl: (ref) => `https://throughline.example/card?ref=${ref}`,
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      await holdAgainstDocument(new URL(url).pathname, init, answer.clone());
      return answer;
    },
  });
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${twin.url}/twin${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return seen.parse(await response.json());
  };
  const converse = async (body: object = { flow: 'bot' }): Promise<ConversationRef> => {
    const made = await control('POST', '/conversations', { channel: 'voice', from: '+14155551234', ...body });
    return { externalId: made.conversationId as ExternalId, channel: 'voice' };
  };
  const close = async () => {
    await platform.close();
    await twin.close();
  };
  const theirs = () => twin.calls().filter((one) => one.path.startsWith('/v1/') || one.path.startsWith('/api/'));
  return { clock, hooked, twin, platform, control, converse, theirs, [Symbol.asyncDispose]: close };
}
type World = Awaited<ReturnType<typeof stage>>;

// --- the published document -------------------------------------------------------------------------------------------------

type Operation = {
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
const published = JSON.parse(
  readFileSync(new URL('../../docs/gateway-openapi.json', import.meta.url), 'utf8'),
) as Document;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ ...published, $id: 'https://gateway.example/openapi' });

function expectShape(name: string, value: unknown) {
  const valid = ajv.validate({ $ref: `https://gateway.example/openapi#/components/schemas/${name}` }, value);
  expect(valid, `${name}: ${ajv.errorsText()}`).toBe(true);
}

const operations = Object.entries(published.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({
    method: method.toUpperCase(),
    literals: path.split('/').filter((word) => !word.startsWith('{')).length,
    matches: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operation,
  })),
);

/** What the adapter sends and what the twin answers are both what the document says. */
async function holdAgainstDocument(path: string, init: RequestInit, answer: Response) {
  if (path === '/oauth/token') return;
  const found = operations
    .filter(({ method, matches }) => method === init.method && matches.test(path))
    .sort((a, b) => b.literals - a.literals)[0];
  expect(found, `${init.method} ${path} is in the document`).toBeDefined();
  const said = found?.operation.responses[String(answer.status)];
  if (answer.status >= 500) return;
  expect(said, `${init.method} ${path} may answer ${answer.status}`).toBeDefined();
  const [type, content] = Object.entries(said?.content ?? {})[0] ?? [];
  if (type !== undefined) expect(answer.headers.get('content-type')).toContain(type);
  const text = await answer.text();
  if (content === undefined) expect(text).toBe('');
  else {
    const { $ref } = content.schema as { $ref: string };
    expectShape($ref.split('/').at(-1) ?? '', JSON.parse(text));
  }
  const body = found?.operation.requestBody as { content: Record<string, { schema: { $ref: string } }> } | undefined;
  const sent = body?.content['application/json']?.schema.$ref.split('/').at(-1);
  if (sent !== undefined) expectShape(sent, JSON.parse(String(init.body)));
}

async function contractStage(): Promise<PlatformStage> {
  const world = await stage();
  return {
    platform: world.platform,
    visibleQueue: QUEUE,
    hiddenQueue: 'Collections_Private',
    visibleDivision: 'Home',
    paths: { transfer: '/interactions/transfer', attach: '/context' },
    converse: () => world.converse(),
    hangUp: async ({ externalId }) => void (await world.control('POST', `/conversations/${externalId}/hangup`)),
    settle: () => world.clock.advance(SETTLE_MS * 2),
    fault: async (path, fault) => {
      // The contract has the presence in the singular.
      const match = { path: path.replace('/presences/', '/presence') };
      await world.control('POST', '/faults', { match, fault: FAULTS[fault], times: 1 });
    },
    recorded: async ({ externalId }) => {
      const { attributes, context, replaces } = await world.control('GET', `/conversations/${externalId}`);
      return { attributes, tag: context.canonicalInteractionId, transfersTaken: replaces };
    },
    async employ() {
      const agent = world.twin.floor.addAgent({ name: 'Sam', queueIds: new Set(), answers: 'manual', afterMs: 0 });
      return { agentId: agent.id as AgentId, has: 'available', other: 'meeting' };
    },
    callsMade: () => world.theirs().length,
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

platformContract('Gateway', contractStage);
