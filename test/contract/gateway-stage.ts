// Owns the stage on which the gateway adapter meets the gateway twin, over real HTTP, on a clock that moves when told. Every request,
// answer and event is held against the published document.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ExternalId, PlatformName } from '../../src/ids.ts';
import type { GatewayAuth } from '../../src/platforms/gateway/gateway-login.ts';
import { gatewayPlatform } from '../../src/platforms/gateway/gateway-platform.ts';
import type { Call, ConversationRef } from '../../src/platforms/platform.ts';
import { DEMO_CLIENT } from '../../src/twins/gateway/access.ts';
import { DEMO_HOOK_SECRET } from '../../src/twins/gateway/event-signing.ts';
import type { NewAgent } from '../../src/twins/gateway/floor.ts';
import { startGatewayTwin } from '../../src/twins/gateway/gateway-twin.ts';
import { manualClock } from './manual-clock.ts';

export const QUEUE = 'BillingDisputes_Tier2';
export const SETTLE_MS = 250;
export const FAULTS = {
  refuse: '429',
  break: 'commit-then-drop',
  'expire-credentials': 'expire-token',
  hang: 'hang',
} as const;

const seen = z.looseObject({
  conversationId: z.string().default(''),
  attributes: z.record(z.string(), z.string()).default({}),
  context: z.looseObject({ canonicalInteractionId: z.string().optional() }).default({}),
  replaces: z.number().default(0),
});

export const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

type Hooked = { readonly headers: Headers; readonly body: string };

/** The adapter in front of a twin. Leaving it throws what contradicted the document. */
export async function stage({ agents = [] as readonly NewAgent[], auth = undefined as GatewayAuth | undefined } = {}) {
  const clock = manualClock();
  const hooked: Hooked[] = [];
  const contradictions: unknown[] = [];
  const twin = await startGatewayTwin({
    clock,
    settleMs: SETTLE_MS,
    agents,
    hook: { url: 'https://throughline.example/hooks/gateway/acme', secrets: [DEMO_HOOK_SECRET] },
    fetch: async (_url, init) => {
      const body = String(init?.body);
      hooked.push({ headers: new Headers(init?.headers), body });
      if (!fits('InteractionEvent', JSON.parse(body))) contradictions.push(new Error(ajv.errorsText()));
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
      // A throw here would look like a broken line to the adapter: it is said when the stage is left.
      await holdAgainstDocument(new URL(url).pathname, init, answer.clone()).catch((error) =>
        contradictions.push(error),
      );
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
    for (const error of contradictions) throw error;
  };
  /** Resolves once the twin has read a request to such a path. */
  const asked = async (path: string) => {
    while (!twin.calls().some((one) => one.path.includes(path))) await new Promise((resolve) => setImmediate(resolve));
  };
  const theirs = () => twin.calls().filter((one) => one.path.startsWith('/v1/') || one.path.startsWith('/api/'));
  return { asked, clock, hooked, twin, platform, control, converse, theirs, [Symbol.asyncDispose]: close };
}
export type World = Awaited<ReturnType<typeof stage>>;

// --- the published document -------------------------------------------------------------------------------------------------

type Operation = {
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
export const published = JSON.parse(
  readFileSync(new URL('../../docs/gateway-openapi.json', import.meta.url), 'utf8'),
) as Document;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ ...published, $id: 'https://gateway.example/openapi' });

const fits = (name: string, value: unknown): boolean =>
  ajv.validate({ $ref: `https://gateway.example/openapi#/components/schemas/${name}` }, value);

export function expectShape(name: string, value: unknown) {
  expect(fits(name, value), `${name}: ${ajv.errorsText()}`).toBe(true);
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

export const KIM: NewAgent = {
  id: 'nice-usr-4492',
  name: 'Kim',
  queueIds: new Set(['queue-billing-tier2']),
  answers: 'manual',
  afterMs: 0,
};

export function value<Value>(outcome: { kind: string; value?: Value }): Value {
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value as Value;
}
