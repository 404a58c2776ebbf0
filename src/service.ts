// Owns the assembly of one running service: journal, runner, platforms and server, from a configuration. Part of the
// composition root: only main imports it.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { type Alert, alertHook } from './alert-hook.ts';
import { type MountedChat, mountChat } from './chat-mount.ts';
import type { Config } from './config.ts';
import type { ConversationEvent } from './context/conversation.ts';
import { executor, foreseer } from './execute.ts';
import type { InteractionId, ManifestRef } from './ids.ts';
import { ClaimBook } from './journal/claim-book.ts';
import type { ChooseWriter } from './journal/draft.ts';
import { EntryBook } from './journal/entries.ts';
import { takeIn } from './journal/intake.ts';
import { Journal } from './journal/journal.ts';
import { FateUnknown, JournalUnavailable } from './journal/journal-unavailable.ts';
import { openPostgres } from './journal/postgres.ts';
import { faultCode } from './journal/postgres-faults.ts';
import { machineRandomBytes } from './journal/random-bytes.ts';
import type { Rotation } from './journal/rotation.ts';
import { Runner } from './journal/runner.ts';
import { Sealer } from './journal/sealer.ts';
import type { CredentialTable } from './journal/shared-credentials.ts';
import { openSqliteWithClerk } from './journal/sqlite-with-clerk.ts';
import type { Store } from './journal/store.ts';
import { openListener } from './listener.ts';
import { machineClock as clock } from './machine-clock.ts';
import { type OpenChannels, openChannels } from './open-channels.ts';
import { type OpenCard, type OpenPlatform, openPlatform } from './open-platforms.ts';
import type { Outcome } from './outcome.ts';
import { gatewayOpenApi } from './platforms/gateway/gateway-openapi.ts';
import type { Fetch } from './platforms/http.ts';
import { refusalInWords } from './platforms/not-secured.ts';
import type { Call } from './platforms/platform.ts';
import type { ClientTls } from './platforms/tls-config.ts';
import { tlsWay } from './platforms/tls-fetch.ts';
import { escalationPolicy, servedTransfers } from './policies.ts';
import { type QuarantineAlerts, quarantineAlerts } from './quarantine-alerts.ts';
import { type Readiness, readiness, type WatchedPlatform } from './readiness.ts';
import { type Refused, refusals } from './refusals.ts';
import { buildServer } from './server/app.ts';
import type { ChatServer } from './server/chat-server.ts';
import { keepReference } from './server/kept-manifest.ts';
import type { Reading } from './server/metrics.ts';
import type { ServedCard, ServedPlatform, VendorHook } from './server/parts.ts';
import { sessionSecret } from './server/session-seal.ts';
import { sharing } from './sharing.ts';
import type { StartCheck } from './start-check.ts';
import { uuidV7 } from './uuid-v7.ts';

export type Service = AsyncDisposable & {
  readonly url: string;
  /** The faults that only the platforms could show, and showed at once: reason enough not to start. */
  readonly checked: Promise<readonly string[]>;
};

const ALERTS: Readonly<Record<string, string>> = {
  quarantined:
    'An interaction was set aside: three attempts to move it on did not finish. It stands in GET /v1/dead-letters; a person has to see to its customer.',
  'sms-not-delivered':
    'A customer could not be texted the link that they were promised, by any route: a person has to follow up.',
  'nobody-reached':
    'A customer in a chat of ours asked for a person, and none could be reached: a person has to see to them.',
  'sms-unconfirmed': 'Nobody says whether a customer has the link that they were texted: a person has to follow up.',
  'vendor-copy-not-overwritten':
    'What a handoff wrote at its platform is still there after the erasure: a person has to overwrite it. Its certificate says what.',
  'agent-hold-not-released':
    'An agent who was held while their card filled may still be held: a person has to see to their presence.',
};
const REFUSED =
  'A connection was refused before anything was read of it: its version of TLS or its certificate is not what is wanted here.';
const REPORT_TIMEOUT_MS = 10_000;
const TELL_OUTAGE_EVERY_MS = 5_000;
/** An agent waits in front of it. */
const CARD_TIMEOUT_MS = 5_000;

