// Owns the configuration: the one reader of the environment. Option > environment > refusal; all faults are reported together
// and the result is frozen. No secret is ever echoed in a fault.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CHANNEL_VARIABLES, type ChannelsConfig, channelFields, readChannels } from './config-channels.ts';
import { type ChatSettings, chatSection, readChat } from './config-chat.ts';
import { devSecret, type TwinSettings, twinSettings } from './config-dev.ts';
import { isLoopback, type PlatformEntry, readPlatforms } from './config-platforms.ts';
import { type TwinDeskSecrets, twinChannels, twinChat, twinDeskEnv, twinPlatforms } from './config-twins.ts';
import { hookKey } from './platforms/gateway/hook.ts';
import { type ClientTls, clientTlsConfig } from './platforms/tls-config.ts';
import type { Retention } from './protocols/interaction.ts';
import { DEFAULT_QUEUE_RULES, type QueueRules, queueRules } from './protocols/queue-rules.ts';
import { type ApiKey, SCOPES } from './server/parts.ts';
import { readClientTls, readServerTls, type ServerTls } from './tls-files.ts';

export type Mode = 'start' | 'serve' | 'twins';

const keyEntry = z
  .strictObject({
    name: z.string().regex(/^[\w-]{1,40}$/, 'letters, digits, - and _ only'),
    /** SHA-256 of the key, in hex: `printf %s "$KEY" | sha256sum`. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
      .optional(),
    /** The environment variable that holds the key itself. */
    keyEnv: z.string().optional(),
    scopes: z.array(z.enum(SCOPES)).min(1),
  })
  .refine((entry) => (entry.sha256 === undefined) !== (entry.keyEnv === undefined), {
    message: 'give exactly one of sha256 and keyEnv',
  });

const file = z.strictObject({
  /** Each is read by the schema of its kind (config-platforms.ts). */
  platforms: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower case, digits and _'), z.unknown()).optional(),
  queueRules: queueRules.optional(),
  keys: z.array(keyEntry).default([]),
  handoffs: z
    .strictObject({
      settleWithinSec: z.number().min(10).max(900).default(120),
      confirmWithinSec: z.number().min(5).max(300).default(30),
      flowWithinSec: z.number().min(5).max(600).default(60),
      /** How long a node that has gone silent keeps its work from the others. */
      leaseSec: z.number().min(2).max(120).default(20),
      commandTimeoutSec: z.number().min(1).max(10).default(8),
      transferAttempts: z.int().min(1).max(5).default(3),
    })
    .refine(({ leaseSec, commandTimeoutSec }) => commandTimeoutSec <= leaseSec / 2, {
      path: ['commandTimeoutSec'],
      message: 'must be at most half of leaseSec, so that no call outlives its lease',
    })
    .prefault({}),
  transfers: z
    .strictObject({
      settleWithinSec: z.number().min(30).max(900).default(180),
      /** How long what was accepted may take to show on both sides. */
      confirmWithinSec: z.number().min(5).max(300).default(30),
      /** How long a consultation may take. */
      consultSec: z.number().min(10).max(1_800).default(180),
      /** How long the customer may be kept while a place is sought, where a request does not say it. */
      holdDurationLimitSec: z.number().min(1).max(300).default(15),
    })
    .prefault({}),
  /** Whom to call when a person must look (docs/transfers.md). Standard Webhooks. */
  alerts: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      secret: z.string().optional(),
      secretEnv: z.string().optional(),
      tls: clientTlsConfig.prefault({}),
    })
    .refine(({ tls }) => !tls.allowPlainHttp, {
      path: ['tls', 'allowPlainHttp'],
      message: 'is for platforms; alerts go by https',
    })
    .refine(({ secret, secretEnv }) => (secret === undefined) !== (secretEnv === undefined), {
      path: ['secret'],
      message: 'give exactly one of secret and secretEnv',
    })
    .refine(({ url }) => url.startsWith('https:') || isLoopback(url), {
      path: ['url'],
      message: 'must be https, unless it is this machine',
    })
    .optional(),
  ...channelFields,
  /** Conversations of our own (docs/web-chat.md). */
  chat: chatSection.optional(),
  seals: z.strictObject({ everySec: z.int().min(1).max(3_600).default(60) }).prefault({}),
  retention: z
    .strictObject({
      manifestHours: z.number().min(1).max(24).default(24),
      /** After an interaction's end. */
      contextHours: z.number().min(0.25).max(24).default(24),
      /** Without anything happening, after which an interaction is taken as ended. */
      idleHours: z.number().min(1).max(720).default(72),
      overwriteAtVendors: z.boolean().default(false),
      backupDays: z.number().min(0).max(3_650).default(35),
    })
    .prefault({}),
  readiness: z
    .strictObject({
      /** How long no access token can be had before the node says that it is not ready. */
      tokenMissingSec: z.number().min(0).max(3_600).default(10),
      /** How long events must be missing, with handoffs that they should have told of; 0 never says so. */
      eventsSilentSec: z.number().min(0).max(86_400).default(300),
    })
    .prefault({}),
  http: z
    .strictObject({
      /** Whether X-Forwarded-Proto, -Host and -For are believed: only where a proxy of ours sets them. */
      behindProxy: z.boolean().default(false),
      /** Where the service itself ends TLS. */
      tls: z
        .strictObject({
          certFile: z.string().min(1),
          keyFile: z.string().min(1),
          /** Whoever calls must have a certificate that one of these signed. */
          clientCaFile: z.string().min(1).optional(),
          minVersion: z.enum(['1.2', '1.3']).default('1.3'),
        })
        .optional(),
    })
    .prefault({}),
});

