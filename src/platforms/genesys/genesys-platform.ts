// Owns Genesys Cloud as a platform of ours: real Platform API v2 paths only, four vendor calls for an unfaulted escalation with a
// warm queue list (look, attributes, tag, replace). It reports what became of each call and decides nothing (H5).

import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { ConversationEvent } from '../../context/conversation.ts';
import type { PlatformName } from '../../ids.ts';
import type { Failure, Outcome } from '../../outcome.ts';
import { type Credential, type CredentialStanding, credential } from '../credential.ts';
import { governor } from '../governor.ts';
import type { Fetch, HttpAnswer } from '../http.ts';
import type {
  Call,
  Platform,
  PlatformCapabilities,
  PlatformHealth,
  PlatformLimits,
  PlatformUser,
} from '../platform.ts';
import type { PlatformLog } from '../platform-log.ts';
import type { SliceBook } from '../quota-slice.ts';
import { readAs } from '../read-as.ts';
import type { SocketConstructor } from '../socket.ts';
import type { TlsWay } from '../tls-fetch.ts';
import { tokenKeeper } from '../token.ts';
import type { TokenShelf } from '../token-shelf.ts';
import { type Watchable, watchable } from '../watchable.ts';
import { clientCredentialsLogin } from './client-credentials.ts';
import { conversationTag } from './conversation-tag.ts';
import { conversationView } from './conversation-view.ts';
import { departure } from './departure.ts';
import { type DetailEvents, readDetailEvents } from './detail-event.ts';
import { refusalDetail } from './error-body.ts';
import {
  type WireParticipantAttributes,
  type WireTagsUpdate,
  type WireTransferToQueue,
  wireConversation,
} from './genesys-wire.ts';
import { type Notifications, notifications } from './notifications.ts';
import { queueDirectory } from './queue-directory.ts';
import { targetCheck } from './target-check.ts';
import { userIdentity } from './user-identity.ts';
import { userPresence } from './user-presence.ts';

export type GenesysPlatformOptions = {
  readonly name: PlatformName;
  /** Without a trailing slash, such as `https://login.mypurecloud.ie`. */
  readonly loginUrl: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock: Clock;
  readonly rateLimitPerMinute: number;
  readonly limits: PlatformLimits;
  /** How long after a time-out a transfer may still appear. */
  readonly settleMs: number;
  /** One request's hard time-out, the governor's wait not included. */
  readonly timeoutMs?: number;
  readonly maxWaitMs?: number;
  /** Whether the trunk to the other platform passes User-to-User on; a transfer's token then goes along. */
  readonly userToUser?: boolean;
  readonly fetch?: Fetch;
  /** How its hosts are reached over TLS; the platform closes it with itself. Without one as Node.js does by itself. */
  readonly way?: TlsWay;
  readonly random?: () => number;
  readonly log?: PlatformLog;
  /** Where other nodes that use the same credentials look for the token, too. */
  readonly shelf?: TokenShelf | undefined;
  /** Where they look for how the quota is divided. */
  readonly book?: SliceBook | undefined;
};

export type GenesysHealth = PlatformHealth & CredentialStanding;

export interface GenesysPlatform extends Platform, Watchable {
  health(): GenesysHealth;
  /** Reads a verified hook's body (already JSON) into our words. Never throws. */
  readEvents(payload: unknown): DetailEvents;
  /**
   * Who a person's own token speaks for. Costs nothing of our quota: both reads go under that token. Rejected `unauthorized` when
   * the platform does not take it, `forbidden` when it was minted for another client than `clientId`. Repeatable.
   */
  identify(user: { readonly token: string; readonly clientId: string }, call: Call): Promise<Outcome<PlatformUser>>;
  /** Listens to the topics of every visible queue until closed; with us it closes too. */
  watch(onEvents: (events: readonly ConversationEvent[]) => void, socket?: SocketConstructor): Notifications;
}

