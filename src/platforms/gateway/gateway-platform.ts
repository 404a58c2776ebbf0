// Owns any other contact center as a platform of ours: whoever speaks the gateway contract (docs/gateway.md). It reports what became
// of each call and decides nothing (H5); what the gateway does not say that it can do is not promised (H3).

import type { Clock } from '../../clock.ts';
import type { Channel } from '../../context/conversation.ts';
import type { Mapping } from '../../context/mapping.ts';
import type { AgentId, PlatformName } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import { type Credential, credential } from '../credential.ts';
import { governor } from '../governor.ts';
import type { Fetch } from '../http.ts';
import type {
  AgentPresence,
  Call,
  Departing,
  Platform,
  PlatformHealth,
  TargetCheck,
  TransferTarget,
} from '../platform.ts';
import type { SliceBook } from '../quota-slice.ts';
import type { TlsWay } from '../tls-fetch.ts';
import { tokenKeeper } from '../token.ts';
import type { TokenShelf } from '../token-shelf.ts';
import { type Watchable, watchable } from '../watchable.ts';
import {
  type Agent,
  agent,
  type Capabilities,
  type CompleteRequest,
  type ContextUpdate,
  type Interaction,
  interaction,
  type PresenceChange,
  reservation,
  type TransferRequest,
} from './gateway-contract.ts';
import { type GatewayDirectory, gatewayDirectory } from './gateway-directory.ts';
import { type GatewayReading, readGatewayEvent } from './gateway-event.ts';
import { type GatewayAuth, gatewayLogin } from './gateway-login.ts';
import { gatewayView } from './gateway-view.ts';
import { type ContextWriting, contextBody, departureBody, type ReferenceUrl, reserveBody } from './gateway-writes.ts';
import { accepted, readAnswer, refusalCode } from './read-answer.ts';

export type GatewayPlatformOptions = {
  readonly name: PlatformName;
  /** Without a trailing slash. `/v1/…` and `/api/v2/interactions/transfer` are below it. */
  readonly baseUrl: string;
  readonly auth: GatewayAuth;
  readonly clock: Clock;
  readonly rateLimitPerMinute: number;
  readonly referenceUrl?: ReferenceUrl;
  /** What a transfer's fields are called among its attributes. */
  readonly mapping?: Mapping;
  /** One request's hard time-out, the governor's wait not included. */
  readonly timeoutMs?: number;
  readonly maxWaitMs?: number;
  readonly fetch?: Fetch;
  readonly random?: () => number;
  /** How its hosts are reached over TLS; the platform closes it with itself. Without one as Node.js does by itself. */
  readonly way?: TlsWay;
  /** Where several nodes share the access token. */
  readonly shelf?: TokenShelf;
  /** Where they look for how the quota is divided. */
  readonly book?: SliceBook;
};

export interface GatewayPlatform extends Platform, Watchable {
  /** Reads a verified hook's body (already JSON) into our words. Never throws. */
  readEvents(payload: unknown): GatewayReading;
  /** What the gateway says that it can do; `capabilities` and `limits` follow it from then on, as with every read of the queues. Repeatable. */
  describe(call: Call): Promise<Outcome<Capabilities>>;
}

/** The contract has no such call. */
const NO_CALLBACKS = {
  kind: 'rejected',
  code: 'bad-request',
  detail: 'the gateway contract has no callbacks',
} as const;
const TOKEN_MARGIN_MS = 60_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Opens no connection until it is asked something. Close it to end what is under way. */
export function gatewayPlatform(options: GatewayPlatformOptions): GatewayPlatform {
  const closing = new AbortController();
  const line = openLine(options, closing.signal);
  const directory = gatewayDirectory({ line, clock: options.clock, signal: closing.signal });
  return {
    name: options.name,
    limits: directory.limits,
    capabilities: directory.capabilities,
    describe: (call) => directory.describe(call),
    queues: (call) => directory.list(call),
    resolveQueue: (queueName, call) => directory.find(queueName, call),
    async look({ externalId }, call) {
      const read = await readInteraction(line, externalId, call);
      return read.kind === 'done' ? { kind: 'done', value: gatewayView(read.value) } : read;
    },
    ...contextCalls(line, options),
    ...transferCalls(line),
    ...reservationCalls(line, directory),
    async closeLeg({ externalId }, call) {
      return accepted(await line.send({ method: 'POST', path: `${pathOf(externalId)}/end` }, call));
    },
    bookCallback: async () => NO_CALLBACKS,
    ...presenceCalls(line),
    readEvents: (payload) => readGatewayEvent(payload, options.name),
    health: () => health(line),
    ...watchable(line, (call) => line.send({ method: 'GET', path: '/v1/health' }, call)),
    async close() {
      closing.abort();
      await line.close();
      options.way?.close();
    },
  };
}