type Settings = z.infer<typeof file>;
const NAMES_A_VARIABLE: ReadonlySet<string> = new Set([
  'clientSecretEnv',
  'accessKeySecretEnv',
  'tokenEnv',
  'secretEnv',
  'keyEnv',
  ...CHANNEL_VARIABLES,
]);

export type Config = {
  readonly mode: Mode;
  readonly port: number;
  readonly host: string;
  readonly dataFolder: string;
  /** Where the journal is kept when not in the data folder. Holds a password: never to be shown. */
  readonly databaseUrl: string | null;
  readonly masterKey: Uint8Array;
  /** Accepted beside it for opening what they once wrapped, or are about to wrap (docs/key-rotation.md). */
  readonly otherMasterKeys: readonly Uint8Array[];
  readonly keys: readonly ApiKey[];
  /** Shown once at start; only ever set for a key that was made here for development. */
  readonly devKey?: string;
  readonly platforms: ReadonlyMap<string, PlatformEntry>;
  /** Set when the platforms are the twins of this process. */
  readonly twin: TwinSettings | null;
  readonly rules: QueueRules;
  readonly handoffs: Settings['handoffs'];
  readonly transfers: Settings['transfers'];
  /** Where alerts are posted, and what they are signed with. */
  readonly alerts: { readonly url: string; readonly secret: string; readonly tls: ClientTls } | null;
  readonly channels: ChannelsConfig;
  /** Null where we carry no conversations ourselves. */
  readonly chat: ChatSettings | null;
  readonly sealEveryMs: number;
  readonly manifestTtlMs: number;
  readonly retention: Retention;
  readonly backupDays: number;
  readonly behindProxy: boolean;
  /** What our own listener ends TLS with; null where it listens in the clear. */
  readonly tls: ServerTls | null;
  readonly readiness: Settings['readiness'];
  /** Whether journeys play, and the key they use. */
  readonly demo: { readonly key: string } | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The faults of a configuration, each a sentence that says what to do. */
export class BadConfiguration extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

/** Reads and checks everything. Throws BadConfiguration with all faults. In development it makes missing keys once. */
export function readConfig(mode: Mode, env: Environment = process.env): Config {
  const faults: string[] = [];
  const port = readNumber(env, 'PORT', 4400, { min: 1, max: 65_000 }, faults);
  const rate = readNumber(env, 'THROUGHLINE_RATE_PER_MINUTE', 0, { min: 0, max: 100_000_000 }, faults);
  const dataFolder = resolve(env.THROUGHLINE_DATA || '.throughline');
  const settings = readFile(env, faults);
  if (mode === 'twins') return twinsAlone(port, dataFolder, rate, faults);
  const dev = mode === 'start';
  const devFolder = dev ? dataFolder : null;
  const databaseUrl = readDatabaseUrl(env.DATABASE_URL, faults);
  // A key made in one machine's folder would lock every other node out of a database that they share.
  const masterKey = readMasterKey(env.THROUGHLINE_MASTER_KEY, databaseUrl ? null : devFolder, faults);
  const otherMasterKeys = readOtherMasterKeys(env.THROUGHLINE_MASTER_KEYS_OLD, faults);
  const { keys, devKey } = readKeys(env, settings.keys, devFolder, faults);
  const useTwin = dev && settings.platforms === undefined;
  const twin = useTwin ? twinSettings(port + 10, dataFolder, rate) : null;
  const platforms = twin
    ? twinPlatforms(twin.port, { genesysHook: twin.hookSecret, cxoneHook: twin.cxoneHookSecret }, rate)
    : platformsIn(settings, env, rate, faults);
  const alerts = readAlerts(settings.alerts, env, faults);
  const channels = channelsIn(settings, platforms, env, twin && { port, twinPort: twin.port }, faults);
  const chat = chatIn(settings, platforms, env, twin && { port, ...twin.desks }, faults);
  if (!useTwin && settings.platforms === undefined) {
    faults.push(
      'No platform is configured. Set THROUGHLINE_CONFIG to a YAML file with `platforms:` (see docs/configuration.md).',
    );
  }
  const tls = readOwnTls(settings, useTwin, faults);
  if (faults.length > 0) throw new BadConfiguration(faults);
  return Object.freeze({
    mode,
    port,
    host: env.HOST || '127.0.0.1',
    dataFolder,
    databaseUrl,
    masterKey,
    otherMasterKeys,
    keys: twin ? [...keys, { name: 'entry', sha256: sha256(twin.entryKey), scopes: ['claims'] as const }] : keys,
    ...(devKey === undefined ? {} : { devKey }),
    platforms,
    twin,
    rules: settings.queueRules ?? DEFAULT_QUEUE_RULES,
    handoffs: settings.handoffs,
    transfers: settings.transfers,
    alerts,
    channels,
    chat,
    sealEveryMs: settings.seals.everySec * 1_000,
    ...kept(settings.retention),
    behindProxy: settings.http.behindProxy,
    tls,
    readiness: settings.readiness,
    demo: dev && env.THROUGHLINE_DEMO !== 'off' ? { key: env.THROUGHLINE_API_KEY || (devKey ?? '') } : null,
  });
}

function readOwnTls({ http }: Settings, useTwin: boolean, faults: string[]): ServerTls | null {
  if (!http.tls) return null;
  if (useTwin) faults.push('http.tls: the built-in twin calls in the clear. Give `platforms:` of your own as well.');
  return readServerTls(http.tls, 'http.tls', faults);
}

/** Its form only, and never its content in a fault. */
function readDatabaseUrl(text: string | undefined, faults: string[]): string | null {
  if (!text) return null;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    faults.push('DATABASE_URL must be a URL such as postgres://user:password@host:5432/database.');
  }
  return text;
}

