// Owns the assembly of one running service: journal, runner, platforms and server, from a configuration. Part of the
// composition root: only main imports it.

import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import type { Config, PlatformEntry } from './config.ts';
import type { ConversationEvent } from './context/conversation.ts';
import { databaseCheck } from './database-check.ts';
import { executor } from './execute.ts';
import type { PlatformName } from './ids.ts';
import type { ChooseWriter } from './journal/draft.ts';
import { takeIn } from './journal/intake.ts';
import { Journal } from './journal/journal.ts';
import { FateUnknown, JournalUnavailable } from './journal/journal-unavailable.ts';
import { openPostgres } from './journal/postgres.ts';
import { faultCode } from './journal/postgres-faults.ts';
import { machineRandomBytes } from './journal/random-bytes.ts';
import type { Rotation } from './journal/rotation.ts';
import { Runner } from './journal/runner.ts';
import { Sealer } from './journal/sealer.ts';
import { openSqliteWithClerk } from './journal/sqlite-with-clerk.ts';
import type { Store } from './journal/store.ts';
import { machineClock as clock } from './machine-clock.ts';
import { type GenesysPlatform, genesysPlatform } from './platforms/genesys/genesys-platform.ts';
import { genesysHookVerifier } from './platforms/genesys/hook.ts';
import type { Call } from './platforms/platform.ts';
import type { EscalationPolicy } from './protocols/input.ts';
import { buildServer } from './server/app.ts';
import type { Reading } from './server/metrics.ts';
import type { ServedCard, ServedPlatform } from './server/parts.ts';
import { sessionSecret } from './server/session-seal.ts';
import { type StartCheck, startCheck } from './start-check.ts';
import { uuidV7 } from './uuid-v7.ts';

export type Service = AsyncDisposable & {
  readonly url: string;
  /** The faults that only the platforms could show, and showed at once: reason enough not to start. */
  readonly checked: Promise<readonly string[]>;
};

const ALERTS: Readonly<Record<string, string>> = {
  'vendor-copy-not-overwritten':
    'What a handoff wrote at its platform is still there after the erasure: a person has to overwrite it. Its certificate says what.',
  'agent-hold-not-released':
    'An agent who was held while their card filled may still be held: a person has to see to their presence.',
};
const REPORT_TIMEOUT_MS = 10_000;
const TELL_OUTAGE_EVERY_MS = 5_000;
/** An agent waits in front of it. */
const CARD_TIMEOUT_MS = 5_000;

/** Starts everything and listens. Rejects when the port or the journal is taken. A later fault ends the process. */
export async function startService(config: Config, version: string): Promise<Service> {
  const log = openLog(config);
  const closing = new AbortController();
  const store = await openStore(config);
  const journal = await Journal.open(
    store,
    config.masterKey,
    config.otherMasterKeys,
    store.writer && { writer: store.writer },
  );
  const platforms = new Map([...config.platforms].map(([name, entry]) => [name, openPlatform(name, entry, log)]));
  const runner = openRunner(journal, platforms, config, log);
  const sealer = openSealer(journal, config, log);
  const rotation = openRotation(journal, log);
  const check = startCheck(
    config.rules,
    [...platforms.values()].map(({ name, queues }) => ({ name, queues: () => queues(report(closing.signal)) })),
    { clock, signal: closing.signal },
  );
  const database = config.databaseUrl ? databaseCheck(() => store.now(), { clock, signal: closing.signal }) : null;
  const ready = async () => readiness([...(database?.reasons() ?? []), ...reasonsOf(check.verdict())]);
  void tellLateFaults(check, log).catch((error) => endProcess(log, error));
  const readings = readingsOf(sealer, rotation);
  const app = openServer({
    config,
    journal,
    runner,
    platforms,
    log,
    closing: closing.signal,
    ready,
    readings,
    version,
  });

  await database?.looked;
  // Beside other nodes some lease may be alive; alone none is.
  await runner.start({ recovering: config.databaseUrl === null });
  sealer.start();
  rotation.start();
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await listening(server, config);
  log.info({ version, port: config.port, host: config.host, platforms: [...platforms.keys()] }, 'listening');
  for (const [name, platform] of platforms) {
    if (!config.platforms.get(name)?.notifications) continue;
    // What a platform pushes over its own socket takes the same road as a hook's.
    const taken = (event: ConversationEvent) => takeIn(event, { journal, runner, clock });
    const lost = (error: unknown) => {
      // An event that an outage swallowed is made up for by looks (H5); anything else is a fault.
      if (config.databaseUrl === null || !(error instanceof JournalUnavailable)) endProcess(log, error);
      tellOutage(log, error);
    };
    platform.watch((events) => void Promise.all(events.map(taken)).catch(lost));
  }
  return {
    url: `http://${config.host}:${config.port}`,
    checked: check.atStart,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await closed(server);
      await rotation[Symbol.asyncDispose]();
      await runner[Symbol.asyncDispose]();
      await sealer[Symbol.asyncDispose]();
      await Promise.all([...platforms.values()].map((platform) => platform.close()));
      await store[Symbol.asyncDispose]();
    },
  };
}