/**
 * A fragment never goes over the wire (RFC 9110 §4.2.5): an idempotency key travels in it through the credential, and is put into its
 * header here. So a keyed call has the token, the budget and whatever else watches over all calls.
 */
function keyed(fetch: Fetch): Fetch {
  return (url, init) => {
    const [plain = '', key] = url.split('#');
    if (key === undefined) return fetch(url, init);
    const headers = Object.fromEntries(new Headers(init.headers));
    return fetch(plain, { ...init, headers: { ...headers, 'idempotency-key': decodeURIComponent(key) } });
  };
}

const underKey = (path: string, key: string) => `${path}#${encodeURIComponent(key)}`;

function openLine(options: GatewayPlatformOptions, signal: AbortSignal): Credential {
  const { auth, clock, fetch = options.way?.fetch ?? globalThis.fetch, random = Math.random } = options;
  const { book, maxWaitMs } = options;
  const login = gatewayLogin({ auth, fetch, clock, signal });
  return credential({
    baseUrl: options.baseUrl,
    tokens: tokenKeeper({
      login,
      clock,
      random,
      marginMs: TOKEN_MARGIN_MS,
      ...(options.shelf && { shelf: options.shelf }),
    }),
    governor: governor({
      rateLimitPerMinute: options.rateLimitPerMinute,
      clock,
      book,
      ...(maxWaitMs !== undefined && { maxWaitMs }),
    }),
    fetch: keyed(fetch),
    clock,
    random,
    explain: refusalCode,
    timeoutMs: options.timeoutMs ?? 8_000,
    maxBytes: MAX_ANSWER_BYTES,
  });
}

function pathOf(externalId: string): string {
  return `/v1/interactions/${encodeURIComponent(externalId)}`;
}

function agentPath(agentId: string): string {
  return `/v1/agents/${encodeURIComponent(agentId)}`;
}

async function readInteraction(line: Credential, externalId: string, call: Call): Promise<Outcome<Interaction>> {
  return readAnswer(interaction, 'GET', await line.send({ method: 'GET', path: pathOf(externalId) }, call));
}

function contextCalls(line: Credential, writing: ContextWriting): Pick<Platform, 'attachContext' | 'overwriteContext'> {
  const write = async (externalId: string, body: ContextUpdate, call: Call) =>
    accepted(await line.send({ method: 'POST', path: `${pathOf(externalId)}/context`, body }, call));
  return {
    attachContext: ({ externalId }, { attributes, tag }, call) =>
      write(externalId, contextBody(attributes, tag, writing), call),
    overwriteContext({ externalId }, overwrite, call) {
      if (overwrite.what === 'tag') return write(externalId, { canonicalInteractionId: '' }, call);
      const emptied = Object.fromEntries(overwrite.names.map((name) => [name, '']));
      return write(externalId, contextBody(emptied, undefined, writing), call);
    },
  };
}

/** Seed 002 §2's commit call: the contract keeps its path as it stands there. */
const TRANSFER_PATH = '/api/v2/interactions/transfer';

function transferCalls(line: Credential): Pick<Platform, 'transferToQueue' | 'transferAway' | 'endConsult'> {
  const ask = async (path: string, body: TransferRequest | CompleteRequest, call: Call): Promise<Outcome<null>> =>
    accepted(await line.send({ method: 'POST', path, body }, call));
  return {
    transferToQueue: ({ externalId }, { leaving, queue }, call) =>
      ask(
        TRANSFER_PATH,
        {
          interactionId: externalId,
          transferType: 'blind',
          transferTo: { type: 'queue', queueId: queue.id },
          participantId: leaving,
        },
        call,
      ),
    async transferAway({ externalId, channel }, departing, call) {
      const obstacle = obstacleTo(channel, departing);
      if (obstacle !== undefined) return { kind: 'rejected', code: 'bad-request', detail: obstacle };
      return ask(TRANSFER_PATH, departureBody(externalId, departing), call);
    },
    async endConsult({ externalId }, { accept }, call) {
      const read = await readInteraction(line, externalId, call);
      if (read.kind !== 'done') return read;
      const consultation = read.value.transfers.findLast((one) => one.transferType !== 'blind');
      switch (consultation?.state) {
        case 'pending':
        case 'consulting':
          return ask(`${TRANSFER_PATH}/${encodeURIComponent(consultation.id)}/complete`, { accept }, call);
        case 'complete':
          return accept ? { kind: 'done', value: null } : NO_CONSULTATION;
        case 'failed':
          return accept ? NO_CONSULTATION : { kind: 'done', value: null };
        default:
          return NO_CONSULTATION;
      }
    },
  };
}