/** The twins need neither journal nor keys, so none are made for them. */
function twinsAlone(port: number, dataFolder: string, rate: number, faults: readonly string[]): Config {
  if (faults.length > 0) throw new BadConfiguration(faults);
  return Object.freeze({
    mode: 'twins' as const,
    port,
    host: '127.0.0.1',
    dataFolder,
    databaseUrl: null,
    masterKey: new Uint8Array(),
    otherMasterKeys: [],
    keys: [],
    platforms: new Map(),
    twin: {
      port: port + 10,
      hookSecret: '',
      cxoneHookSecret: '',
      entryKey: '',
      desks: { openMessaging: '', ownChannel: '' },
      ...(rate > 0 && { rateLimitPerMinute: rate }),
    },
    rules: DEFAULT_QUEUE_RULES,
    handoffs: file.parse({}).handoffs,
    transfers: file.parse({}).transfers,
    alerts: null,
    channels: readChannels(file.parse({}), new Map(), {}).channels,
    chat: null,
    sealEveryMs: 0,
    ...kept(file.parse({}).retention),
    behindProxy: false,
    tls: null,
    readiness: file.parse({}).readiness,
    demo: null,
  });
}

/** For our own way to the wire, and clocks that differ. */
const RESERVATION_MARGIN_SEC = 5;
const HOUR_MS = 3_600_000;