async function openStore({ databaseUrl, dataFolder }: Config): Promise<Store & { readonly writer?: ChooseWriter }> {
  if (databaseUrl !== null) return openPostgres(databaseUrl, { clock, random: Math.random });
  return openSqliteWithClerk(join(dataFolder, 'journal.db'));
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

function openRunner(
  journal: Journal,
  platforms: ReadonlyMap<string, GenesysPlatform>,
  { handoffs }: Config,
  log: Logger,
): Runner {
  return new Runner({
    journal,
    clock,
    random: Math.random,
    owner: randomUUID(),
    settings: { leaseMs: handoffs.leaseSec * 1_000 },
    execute: executor({
      platforms,
      alert: async (alert) =>
        log.error(alert, ALERTS[alert.code] ?? 'A handoff needs a person: whether it happened is not known.'),
    }),
    onFault: (error) => endProcess(log, error),
    onOutage: (error) => tellOutage(log, error),
    onPoison: (interactionId, error) =>
      log.error(
        { interactionId, err: error },
        'An interaction could not be read or decided. It is tried again, then quarantined.',
      ),
    onQuarantine: (interactionId) =>
      log.error({ interactionId }, 'Quarantined: three attempts to move it on did not finish.'),
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
  readonly platforms: ReadonlyMap<string, GenesysPlatform>;
  readonly log: Logger;
  readonly closing: AbortSignal;
  readonly ready: () => Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
  readonly readings: readonly Reading[];
  readonly version: string;
};

function openServer({ config, journal, runner, platforms, log, closing, ready, readings, version }: Opening) {
  return buildServer({
    journal,
    runner,
    clock,
    newId: uuidV7(clock.now, machineRandomBytes),
    policy: policyOf(config, platforms),
    manifestTtlMs: config.manifestTtlMs,
    retention: config.retention,
    backupDays: config.backupDays,
    keys: config.keys,
    sessionSecret: sessionSecret(config.masterKey),
    behindProxy: config.behindProxy,
    platforms: [...platforms.values()].map((platform) => servedPlatform(platform, config, closing)),
    hooks: { genesys: [...platforms.values()].map((platform) => hookOf(platform, config)) },
    ready,
    readings,
    log: ({ level, ...entry }) => log[level](entry),
    onError: (error) =>
      error instanceof JournalUnavailable
        ? tellOutage(log, error)
        : log.error({ err: error }, 'A request failed because of our own code.'),
    version,
  });
}

function servedPlatform(platform: GenesysPlatform, config: Config, closing: AbortSignal): ServedPlatform {
  const { name, limits, capabilities, health, queues } = platform;
  const entry = config.platforms.get(name);
  return {
    name,
    limits,
    capabilities,
    health,
    queues: () => queues(report(closing)),
    ...(entry?.card && { card: servedCard(platform, { ...entry, card: entry.card }, closing) }),
  };
}

function servedCard(
  platform: GenesysPlatform,
  { loginUrl, card }: PlatformEntry & { readonly card: NonNullable<PlatformEntry['card']> },
  closing: AbortSignal,
): ServedCard {
  const { clientId, redirectUri, scope, frameAncestors } = card;
  // Behind live handoffs, before reports: an agent waits, but no customer does.
  const call = (): Call => ({ ...report(closing, CARD_TIMEOUT_MS), priority: 'reconcile' });
  return {
    clientId,
    authorizeUrl: `${loginUrl}/oauth/authorize`,
    tokenUrl: `${loginUrl}/oauth/token`,
    scope,
    frameAncestors,
    ...(redirectUri !== undefined && { redirectUri }),
    identify: (token) => platform.identify({ token, clientId }, call()),
    // The channel changes nothing: one path serves every medium.
    look: (externalId) => platform.look({ externalId, channel: 'voice' }, call()),
  };
}

function openPlatform(name: string, entry: PlatformEntry, log: Logger): GenesysPlatform {
  const {
    loginUrl,
    apiUrl,
    clientId,
    clientSecret,
    rateLimitPerMinute,
    attributeValueBytes,
    attributeCount,
    settleMs,
  } = entry;
  return genesysPlatform({
    name: name as PlatformName,
    loginUrl,
    apiUrl,
    clientId,
    clientSecret,
    rateLimitPerMinute,
    limits: { attributeValueBytes, attributeCount },
    settleMs,
    clock,
    log: ({ level, code, detail }) => log[level]({ platform: name, code }, detail),
  });
}

function policyOf(config: Config, platforms: ReadonlyMap<string, GenesysPlatform>): EscalationPolicy {
  const { settleWithinSec, confirmWithinSec, flowWithinSec, commandTimeoutSec, transferAttempts } = config.handoffs;
  const served = [...platforms].map(([name, { limits, capabilities }]) => [
    name,
    { limits, settleMs: capabilities.settleMs, ...holdOf(config.platforms.get(name)) },
  ]);
  return {
    rules: config.rules,
    platforms: Object.fromEntries(served),
    settleWithinMs: settleWithinSec * 1_000,
    limits: {
      commandTimeoutMs: commandTimeoutSec * 1_000,
      confirmWithinMs: confirmWithinSec * 1_000,
      flowWithinMs: flowWithinSec * 1_000,
      transferAttempts,
    },
  };
}

function holdOf(entry: PlatformEntry | undefined): { readonly agentHold?: { holdMs: number; presence: string } } {
  if (!entry?.agentHoldSec || entry.agentHoldPresenceId === undefined) return {};
  return { agentHold: { holdMs: entry.agentHoldSec * 1_000, presence: entry.agentHoldPresenceId } };
}

function hookOf(platform: GenesysPlatform, config: Config) {
  const verify = genesysHookVerifier(config.platforms.get(platform.name)?.hookSecrets ?? []);
  return {
    verify,
    read: (payload: unknown) => platform.readEvents(payload),
  };
}

function reasonsOf(verdict: ReturnType<StartCheck['verdict']>): readonly string[] {
  return 'faults' in verdict ? verdict.faults : ['waiting for platforms to answer', ...verdict.waitingFor];
}

function readiness(reasons: readonly string[]) {
  return { ok: reasons.length === 0, reasons };
}

function report(closing: AbortSignal, timeoutMs = REPORT_TIMEOUT_MS): Call {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
  return { signal, mayStart: () => !closing.aborted, priority: 'report' };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listening(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`Port ${port} is taken. Stop what listens there, or set PORT.`, { cause: error }) : error,
      );
    });
    server.listen(port, host, resolve);
  });
}