/** Why this conversation cannot leave so, or undefined. */
function obstacleTo(channel: Channel, { way, style, leavingAgent }: Departing): string | undefined {
  if (channel !== 'voice') return 'only calls leave for a number';
  if (way !== 'rest') return `no call moves it by '${way}'`;
  return style === 'consult' && leavingAgent === undefined ? 'nobody is there who could consult' : undefined;
}

const NO_CONSULTATION = { kind: 'rejected', code: 'conflict', detail: 'no consultation is open' } as const;

function reservationCalls(
  line: Credential,
  directory: GatewayDirectory,
): Pick<Platform, 'checkTarget' | 'reserve' | 'release'> {
  return {
    checkTarget: (target, _channel, call) => checkTarget(line, directory, target, call),
    async reserve(asked, call) {
      const reserves = await directory.reserves(call);
      if (reserves.kind !== 'done') return reserves;
      if (!reserves.value) {
        return { kind: 'rejected', code: 'bad-request', detail: 'this gateway does not say that it reserves' };
      }
      const path = underKey('/v1/interactions/reserve', asked.key);
      const answer = await line.send({ method: 'POST', path, body: reserveBody(asked) }, call);
      const read = readAnswer(reservation, 'POST', answer);
      if (read.kind !== 'done') return read;
      const { reservationId, validUntil, address } = read.value;
      const value = {
        id: reservationId,
        validUntil: Date.parse(validUntil),
        ...(address !== undefined && { address }),
      };
      return { kind: 'done', value };
    },
    async release(reservationId, call) {
      const path = `/v1/interactions/reserve/${encodeURIComponent(reservationId)}`;
      const outcome = await line.send({ method: 'DELETE', path }, call);
      const gone = outcome.kind === 'rejected' && outcome.code === 'not-found';
      return gone ? { kind: 'done', value: null } : accepted(outcome);
    },
  };
}

async function checkTarget(
  line: Credential,
  directory: GatewayDirectory,
  target: TransferTarget,
  call: Call,
): Promise<Outcome<TargetCheck>> {
  if (target.kind === 'queue') {
    const checked = await directory.check(target.queueName, call);
    if (checked.kind !== 'done') return checked;
    const { queue, staffed } = checked.value;
    if (staffed === false) return { kind: 'done', value: { free: 'no', code: 'queue-unstaffed', queue } };
    return { kind: 'done', value: { free: staffed === undefined ? 'unknown' : 'yes', queue } };
  }
  const { agentId } = target;
  const read = readAnswer(agent, 'GET', await line.send({ method: 'GET', path: agentPath(agentId) }, call));
  return read.kind === 'done' ? { kind: 'done', value: { ...AVAILABILITY[read.value.availability], agentId } } : read;
}

const AVAILABILITY: Readonly<Record<Agent['availability'], TargetCheck>> = {
  available: { free: 'yes' },
  busy: { free: 'no', code: 'agent-busy' },
  away: { free: 'no', code: 'agent-away' },
  unknown: { free: 'unknown' },
};

function presenceCalls(line: Credential): Pick<Platform, 'presence' | 'setPresence'> {
  const presenceIn = (read: Outcome<Agent>): Outcome<AgentPresence> => {
    if (read.kind !== 'done') return read;
    const { presence } = read.value;
    if (presence === undefined)
      return { kind: 'rejected', code: 'bad-request', detail: 'this gateway tells no presence' };
    return { kind: 'done', value: { id: presence.id, ...(presence.since !== undefined && { since: presence.since }) } };
  };
  return {
    async presence(agentId: AgentId, call) {
      return presenceIn(readAnswer(agent, 'GET', await line.send({ method: 'GET', path: agentPath(agentId) }, call)));
    },
    async setPresence(agentId: AgentId, presence, call) {
      const body: PresenceChange = { presence };
      const answer = await line.send({ method: 'PUT', path: `${agentPath(agentId)}/presence`, body }, call);
      return presenceIn(readAnswer(agent, 'PUT', answer));
    },
  };
}

function health(line: Credential): PlatformHealth {
  const trouble = line.trouble();
  const lastAnswerAt = line.lastAnswerAt();
  return {
    ok: trouble === undefined,
    ...(trouble !== undefined && { code: trouble.code }),
    ...(trouble?.detail !== undefined && { detail: trouble.detail }),
    ...(lastAnswerAt !== undefined && { lastAnswerAt }),
    budget: line.budget(),
    ...line.standing(),
  };
}
