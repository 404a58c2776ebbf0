// Owns the platforms of the configuration: entries of every vendor, each with its own schema, and what must be true of them together. A
// platform's kind need not be said where its name says it. No secret is ever echoed in a fault.

import type { z } from 'zod';
import type { AccessKeyLogin } from './platforms/cxone/access-key-login.ts';
import { type CxoneConfig, cxoneConfig } from './platforms/cxone/cxone-config.ts';
import { type GatewayConfig, gatewayConfig } from './platforms/gateway/gateway-config.ts';
import type { GatewayAuth } from './platforms/gateway/gateway-login.ts';
import { type GenesysConfig, genesysConfig } from './platforms/genesys/genesys-config.ts';
import type { CommitWay } from './platforms/platform.ts';
import type { ClientTls, ClientTlsConfig } from './platforms/tls-config.ts';
import { type TransferConfig, transferConfig } from './platforms/transfer-config.ts';
import { readClientTls } from './tls-files.ts';

type Common = { readonly transfers?: TransferConfig; readonly tls: ClientTls };
type Read<Entry> = Omit<Entry, 'tls'> & Common;
export type GenesysEntry = Read<GenesysConfig> & { readonly clientSecret: string };
export type CxoneEntry = Read<CxoneConfig> & { readonly accessKeySecret: string; readonly login: AccessKeyLogin };
export type GatewayEntry = Read<GatewayConfig> & { readonly auth: GatewayAuth };
export type PlatformEntry = GenesysEntry | CxoneEntry | GatewayEntry;

type Environment = Readonly<Record<string, string | undefined>>;

/** Kinds as they may be written; a name of the same word says it, too. */
const KINDS: Readonly<Record<string, PlatformEntry['kind']>> = {
  genesys: 'genesys',
  genesys_cloud: 'genesys',
  cxone: 'cxone',
  nice_cxone: 'cxone',
  gateway: 'gateway',
};

/** Every way that a kind can ever have. */
const WAYS: Readonly<Record<PlatformEntry['kind'], readonly CommitWay[]>> = {
  genesys: ['rest', 'flow'],
  cxone: ['signal', 'flow', 'agent-session'],
  gateway: ['rest', 'flow'],
};

export type ReadPlatforms = {
  readonly platforms: ReadonlyMap<string, PlatformEntry>;
  /** Each with the path of the field that it is about. */
  readonly faults: readonly string[];
};

/** Reads what the file says under `platforms`. `rate` above 0 stands in the place of every platform's own. */
export function readPlatforms(given: Readonly<Record<string, unknown>>, env: Environment, rate: number): ReadPlatforms {
  const platforms = new Map<string, PlatformEntry>();
  const faults: string[] = [];
  for (const [name, entry] of Object.entries(given)) {
    const complain = (path: string, message: string) =>
      faults.push(`${['platforms', name, path].filter((part) => part !== '').join('.')}: ${message}`);
    const read = readEntry(name, entry, env, complain);
    if (read) platforms.set(name, rate > 0 ? { ...read, rateLimitPerMinute: rate } : read);
  }
  return { platforms, faults: [...faults, ...together(platforms)] };
}

type Complain = (path: string, message: string) => void;

function readEntry(name: string, entry: unknown, env: Environment, complain: Complain): PlatformEntry | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    complain('', 'must be an object');
    return undefined;
  }
  const { transfers: asked, kind: said, ...rest } = entry as Readonly<Record<string, unknown>>;
  const kind = KINDS[String(said ?? name)];
  const transfers = asked === undefined ? undefined : parsed(transferConfig, asked, 'transfers', complain);
  if (kind === undefined) {
    const what = said === undefined ? 'is missing, and the name does not say it' : 'is none that there is';
    complain('kind', `${what}: genesys_cloud, nice_cxone or gateway`);
    return undefined;
  }
  const read = ofKind(kind, { ...rest, kind }, env, complain);
  if (!read || (asked !== undefined && !transfers)) return undefined;
  for (const way of transfers?.ways ?? []) {
    if (!WAYS[kind].includes(way)) complain('transfers.ways', `${way} is no way of ${kind}`);
  }
  if (transfers?.placeholder && kind !== 'cxone') complain('transfers.placeholder', `${kind} has no such thing`);
  return transfers ? { ...read, transfers } : read;
}