function kept({ manifestHours, contextHours, idleHours, overwriteAtVendors, backupDays }: Settings['retention']) {
  return {
    manifestTtlMs: manifestHours * HOUR_MS,
    retention: { contextMs: contextHours * HOUR_MS, idleMs: idleHours * HOUR_MS, overwrite: overwriteAtVendors },
    backupDays,
  };
}

function readFile(env: Environment, faults: string[]): Settings {
  const path = env.THROUGHLINE_CONFIG;
  if (!path) return file.parse({});
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    faults.push(`THROUGHLINE_CONFIG (${path}) cannot be read: ${why}`);
    return { ...file.parse({}), platforms: {} };
  }
  faults.push(...emptyVariables(content, env, []));
  const read = file.safeParse(content);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    faults.push(`${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  }
  // What is said about the rest would only be a consequence of these; the platforms have faults of their own.
  return { ...file.parse({}), platforms: platformsOf(content) };
}

function platformsOf(content: unknown): Readonly<Record<string, unknown>> {
  return file.pick({ platforms: true }).loose().safeParse(content).data?.platforms ?? {};
}

/** Every field that names an environment variable which is empty, also in a part of the file that is wrong otherwise. */
function emptyVariables(node: unknown, env: Environment, path: readonly string[]): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const at = [...path, key];
    if (!NAMES_A_VARIABLE.has(key) || typeof value !== 'string') return emptyVariables(value, env, at);
    return env[value] ? [] : [`${at.join('.')}: the environment variable ${value} is empty.`];
  });
}

function readNumber(
  env: Environment,
  name: string,
  fallback: number,
  { min, max }: { readonly min: number; readonly max: number },
  faults: string[],
): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  faults.push(`${name} must be a whole number from ${min} to ${max}.`);
  return fallback;
}

function readMasterKey(text: string | undefined, devFolder: string | null, faults: string[]): Uint8Array {
  if (!text) {
    if (devFolder) return Buffer.from(devSecret(devFolder, 'master-key'), 'base64');
    faults.push('THROUGHLINE_MASTER_KEY is missing: 32 bytes in base64, for example from `openssl rand -base64 32`.');
    return new Uint8Array(32);
  }
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) faults.push(`THROUGHLINE_MASTER_KEY must be 32 bytes in base64; it decodes to ${key.length}.`);
  return key;
}

function readOtherMasterKeys(text: string | undefined, faults: string[]): readonly Uint8Array[] {
  const given = (text ?? '').split(',').filter((one) => one.trim() !== '');
  const keys = given.map((one) => Buffer.from(one.trim(), 'base64'));
  for (const [index, { length }] of keys.entries()) {
    if (length === 32) continue;
    faults.push(
      `THROUGHLINE_MASTER_KEYS_OLD: key ${index + 1} must be 32 bytes in base64; it decodes to ${length}. Separate keys by commas.`,
    );
  }
  return keys;
}

function readKeys(env: Environment, entries: Settings['keys'], devFolder: string | null, faults: string[]) {
  const keys: ApiKey[] = [];
  for (const { name, sha256: digest, keyEnv, scopes } of entries) {
    keys.push({ name, sha256: digest ?? sha256(env[keyEnv ?? ''] ?? ''), scopes });
  }
  const names = keys.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  for (const name of new Set(twice)) faults.push(`keys: ${name} is given twice.`);

  const admin = env.THROUGHLINE_API_KEY;
  // In development a key is for looking around, and any will do.
  if (admin && !devFolder && admin.length < 16) faults.push('THROUGHLINE_API_KEY must have at least 16 characters.');
  if (admin) return { keys: [...keys, { name: 'admin', sha256: sha256(admin), scopes: ['admin'] as const }] };
  if (!devFolder) {
    if (keys.length === 0)
      faults.push('No API key is accepted. Set THROUGHLINE_API_KEY, or `keys:` in the configuration file.');
    return { keys };
  }
  const devKey = devSecret(devFolder, 'api-key');
  return { keys: [...keys, { name: 'dev', sha256: sha256(devKey), scopes: ['admin'] as const }], devKey };
}

/** Everything under `platforms`, and whether a place that is kept there can outlive what is asked before the call comes. */
function platformsIn(
  { platforms: given, handoffs }: Settings,
  env: Environment,
  rate: number,
  faults: string[],
): ReadonlyMap<string, PlatformEntry> {
  const { platforms, faults: found } = readPlatforms(given ?? {}, env, rate);
  faults.push(...found.map((fault) => (env.THROUGHLINE_CONFIG ? `${env.THROUGHLINE_CONFIG}: ${fault}` : fault)));
  const settles = [...platforms.values()].map((entry) => ('settleMs' in entry ? entry.settleMs : 0));
  const leastSec = handoffs.commandTimeoutSec + Math.max(0, ...settles) / 1_000 + RESERVATION_MARGIN_SEC;
  for (const [name, { transfers }] of platforms) {
    if (!transfers || transfers.reservationSec >= leastSec) continue;
    faults.push(
      `platforms.${name}.transfers.reservationSec must be at least ${leastSec}: the source's call may take that long to be told, and to show.`,
    );
  }
  return platforms;
}

