// Owns a whole service in one process for tests of what is served: a real journal on SQLite in memory, a real runner, a clock that
// moves only when a test says so, and a vendor that does at once what it is asked.

import { createHash, randomBytes } from 'node:crypto';
import type { BotReply, BotTurnAsked } from '../../src/context/bot-reply.ts';
import type { ConversationEvent, ConversationView, Party, Queue } from '../../src/context/conversation.ts';
import type { ExternalId, InteractionId, ManifestRef, ParticipantId, PlatformName, QueueId } from '../../src/ids.ts';
import { ClaimBook } from '../../src/journal/claim-book.ts';
import { EntryBook } from '../../src/journal/entries.ts';
import { Journal } from '../../src/journal/journal.ts';
import { Runner } from '../../src/journal/runner.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import type { Store } from '../../src/journal/store.ts';
import { SuppressionBook } from '../../src/journal/suppression-book.ts';
import { readDetailEvents } from '../../src/platforms/genesys/detail-event.ts';
import { genesysHookVerifier } from '../../src/platforms/genesys/hook.ts';
import type { Command, CommandOutcome, Execute } from '../../src/protocols/command.ts';
import type { EscalationPolicy, TransferPolicy } from '../../src/protocols/input.ts';
import { DEFAULT_QUEUE_RULES } from '../../src/protocols/queue-rules.ts';
import { buildServer } from '../../src/server/app.ts';
import type { Scope, ServedPlatform, ServerLogEntry, ServerParts } from '../../src/server/parts.ts';
import { sessionSecret } from '../../src/server/session-seal.ts';
import { CLAIMS, ENTRY_NUMBERS, InstantCrossing, OVERFLOW } from './instant-crossing.ts';
import { reaching } from './instant-reach.ts';
import { manualClock } from './manual-clock.ts';

export const GENESYS = 'genesys_cloud' as PlatformName;
/** Where transfers go. */
export const CXONE = 'nice_cxone' as PlatformName;
export const HOOK_SECRET = 'a-secret-that-is-long-enough';
/** A second organisation of the same vendor, told apart by its secret. */
const OTHER_GENESYS = 'genesys_other' as PlatformName;
export const OTHER_HOOK_SECRET = 'another-secret-long-enough';
const HOUR_MS = 60 * 60_000;
export const MANIFEST_TTL_MS = 24 * HOUR_MS;

type Json = Readonly<Record<string, unknown>>;

/** A vendor that answers at once. What it does differently is set on it; every command it was given is in `commands`. */
class InstantVendor {
  readonly commands: { readonly kind: string; readonly attributes?: Readonly<Record<string, string>> }[] = [];
  readonly queues = new Map<string, Queue>(
    ['BillingDisputes_Priority', 'BillingDisputes_Tier2', 'General_Escalation', 'General_Support'].map((name) => [
      name,
      { id: `queue-${name}` as QueueId, name },
    ]),
  );
  /** Conversations in which an agent already talks. */
  readonly withAgent = new Set<string>();
  /** Conversations whose customer waits in a queue, and in which. */
  readonly waiting = new Map<string, QueueId>();
  /** Commands of these kinds get no answer until `release`. */
  readonly held = new Set<string>();
  /** The way to another platform. */
  readonly crossing = new InstantCrossing((externalId) => this.viewOf(externalId));
  /** Commands of these kinds are refused: the credentials may not do that. */
  readonly refuses = new Set<string>();
  /** Whether a transfer shows by itself, as an event. */
  transfersShow = true;
  tell: (event: ConversationEvent) => Promise<unknown> = async () => {};
  /** What bots say. */
  bot: (turn: BotTurnAsked) => BotReply = () => ({ messages: [], actions: [], memory: null });
  /** How people are reached from our own conversations. */
  desk: EscalationPolicy | null = null;
  /** Keeps a reference to what an escalation from them carries. */
  keepReference: ((id: InteractionId) => Promise<ManifestRef>) | null = null;
  /** Brings files that they send. */
  fetched: (command: Extract<Command, { kind: 'FetchFile' }>) => Promise<CommandOutcome> | CommandOutcome = () => ({
    kind: 'rejected',
    code: 'not-found',
  });
  /** What their conversations are called, where that matters. */
  peopleCall: string | null = null;
  #waiting: (() => void)[] = [];