function ofKind(
  kind: PlatformEntry['kind'],
  given: unknown,
  env: Environment,
  complain: Complain,
): PlatformEntry | undefined {
  switch (kind) {
    case 'genesys': {
      const read = parsed(genesysConfig, given, '', complain);
      const clientSecret = read && secretOf(read.clientSecret, read.clientSecretEnv, env);
      return (
        read && {
          ...read,
          clientSecret: clientSecret ?? '',
          tls: tlsOf(read.tls, [read.loginUrl, read.apiUrl], complain),
        }
      );
    }
    case 'cxone': {
      const read = parsed(cxoneConfig, given, '', complain);
      return read && cxoneEntry(read, env, complain);
    }
    case 'gateway': {
      const read = parsed(gatewayConfig, given, '', complain);
      if (!read) return undefined;
      const urls = [read.baseUrl, ...(read.tokenUrl === undefined ? [] : [read.tokenUrl])];
      return { ...read, auth: gatewayAuth(read, env), tls: tlsOf(read.tls, urls, complain) };
    }
  }
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  at: string,
  complain: Complain,
): z.output<Schema> | undefined {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) {
    complain([at, ...path].filter((part) => part !== '').join('.'), message);
  }
  return undefined;
}

/** A variable that is empty is a fault of its own, told by whoever reads the file. */
function secretOf(secret: string | undefined, variable: string | undefined, env: Environment): string {
  return secret ?? env[variable ?? ''] ?? '';
}

/** The files are read here; certificates for a URL without TLS would have no use. */
function tlsOf(config: ClientTlsConfig, urls: readonly string[], complain: Complain): ClientTls {
  const faults: string[] = [];
  const tls = readClientTls(config, 'tls', faults);
  for (const fault of faults) {
    const [path = 'tls', ...message] = fault.split(': ');
    complain(path, message.join(': '));
  }
  if (Object.keys(tls).length > 1 && urls.some((url) => !url.startsWith('https:'))) {
    complain('tls', 'its URLs must begin with https:, or certificates have no use.');
  }
  const plain = config.allowPlainHttp ? undefined : urls.find((url) => url.startsWith('http:') && !isLoopback(url));
  if (plain !== undefined) {
    const { origin } = new URL(plain);
    complain(
      '',
      `${origin} is spoken to without TLS, and is not this machine. Give its https: address; or, only where something in between sees to TLS (a mesh), set tls.allowPlainHttp: true.`,
    );
  }
  return tls;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether what is said there stays on this machine. */
export function isLoopback(url: string): boolean {
  return LOOPBACK.has(new URL(url).hostname);
}

function cxoneEntry(read: CxoneConfig, env: Environment, complain: Complain): CxoneEntry {
  const { clientId, clientSecret, clientSecretEnv, userHubUrl } = read;
  const login: AccessKeyLogin =
    clientId === undefined
      ? { kind: 'userhub', url: userHubUrl ?? '' }
      : { kind: 'central', clientId, clientSecret: secretOf(clientSecret, clientSecretEnv, env) };
  const urls = [read.issuerUrl, read.apiUrl, read.digitalUrl, userHubUrl].filter((url) => url !== undefined);
  const tls = tlsOf(read.tls, urls, complain);
  return { ...read, login, tls, accessKeySecret: secretOf(read.accessKeySecret, read.accessKeySecretEnv, env) };
}

function gatewayAuth(read: GatewayConfig, env: Environment): GatewayAuth {
  const { tokenUrl, clientId, scope } = read;
  if (tokenUrl === undefined || clientId === undefined) {
    return { kind: 'token', token: secretOf(read.token, read.tokenEnv, env) };
  }
  const clientSecret = secretOf(read.clientSecret, read.clientSecretEnv, env);
  return { kind: 'client-credentials', tokenUrl, clientId, clientSecret, ...(scope !== undefined && { scope }) };
}

/** What no entry can see of itself. */
function together(platforms: ReadonlyMap<string, PlatformEntry>): readonly string[] {
  const entries = [...platforms];
  const silent = entries.filter(([, entry]) => !isHeard(entry));
  return [
    ...silent.map(
      ([name, { kind }]) => `platforms.${name}: give ${HEARD_BY[kind]}; without events every handoff waits for looks.`,
    ),
    ...(sharesOne(entries.map(([, { hookSecrets }]) => hookSecrets))
      ? ['platforms: two of them share a hook secret, which tells them apart. Give each its own.']
      : []),
    ...(sharesOne(entries.map(([, { transfers }]) => transfers?.entryNumbers ?? []))
      ? ['platforms: an entry number is given to two of them. A number leads to one platform.']
      : []),
  ];
}

const HEARD_BY: Readonly<Record<PlatformEntry['kind'], string>> = {
  genesys: 'hookSecrets or set notifications: true',
  cxone: 'hookSecrets or pollEverySec',
  gateway: 'hookSecrets',
};

function isHeard(entry: PlatformEntry): boolean {
  if (entry.hookSecrets.length > 0) return true;
  return entry.kind === 'genesys' ? entry.notifications : entry.kind === 'cxone' && entry.pollEverySec > 0;
}

/** Whether two of the lists have something in common. */
function sharesOne(lists: readonly (readonly string[])[]): boolean {
  const all = lists.flatMap((list) => [...new Set(list)]);
  return new Set(all).size < all.length;
}