/** Starts everything and listens. Rejects when the port or the journal is taken. A later fault ends the process. */
export async function startService(config: Config, version: string): Promise<Service> {
  const log = openLog(config);
  const closing = new AbortController();
  const { store, credentials } = await openStore(config);
  const writing = store.writer && { writer: store.writer };
  const journal = await Journal.open(store, config.masterKey, config.otherMasterKeys, writing);
  const shared = await sharing(credentials, journal);
  const platforms = new Map(
    [...config.platforms].map(([name, entry]) => [name, openPlatform(name, entry, log, shared)]),
  );
  const entries = new EntryBook(journal, clock);
  const channels = openChannels(config, { journal, platforms });
  const newId = uuidV7(clock.now, machineRandomBytes);
  const policy = () => escalationPolicy(config, platforms);
  const chat = config.chat && mountChat(config.chat, platforms, policy, referencesTo({ journal, config, newId }));
  const alert = openAlerts(config, log, closing.signal);
  const quarantines = openQuarantines({ config, store, log }, alert);
  const opening = { config, journal, entries, channels, platforms, chat, newId, log, alert, quarantines };
  const runner = openRunner(opening);
  const sealer = openSealer(journal, config, log);
  const rotation = openRotation(journal, log);
  const nodeReadiness = readiness({
    ...config.readiness,
    rules: config.rules,
    isAlone: config.databaseUrl === null,
    hasHook: (name) => (config.platforms.get(name)?.hookSecrets.length ?? 0) > 0,
    journal,
    databaseNow: () => store.now(),
    platforms: new Map([...platforms].map(([name, open]) => [name, watchedPlatform(open, config.channels)])),
    clock,
    signal: closing.signal,
    report: () => report(closing.signal),
  });
  const { start, ready, heard } = nodeReadiness;
  void tellLateFaults(start, log).catch((error) => endProcess(log, error));
  const serving = { runner, closing: closing.signal, ready, heard, readings: readingsOf(sealer, rotation), version };
  const { app, sockets } = openServer({ ...opening, ...serving });

  await nodeReadiness.looked;
  // Beside other nodes some lease may be alive; alone none is.
  await runner.start({ recovering: config.databaseUrl === null });
  sealer.start();
  rotation.start();
  const refused = (one: Refused) => log.warn(one, REFUSED);
  const upgrade = sockets && { upgrade: sockets.upgrade };
  const listener = await openListener({ ...config, fetch: app.fetch, clock, refused, ...upgrade });
  log.info({ version, port: config.port, host: config.host, platforms: [...platforms.keys()] }, 'listening');
  hearSockets({ config, journal, runner, platforms, log }, nodeReadiness);
  return {
    url: listener.url,
    checked: start.atStart,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await sockets?.[Symbol.asyncDispose]();
      await listener.close();
      await rotation[Symbol.asyncDispose]();
      await runner[Symbol.asyncDispose]();
      await quarantines[Symbol.asyncDispose]();
      await sealer[Symbol.asyncDispose]();
      await Promise.all([...platforms.values()].map(({ platform }) => platform.close()));
      await store[Symbol.asyncDispose]();
    },
  };
}

/** References that escalations of our own conversations carry; an outage of the journal is waited for. */
function referencesTo({ journal, config, newId }: Pick<Opening, 'journal' | 'config' | 'newId'>) {
  return async (interactionId: InteractionId): Promise<Outcome<ManifestRef>> => {
    try {
      const { manifestTtlMs } = config;
      return { kind: 'done', value: await keepReference({ journal, newId, clock, manifestTtlMs }, interactionId) };
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) throw error;
      return { kind: 'transient', code: 'unreachable', detail: 'the journal' };
    }
  };
}