  #openedFor({ queueName, far }: Extract<Parameters<Execute>[0], { kind: 'OpenConversation' }>) {
    const queue = this.queues.get(queueName) ?? { id: `queue-${queueName}` as QueueId, name: queueName };
    return { queue, externalId: (this.peopleCall ?? `people-${far}`) as ExternalId };
  }

  readonly execute: Execute = async (command) => {
    this.commands.push({ ...command });
    while (this.held.has(command.kind)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.refuses.has(command.kind) ? { kind: 'rejected', code: 'forbidden' } : this.#answer(command);
  };

  release(): void {
    this.held.clear();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  viewOf(externalId: string): ConversationView {
    const party = (id: string, role: Party['role']): Party => ({ id: id as ParticipantId, role, state: 'connected' });
    const agents = this.withAgent.has(externalId) ? [party('agent-1', 'agent')] : [];
    const queueId = this.waiting.get(externalId);
    const queues = queueId ? [{ ...party(`acd-${queueId}`, 'queue'), queueId }] : [];
    const parties = [party('customer', 'customer'), party('bot', 'bot'), ...agents, ...queues];
    return { ended: false, parties, transfers: [] };
  }

  async #answer(command: Parameters<Execute>[0]): Promise<CommandOutcome> {
    switch (command.kind) {
      case 'Inspect': {
        const queue = this.queues.get(command.queueName);
        const detail = 'The credentials see the divisions Home and Sales.';
        if (!queue) return { kind: 'rejected', code: 'queue-not-found-or-not-visible', detail };
        return { kind: 'done', of: 'Inspect', result: { queue, view: this.viewOf(command.externalId) } };
      }
      case 'AttachContext':
        return { kind: 'done', of: 'AttachContext', result: null };
      case 'TransferToQueue':
        if (this.transfersShow) {
          const { platform, externalId, queue } = command;
          setImmediate(() => void this.tell(queueEntered(platform, externalId, queue.id)));
        }
        return { kind: 'done', of: 'TransferToQueue', result: null };
      case 'Look':
        return { kind: 'done', of: 'Look', result: this.viewOf(command.externalId) };
      case 'RunBotTurn':
        return { kind: 'done', of: 'RunBotTurn', result: this.bot(command.turn) };
      case 'PrepareEscalation':
        return this.#prepared(command);
      case 'OpenConversation':
        return { kind: 'done', of: 'OpenConversation', result: this.#openedFor(command) };
      case 'FetchFile':
        return this.fetched(command);
      case 'DeliverMessage':
      case 'RaiseAlert':
      case 'OverwriteContext':
      case 'CloseLeg':
        return { kind: 'done', of: command.kind, result: null };
      case 'ReadPresence':
      case 'HoldAgent':
      case 'ReleaseAgent':
        throw new Error(`nobody is held here: ${command.kind}`);
      case 'WriteContext':
        return { kind: 'done', of: 'WriteContext', result: { customer: 'customer' as ParticipantId } };
      case 'SendSms':
        return { kind: 'done', of: 'SendSms', result: { messageId: `sms-${command.ref}` } };
      case 'FindSms':
        return { kind: 'done', of: 'FindSms', result: { kind: 'not-there' } };
      case 'AskReceipt':
        return { kind: 'done', of: 'AskReceipt', result: { status: 'pending' } };
      case 'BookCallback':
        return this.#booked(command);
      default:
        return this.crossing.answer(command);
    }
  }

  async #prepared({ interactionId }: Extract<Command, { kind: 'PrepareEscalation' }>): Promise<CommandOutcome> {
    if (!this.desk) return { kind: 'rejected', code: 'not-found' };
    const manifestRef = await this.keepReference?.(interactionId);
    const result = { policy: this.desk, ...(manifestRef !== undefined && { manifestRef }) };
    return { kind: 'done', of: 'PrepareEscalation', result };
  }

  #booked({ queueName, key }: Extract<Command, { kind: 'BookCallback' }>): CommandOutcome {
    const queue = this.queues.get(queueName);
    if (!queue) return { kind: 'rejected', code: 'queue-not-found-or-not-visible' };
    return { kind: 'done', of: 'BookCallback', result: { externalId: `callback-${key}` as ExternalId, queue } };
  }
}

function queueEntered(platform: PlatformName, externalId: ExternalId, queueId: QueueId): ConversationEvent {
  const participantId = `acd-${queueId}` as ParticipantId;
  const messageId = `entered-${externalId}-${queueId}`;
  return { kind: 'queue-entered', platform, externalId, messageId, at: 1, participantId, queueId };
}

const EVERY_KEY: Readonly<Record<string, readonly Scope[]>> = {
  'the-admin-key': ['admin'],
  'the-interactions-key': ['interactions'],
  'the-handoffs-key': ['handoffs'],
  'the-manifests-key': ['manifests'],
  'the-erasures-key': ['erasures'],
  'the-claims-key': ['claims'],
};

export type Served = Awaited<ReturnType<typeof serve>>;

