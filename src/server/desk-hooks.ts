// Owns what the people's side of our conversations tells us: verified as bytes, then parsed, then durable, and only then answered. What an
// agent said twice is said once; what they said after their stretch was over is kept, and told to nobody (H2).

import { hash, timingSafeEqual } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AgentPost, type DeskNews, namingFiles } from '../context/desk-news.ts';
import type { ExternalId, InteractionId, PlatformName } from '../ids.ts';
import { type HeaderReader, headersOf } from './node-wire.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { bodyAtMost } from './request-bodies.ts';
import { SessionSeal } from './session-seal.ts';
import { durable } from './taking.ts';

const LARGEST_BODY_BYTES = 256 * 1_024;
const LONGEST_TEXT = 10_000;
const LONGEST_NAME = 120;
/** As many as a customer may send with a message. */
const MOST_FILES = 5;
/** As long as the vendor's own tokens live. */
const TOKEN_MS = 60 * 60_000;

/** A platform that signs what it posts. */
export type SignedDesk = {
  readonly platform: PlatformName;
  readonly verify: (headers: HeaderReader, rawBody: Uint8Array) => boolean;
  readonly read: (payload: unknown) => DeskNews;
};

/** A platform that signs nothing and logs in to us before it posts. Digests are hexadecimal SHA-256. */
export type TokenDesk = {
  readonly platform: PlatformName;
  readonly clientId: string;
  readonly clientSecretSha256: string;
  readonly read: (payload: unknown) => AgentPost;
};

export type Desks = {
  readonly openMessaging: readonly SignedDesk[];
  readonly ownChannels: readonly TokenDesk[];
  /** Somebody at their side is writing. */
  readonly typing: (interactionId: InteractionId) => void;
  /** Whether the files that they send can be brought here; else they are named. */
  readonly carriesFiles: boolean;
};

export function deskHookRoutes(parts: ServerParts, anchor: PlatformName, desks: Desks): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const seal = new SessionSeal(parts.sessionSecret, 'own-channel');
  const whose = { ...desks, anchor };

  app.post('/hooks/genesys/open-messaging', bodyAtMost(LARGEST_BODY_BYTES), async (c) => {
    const rawBody = new Uint8Array(await c.req.arrayBuffer());
    const headers = headersOf(c);
    const desk = desks.openMessaging.find(({ verify }) => verify(headers, rawBody));
    if (!desk) throw refused(parts, 'genesys/open-messaging');
    await take(parts, whose, desk.platform, desk.read(jsonIn(rawBody)));
    return c.json({ received: 1 });
  });

  app.post('/hooks/cxone/byoc/token', bodyAtMost(LARGEST_BODY_BYTES), async (c) => {
    const { clientId, clientSecret } = await credentialsIn(c);
    const known = desks.ownChannels.find((one) => isKnown(one, clientId, clientSecret));
    if (!known) throw refused(parts, 'cxone/byoc');
    const expiresAt = parts.clock.now() + TOKEN_MS;
    const token = seal.seal({ platform: known.platform, expiresAt });
    return c.json({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_MS / 1_000 });
  });

  const posted = async (c: Context<ServerEnv>) => {
    const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const session = seal.open(token) as { platform?: string; expiresAt?: number } | null;
    const desk = desks.ownChannels.find(({ platform }) => platform === session?.platform);
    if (!desk || (session?.expiresAt ?? 0) <= parts.clock.now()) throw refused(parts, 'cxone/byoc');
    const news = desk.read(jsonIn(new Uint8Array(await c.req.arrayBuffer())));
    if (news.kind === 'nothing') throw unreadable(parts, desk.platform, news.problem);
    await take(parts, whose, desk.platform, news);
    // The vendor keeps this as our name of its message, so there is none without a message.
    return c.json({ idOnExternalPlatform: news.id });
  };
  app.post('/hooks/cxone/byoc/1.0/posts/:id/messages', bodyAtMost(LARGEST_BODY_BYTES), posted);
  app.post('/hooks/cxone/byoc/channels/:id/outbound', bodyAtMost(LARGEST_BODY_BYTES), posted);
  return app;
}