/** What a platform pushes by itself, or is asked for, takes the same road as a hook's. */
function hearSockets(
  { config, journal, runner, platforms, log }: Pick<Opening, 'config' | 'journal' | 'runner' | 'platforms' | 'log'>,
  { heard, listens }: Readiness,
): void {
  // An event that an outage swallowed is made up for by looks (H5); anything else is a fault.
  const lost = (error: unknown) => lostEvent(config, log, error);
  for (const [name, { watch }] of platforms) {
    const taken = (event: ConversationEvent) => {
      heard(name);
      return takeIn(event, { journal, runner, clock });
    };
    const road = watch?.((events) => void Promise.all(events.map(taken)).catch(lost));
    if (road) listens(name, road);
  }
}

/** Where others use the same database, it also has what they share of their credentials. */
async function openStore({ databaseUrl, dataFolder }: Config): Promise<{
  readonly store: Store & { readonly writer?: ChooseWriter };
  readonly credentials: CredentialTable | null;
}> {
  if (databaseUrl === null) return { store: openSqliteWithClerk(join(dataFolder, 'journal.db')), credentials: null };
  const store = await openPostgres(databaseUrl, { clock, random: Math.random });
  return { store, credentials: store.credentials };
}

function openLog({ mode }: Config): Logger {
  return pino({ level: mode === 'serve' ? 'info' : 'warn', base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** What came out only after the start leaves the service unready; here is why (docs/decisions/0004). */
async function tellLateFaults({ atStart, done }: StartCheck, log: Logger): Promise<void> {
  if ((await atStart).length > 0) return;
  for (const fault of await done) log.error(fault);
}

/** docs/decisions/0007: recovery does the rest. */
function endProcess(log: Logger, error: unknown): never {
  log.fatal(
    { err: error },
    'The journal or our own code failed. The process ends; the next start takes up what was open.',
  );
  log.flush();
  process.exit(1);
}

/** The cause by its code only, and not once per request that it fails. */
function tellOutage(log: Logger, { cause }: JournalUnavailable): void {
  if (clock.monotonic() < toldOutageAt + TELL_OUTAGE_EVERY_MS) return;
  toldOutageAt = clock.monotonic();
  const code = faultCode(cause instanceof FateUnknown ? cause.cause : cause);
  log.error({ code }, 'The journal cannot be read or written. It is tried again.');
}

let toldOutageAt = Number.NEGATIVE_INFINITY;

type Running = Pick<Opening, 'journal' | 'entries' | 'platforms' | 'channels' | 'chat' | 'config' | 'log'> & {
  readonly alert: RaiseLogged;
  readonly quarantines: QuarantineAlerts;
};

function openRunner({ journal, entries, platforms, channels, chat, config, log, alert, quarantines }: Running): Runner {
  const { sms, suppression } = channels;
  return new Runner({
    journal,
    clock,
    random: Math.random,
    owner: randomUUID(),
    settings: { leaseMs: config.handoffs.leaseSec * 1_000 },
    execute: executor({
      platforms: new Map([...platforms].map(([name, { platform }]) => [name, platform])),
      entries,
      now: clock.now,
      ...(sms && { sms }),
      suppression,
      ...(chat && { chat: chat.parts }),
      alert: ({ code, handoffId }, signal) => alert({ code, handoffId }, signal),
    }),
    foresee: foreseer({ entries, ...(chat && { chat: chat.parts }), now: clock.now }),
    onFault: (error) => endProcess(log, error),
    onOutage: (error) => tellOutage(log, error),
    onPoison: (interactionId, error) =>
      log.error(
        { interactionId, err: error },
        'An interaction could not be read or decided. It is tried again, then quarantined.',
      ),
    onQuarantine: () => quarantines.setAside(),
  });
}

/** What an event that got lost is: made up for, where others use the journal and it was out; else the end of the process. */
function lostEvent({ databaseUrl }: Config, log: Logger, error: unknown): void {
  if (databaseUrl === null || !(error instanceof JournalUnavailable)) endProcess(log, error);
  tellOutage(log, error);
}

type RaiseLogged = (alert: Alert, signal: AbortSignal) => Promise<Outcome<null>>;

/** The log has every alert; a hook, where there is one, is called until it answers. */
function openAlerts({ alerts }: Config, log: Logger, closing: AbortSignal): RaiseLogged {
  const raise = alerts && alertHook({ ...alerts, clock, fetch: wayToAlerts(alerts.tls, log, closing) });
  return async (alert, signal) => {
    const says = ALERTS[alert.code] ?? 'A handoff needs a person; its code says why.';
    log.error(alert, says);
    if (!raise) return { kind: 'done', value: null };
    const raised = await raise({ ...alert, says }, signal);
    if (raised.kind !== 'done')
      log.warn({ ...alert, failure: raised.code }, 'The alert was not taken. It is sent again.');
    return raised;
  };
}

/** As to a platform: TLS 1.3 where nothing else is said, and what is refused is told once a minute at most. */
function wayToAlerts(tls: ClientTls, log: Logger, closing: AbortSignal): Fetch {
  const refused = ({ code }: Refused) =>
    log.warn({ for: 'alerts', code: 'tls-refused' }, refusalInWords(code).replace('the platform', 'the hook'));
  const way = tlsWay(tls, refusals(clock, refused));
  closing.addEventListener('abort', () => way.close(), { once: true });
  return way.fetch;
}

/** Also what was set aside before the start, or by a node that is gone. */
function openQuarantines(
  { config: { databaseUrl }, store, log }: Pick<Opening, 'config' | 'log'> & { readonly store: Store },
  alert: RaiseLogged,
): QuarantineAlerts {
  return quarantineAlerts({
    store,
    clock,
    random: Math.random,
    raise: ({ interactionId, quarantinedAt }, signal) =>
      alert({ code: 'quarantined', interactionId, since: quarantinedAt }, signal),
    ridesOutages: databaseUrl !== null,
    onFault: (error) => endProcess(log, error),
  });
}

function openSealer(journal: Journal, { sealEveryMs }: Config, log: Logger): Sealer {
  const { store, sealKey } = journal;
  return new Sealer({ store, key: sealKey, clock, everyMs: sealEveryMs, onFault: (error) => endProcess(log, error) });
}

function openRotation(journal: Journal, log: Logger): Rotation {
  return journal.rotation({
    clock,
    onComplete: () => void finishRotation(journal, log),
    onSuperseded: () =>
      log.warn('Another node has a newer master key than this one, which therefore wraps nothing anew.'),
    onStuck: (keys) =>
      log.error(
        { keys },
        'Keys that no configured master key opens: they were damaged, or an older master key is missing.',
      ),
    onFault: (error) => endProcess(log, error),
  });
}

/** What the older key opened must be in no file either, or removing it would be worth little. */
async function finishRotation(journal: Journal, log: Logger): Promise<void> {
  try {
    const scrub = await journal.scrub();
    if (scrub.kind === 'pending')
      log.warn(
        { code: scrub.code },
        'The older wrappings may still be in files of the database: see docs/erasure.md before the older master key is given away.',
      );
  } catch (error) {
    tellOutage(log, error as JournalUnavailable);
    return;
  }
  log.info(
    'Rotation complete: nothing is wrapped by an older master key. When every node has the new one, remove the old (docs/key-rotation.md).',
  );
}

function readingsOf(sealer: Sealer, rotation: Rotation): readonly Reading[] {
  return [
    { name: 'throughline_seals_total', type: 'counter', value: () => sealer.made },
    { name: 'throughline_keys_on_old_master', type: 'gauge', value: () => rotation.remaining },
  ];
}

type Opening = {
  readonly config: Config;
  readonly journal: Journal;
  readonly runner: Runner;
  readonly entries: EntryBook;
  readonly channels: OpenChannels;
  /** Null where we carry no conversations ourselves. */
  readonly chat: MountedChat | null;
  readonly newId: () => string;
  readonly platforms: ReadonlyMap<string, OpenPlatform>;
  readonly log: Logger;
  readonly closing: AbortSignal;
  readonly ready: Readiness['ready'];
  readonly heard: Readiness['heard'];
  readonly readings: readonly Reading[];
  readonly version: string;
};

function openServer({ config, journal, entries, channels, runner, platforms, log, closing, ...rest }: Opening): {
  readonly app: ReturnType<typeof buildServer>;
  readonly sockets: ChatServer | undefined;
} {
  const { chat, newId, ready, heard, readings, version } = rest;
  const own = {
    journal,
    runner,
    clock,
    newId,
    claims: new ClaimBook(journal, machineRandomBytes),
    sessionSecret: sessionSecret(config.masterKey),
    behindProxy: config.behindProxy,
    onError: (error: unknown) => failedRequest(log, error),
  };
  const opened = chat?.open(own);
  const app = buildServer({
    ...own,
    ...(opened && { chat: opened.served }),
    randomBytes: machineRandomBytes,
    // Read anew for every request: what a gateway can is known only when it has said so.
    get policy() {
      return escalationPolicy(config, platforms);
    },
    transfers: servedTransfers(config, platforms),
    entries,
    deflections: channels.deflections,
    callbacks: channels.callbacks,
    smsHooks: channels.hooks,
    manifestTtlMs: config.manifestTtlMs,
    retention: config.retention,
    backupDays: config.backupDays,
    keys: config.keys,
    platforms: [...platforms.values()].map((open) => servedPlatform(open, closing)),
    hooks: hooksOf(platforms, heard),
    ready,
    readings,
    log: ({ level, ...entry }) => log[level](entry),
    version,
    gatewayContract: gatewayOpenApi(),
  });
  return { app, sockets: opened?.sockets };
}

function failedRequest(log: Logger, error: unknown): void {
  if (error instanceof JournalUnavailable) tellOutage(log, error);
  else log.error({ err: error }, 'A request failed because of our own code.');
}

function watchedPlatform(
  { platform, entry: { transfers } }: OpenPlatform,
  { callbacks }: Config['channels'],
): WatchedPlatform {
  return {
    platform,
    ...(transfers && { fallbackQueue: transfers.fallbackQueue }),
    ...(callbacks.platform === platform.name && { callbackQueue: callbacks.queue }),
  };
}

function servedPlatform({ platform, card }: OpenPlatform, closing: AbortSignal): ServedPlatform {
  const { name, limits, capabilities, health, queues } = platform;
  return {
    name,
    limits,
    capabilities,
    health,
    queues: () => queues(report(closing)),
    ...(card && { card: servedCard(card, closing) }),
  };
}

function servedCard(card: OpenCard, closing: AbortSignal): ServedCard {
  if (card.kind === 'reference') return card;
  const { genesys, entry } = card;
  const { clientId, redirectUri, scope, frameAncestors } = entry.card;
  // Behind live handoffs, before reports: an agent waits, but no customer does.
  const call = (): Call => ({ ...report(closing, CARD_TIMEOUT_MS), priority: 'reconcile' });
  return {
    kind: 'sign-in',
    clientId,
    authorizeUrl: `${entry.loginUrl}/oauth/authorize`,
    tokenUrl: `${entry.loginUrl}/oauth/token`,
    scope,
    frameAncestors,
    ...(redirectUri !== undefined && { redirectUri }),
    identify: (token) => genesys.identify({ token, clientId }, call()),
    // The channel changes nothing: one path serves every medium.
    look: (externalId) => genesys.look({ externalId, channel: 'voice' }, call()),
  };
}

/** By path; several platforms of one vendor share it. The path of Genesys Cloud is there in any case. */
function hooksOf(
  platforms: ReadonlyMap<string, OpenPlatform>,
  heard: Readiness['heard'],
): Readonly<Record<string, readonly VendorHook[]>> {
  const all = [...platforms].map(([name, { hook }]) => ({
    ...hook,
    read(payload: unknown) {
      const read = hook.read(payload);
      if (read.events.length > 0) heard(name);
      return read;
    },
  }));
  const at = (path: string) => all.filter((hook) => hook.path === path);
  return Object.fromEntries(['genesys', ...all.map(({ path }) => path)].map((path) => [path, at(path)]));
}

function report(closing: AbortSignal, timeoutMs = REPORT_TIMEOUT_MS): Call {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
  return { signal, mayStart: () => !closing.aborted, priority: 'report' };
}