/** Dispose of it with `await using`. `over` replaces parts of the server. */
export async function serve(over: Partial<ServerParts> = {}, store: Store = openSqlite(':memory:')) {
  const clock = manualClock();
  const journal = await Journal.open(store, randomBytes(32));
  const vendor = new InstantVendor();
  const entries = new EntryBook(journal, clock);
  vendor.crossing.entries = entries;
  vendor.crossing.validUntil = () => clock.now() + SITE.reservationMs;
  const errors: unknown[] = [];
  const log: ServerLogEntry[] = [];
  const runner = new Runner({
    journal,
    execute: vendor.execute,
    clock,
    random: () => 0.5,
    owner: 'test',
    onFault: (error) => errors.push(error),
  });
  const reading = (platform: PlatformName) => (payload: unknown) =>
    readDetailEvents(payload, {
      platform,
      digest: sha256,
      receivedAt: clock.now(),
      queues: [...vendor.queues.values()],
    });
  let ids = 0;
  const parts: ServerParts = {
    journal,
    runner,
    clock,
    newId: () => `01934f00-0000-7000-8000-${String(++ids).padStart(12, '0')}`,
    policy: {
      rules: DEFAULT_QUEUE_RULES,
      platforms: { [GENESYS]: { limits: { attributeValueBytes: 256, attributeCount: 50 }, settleMs: 5_000 } },
      settleWithinMs: 120_000,
      limits: { commandTimeoutMs: 8_000, confirmWithinMs: 30_000, flowWithinMs: 60_000, transferAttempts: 3 },
    },
    transfers: { policy: TRANSFERS, holdLimitMs: 30_000, types: {} },
    entries,
    claims: new ClaimBook(journal, (size) => new Uint8Array(randomBytes(size))),
    ...reaching(new SuppressionBook(journal, clock)),
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    manifestTtlMs: MANIFEST_TTL_MS,
    retention: { contextMs: 24 * HOUR_MS, idleMs: 72 * HOUR_MS, overwrite: false },
    backupDays: 35,
    keys: Object.entries(EVERY_KEY).map(([key, scopes]) => ({
      name: key.replace('the-', ''),
      sha256: sha256(key),
      scopes,
    })),
    sessionSecret: sessionSecret(new Uint8Array(32).fill(7)),
    behindProxy: false,
    platforms: [platformOf(vendor), DESTINATION],
    hooks: {
      genesys: [
        { verify: genesysHookVerifier([OTHER_HOOK_SECRET]), read: reading(OTHER_GENESYS) },
        { verify: genesysHookVerifier([HOOK_SECRET]), read: reading(GENESYS) },
      ],
    },
    ready: async () => ({ ok: true, reasons: [] }),
    log: (entry) => log.push(entry),
    onError: (error) => errors.push(error),
    version: '0.0.0-test',
    ...over,
  };
  vendor.tell = async (event) => {
    const owner = await journal.ownerOf(event);
    const input = { kind: 'conversation-event', actor: 'platform:genesys_cloud', event } as const;
    if (owner) await runner.submit(owner, input, { message: { sender: GENESYS, messageId: event.messageId } });
  };
  const app = buildServer(parts);

  /** A call with a key, the admin's unless another is named; the body as JSON unless it is text. */
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await app.request(path, {
      method,
      headers: { authorization: 'Bearer the-admin-key', ...json, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as Json };
  };

  return {
    app,
    parts,
    clock,
    journal,
    runner,
    vendor,
    errors,
    log,
    call,
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    post: (path: string, body?: unknown, headers?: Record<string, string>) => call('POST', path, body, headers),
    /** An interaction of this conversation; its id. */
    async open(externalId: string, more: Json = {}): Promise<InteractionId> {
      const made = await call('POST', '/v1/interactions', {
        platform: GENESYS,
        externalId,
        channel: 'voice',
        ...more,
      });
      return made.body.id as InteractionId;
    },
    hook: (body: unknown, headers: Record<string, string> = { 'x-throughline-secret': HOOK_SECRET }) =>
      call('POST', '/hooks/genesys', body, { authorization: '', ...headers }),
    async [Symbol.asyncDispose]() {
      vendor.release();
      await runner[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

function platformOf(vendor: InstantVendor): ServedPlatform {
  return {
    name: GENESYS,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    capabilities: { reservation: 'none', commit: ['rest', 'flow'], settleMs: 5_000 },
    health: () => ({ ok: true, lastAnswerAt: 0, budget: { limitPerMinute: 300, remaining: 299 } }),
    queues: async () => ({ kind: 'done', value: [...vendor.queues.values()] }),
  };
}

const SITE = {
  limits: { attributeValueBytes: 256, attributeCount: 50 },
  settleMs: 2_000,
  reservationMs: 60_000,
  ways: ['rest', 'flow'],
} as const;

export const TRANSFERS: TransferPolicy = {
  sites: {
    [GENESYS]: { ...SITE, reservation: 'entry-script', entryNumbers: [], fallbackQueue: 'Lobby' },
    [CXONE]: { ...SITE, reservation: 'entry-script', entryNumbers: ENTRY_NUMBERS, fallbackQueue: OVERFLOW.name },
  },
  settleWithinMs: 120_000,
  consultMs: 60_000,
  limits: { commandTimeoutMs: 8_000, confirmWithinMs: 30_000, transferAttempts: 3 },
};

const DESTINATION: ServedPlatform = {
  name: CXONE,
  limits: SITE.limits,
  capabilities: { reservation: 'entry-script', commit: ['signal'], settleMs: 2_000 },
  health: () => ({ ok: true }),
  queues: async () => ({ kind: 'done', value: [CLAIMS, OVERFLOW] }),
};

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