type Whose = Pick<Desks, 'typing' | 'carriesFiles'> & { readonly anchor: PlatformName };

/** Resolves when it is durable, or changes nothing. */
async function take(
  parts: ServerParts,
  { anchor, typing, carriesFiles }: Whose,
  platform: PlatformName,
  news: DeskNews,
): Promise<void> {
  if (news.kind === 'nothing') {
    if (news.problem === undefined) return;
    throw unreadable(parts, platform, news.problem);
  }
  const owner = await durable(parts.journal.ownerOf({ platform: anchor, externalId: chatOf(news.far) }));
  if (!owner) {
    parts.log({ level: 'warn', code: 'hook-of-nobody', detail: platform });
    return;
  }
  if (news.kind === 'typing') return typing(owner);
  const { far, id, name, files = [] } = news;
  const carried = carriesFiles ? files.slice(0, MOST_FILES) : [];
  const text = namingFiles(
    news.text,
    files.slice(carried.length).map((file) => file.name),
  );
  const said = {
    kind: 'agent-says',
    actor: `platform:${platform}`,
    platform,
    far,
    id,
    text: text.slice(0, LONGEST_TEXT),
    ...(name !== undefined && { name: name.slice(0, 80) }),
    ...(carried.length > 0 && {
      files: carried.map((file) => ({ url: file.url, name: file.name.slice(-LONGEST_NAME), ref: parts.newId() })),
    }),
  } as const;
  const reply = await durable(
    parts.runner.submit(owner, said, { message: { sender: `desk:${platform}`, messageId: id } }),
  );
  if (reply.kind === 'quarantined')
    parts.log({ level: 'warn', code: 'hook-quarantined', detail: `${platform}: ${id}` });
}

function unreadable({ log }: ServerParts, platform: PlatformName, message: string): Problem {
  log({ level: 'warn', code: 'hook-unreadable', detail: `${platform}: ${message}` });
  return new Problem('unreadable-event', { errors: [{ path: '', message }] });
}

/** Ours is the part before the stretch's number. */
function chatOf(far: ExternalId): ExternalId {
  return far.replace(/\.\d+$/, '') as ExternalId;
}

function refused({ log }: ServerParts, detail: string): Problem {
  log({ level: 'warn', code: 'hook-refused', detail });
  return new Problem('unauthorized');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function jsonIn(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(rawBody));
  } catch (cause) {
    throw new Problem('invalid-json', { cause });
  }
}

/** In the body or by basic authorization: no page says which the vendor uses (RFC 6749 §2.3.1 has both). */
async function credentialsIn(c: Context<ServerEnv>): Promise<{ clientId: string; clientSecret: string }> {
  const basic = /^Basic (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (basic !== undefined) {
    const [clientId = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { clientId: decodeURIComponent(clientId), clientSecret: decodeURIComponent(rest.join(':')) };
  }
  const text = await c.req.text();
  const isJson = /json/.test(c.req.header('content-type') ?? '');
  const form = isJson
    ? (jsonIn(new TextEncoder().encode(text)) as Record<string, unknown>)
    : Object.fromEntries(new URLSearchParams(text));
  return { clientId: String(form.client_id ?? ''), clientSecret: String(form.client_secret ?? '') };
}

/** Both are compared in constant time, whatever the first says. */
function isKnown({ clientId, clientSecretSha256 }: TokenDesk, offeredId: string, offeredSecret: string): boolean {
  const sameId = timingSafeEqual(hash('sha256', offeredId, 'buffer'), hash('sha256', clientId, 'buffer'));
  const wanted = Buffer.from(clientSecretSha256.padEnd(64, '0').slice(0, 64), 'hex');
  const sameSecret = timingSafeEqual(hash('sha256', offeredSecret, 'buffer'), wanted);
  return sameId && sameSecret;
}