const CAPABILITIES = {
  reservation: 'entry-script',
  commit: ['rest', 'flow'],
} as const satisfies Partial<PlatformCapabilities>;
const TOKEN_MARGIN_MS = 60_000;
/** Somebody waits for it with a ringing telephone. */
const IDENTITY_TIMEOUT_MS = 4_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Opens no connection until it is asked something. Close it to end what is under way. */
export function genesysPlatform(given: GenesysPlatformOptions): GenesysPlatform {
  const options = { ...given, fetch: given.fetch ?? given.way?.fetch ?? globalThis.fetch };
  const { name, clock, log = () => {} } = options;
  const closing = new AbortController();
  const line = openLine(options, closing.signal);
  const directory = queueDirectory({ credential: line, clock, signal: closing.signal });
  const watches = new Set<Notifications>();
  const tags = conversationTag({ credential: line, clock, log });

  const readEvents = (payload: unknown) =>
    readDetailEvents(payload, { platform: name, digest: sha256, receivedAt: clock.now(), queues: directory.known() });

  return {
    name,
    limits: options.limits,
    capabilities: { ...CAPABILITIES, settleMs: options.settleMs },
    queues: (call) => directory.list(call),
    resolveQueue: (queueName, call) => directory.find(queueName, call),
    async look({ externalId }, call) {
      const answer = await line.send({ method: 'GET', path: conversationPath(externalId) }, call);
      const read = readAs(wireConversation, answer);
      return read.kind === 'done' ? { kind: 'done', value: conversationView(read.value, directory.known()) } : read;
    },
    async attachContext({ externalId }, { customer, attributes, tag }, call) {
      const written = line.send(writeAttributes(externalId, customer, { attributes }), call);
      await tags.writeBeside(written, externalId, tag, call);
      return accepted(await written);
    },
    overwriteContext: overwriting(line),
    async transferToQueue({ externalId }, { leaving, queue }, call) {
      const body: WireTransferToQueue = { transferType: 'Unattended', queueId: queue.id };
      const path = `${conversationPath(externalId)}/participants/${encodeURIComponent(leaving)}/replace/queue`;
      return accepted(await line.send({ method: 'POST', path, body }, call));
    },
    checkTarget: targetCheck({ line, findQueue: directory.find }),
    reserve: async () => noReservation(),
    release: async () => noReservation(),
    ...departure({ line, userToUser: options.userToUser ?? false, log }),
    ...userPresence(line),
    identify: userIdentity({ ...options, timeoutMs: IDENTITY_TIMEOUT_MS }),
    readEvents,
    watch(onEvents, socket = options.way?.socket) {
      const watch = notifications({
        credential: line,
        clock,
        random: options.random ?? Math.random,
        log,
        topics: async (call) => toTopics(await directory.list(call)),
        onFrame: (frame) => onEvents(readEvents(frame).events),
        ...(socket === undefined ? {} : { socket }),
      });
      watches.add(watch);
      return watch;
    },
    health: () => health(line, tags.trouble()),
    ...watchable(line, (call) => line.send({ method: 'GET', path: '/api/v2/tokens/me' }, call)),
    async close() {
      closing.abort();
      await Promise.all([...watches].map((watch) => watch.close()));
      await line.close();
      options.way?.close();
    },
  };
}

function overwriting(line: Credential): Platform['overwriteContext'] {
  return async ({ externalId }, overwrite, call) => {
    if (overwrite.what === 'tag') {
      const body: WireTagsUpdate = { externalTag: '' };
      return accepted(await line.send({ method: 'PUT', path: `${conversationPath(externalId)}/tags`, body }, call));
    }
    // PATCH merges by name, and no call deletes one.
    const attributes = Object.fromEntries(overwrite.names.map((name) => [name, '']));
    return accepted(await line.send(writeAttributes(externalId, overwrite.customer, { attributes }), call));
  };
}

function openLine(options: GenesysPlatformOptions & { readonly fetch: Fetch }, closing: AbortSignal): Credential {
  const { clock, fetch, random = Math.random } = options;
  const login = clientCredentialsLogin({ ...options, signal: closing });
  return credential({
    baseUrl: options.apiUrl,
    tokens: tokenKeeper({ login, clock, random, marginMs: TOKEN_MARGIN_MS, shelf: options.shelf }),
    governor: governor({
      rateLimitPerMinute: options.rateLimitPerMinute,
      clock,
      book: options.book,
      ...(options.maxWaitMs === undefined ? {} : { maxWaitMs: options.maxWaitMs }),
    }),
    fetch,
    clock,
    random,
    explain: refusalDetail,
    timeoutMs: options.timeoutMs ?? 8_000,
    maxBytes: MAX_ANSWER_BYTES,
  });
}

// The paths without a medium serve every medium alike, and none of them is deprecated (Genesys Platform API v2, Conversations).

function conversationPath(externalId: string): string {
  return `/api/v2/conversations/${encodeURIComponent(externalId)}`;
}

function writeAttributes(externalId: string, participantId: string, body: WireParticipantAttributes) {
  const path = `${conversationPath(externalId)}/participants/${encodeURIComponent(participantId)}/attributes`;
  return { method: 'PATCH', path, body } as const;
}

/** A write was taken; what its answer holds is not read. */
function accepted(outcome: Outcome<HttpAnswer>): Outcome<null> {
  return outcome.kind === 'done' ? { kind: 'done', value: null } : outcome;
}

/** Genesys Cloud has no such call: what is reserved there is a record of ours, which its inbound flow redeems (H3). */
function noReservation(): Failure {
  return { kind: 'rejected', code: 'bad-request', detail: 'Genesys Cloud holds no place; its entry flow redeems ours' };
}

function toTopics(queues: Awaited<ReturnType<Platform['queues']>>): Outcome<readonly string[]> {
  if (queues.kind !== 'done') return queues;
  return { kind: 'done', value: queues.value.map((queue) => `v2.routing.queues.${queue.id}.conversations`) };
}

function health(line: Credential, tagTrouble: string | undefined): GenesysHealth {
  const trouble = line.trouble();
  const lastAnswerAt = line.lastAnswerAt();
  const detail = trouble?.detail ?? tagTrouble;
  return {
    ok: trouble === undefined,
    ...(trouble === undefined ? {} : { code: trouble.code }),
    ...(detail === undefined ? {} : { detail }),
    ...(lastAnswerAt === undefined ? {} : { lastAnswerAt }),
    budget: line.budget(),
    ...line.standing(),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