/** Beside the twins, what the file says of deflections goes with the twins' own providers. */
function channelsIn(
  settings: Settings,
  platforms: ReadonlyMap<string, PlatformEntry>,
  env: Environment,
  twins: { readonly port: number; readonly twinPort: number } | null,
  faults: string[],
): ChannelsConfig {
  const given = twins ? twinChannels(settings, twins) : settings;
  const { channels, faults: found } = readChannels(given, platforms, env);
  faults.push(...found.map((fault) => (env.THROUGHLINE_CONFIG ? `${env.THROUGHLINE_CONFIG}: ${fault}` : fault)));
  return channels;
}

/** Beside the twins a front desk answers where the file says nothing of it, and their people's secrets need no variables. */
function chatIn(
  { chat: given }: Settings,
  platforms: ReadonlyMap<string, PlatformEntry>,
  env: Environment,
  beside: ({ readonly port: number } & TwinDeskSecrets) | null,
  faults: string[],
): ChatSettings | null {
  const demo = beside && twinChat(beside.port);
  const section = given ?? demo?.section;
  if (!section) return null;
  const path = (given ? env.THROUGHLINE_CONFIG : demo?.path) ?? '';
  const kinds = new Map([...platforms].map(([name, { kind }]) => [name, kind]));
  const variables = beside ? { ...twinDeskEnv(beside), ...env } : env;
  return readChat(
    section,
    { path, read: (file) => readFileSync(file, 'utf8'), env: variables, platforms: kinds },
    faults,
  );
}

function readAlerts(given: Settings['alerts'], env: Environment, faults: string[]): Config['alerts'] {
  if (!given) return null;
  const secret = given.secret ?? env[given.secretEnv ?? ''] ?? '';
  // An empty variable has been told already.
  if (secret !== '' && hookKey(secret) === undefined) {
    faults.push('alerts.secret must be whsec_ and the base64 of at least 24 random bytes.');
  }
  return { url: given.url, secret, tls: readClientTls(given.tls, 'alerts.tls', faults) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
