// Owns the opening of the configured platforms, each by its vendor's adapter, and what the rest of the service needs to know of one without
// knowing its vendor. Part of the composition root: only the service imports it.

import type { Logger } from 'pino';
import type { SendGenesys } from './channels/sms/genesys-agentless.ts';
import type { DeskSettings } from './config-chat.ts';
import type { CxoneEntry, GatewayEntry, GenesysEntry, PlatformEntry } from './config-platforms.ts';
import type { ConversationEvent } from './context/conversation.ts';
import type { PlatformName } from './ids.ts';
import { machineClock as clock } from './machine-clock.ts';
import type { ReferenceCardConfig } from './platforms/card-config.ts';
import { cxonePlatform } from './platforms/cxone/cxone-platform.ts';
import { cxoneHookVerifier } from './platforms/cxone/hook.ts';
import { ownChannelDesk } from './platforms/cxone/own-channel.ts';
import type { Polling } from './platforms/cxone/polling.ts';
import type { Desk, DeskFile } from './platforms/desk.ts';
import { gatewayPlatform } from './platforms/gateway/gateway-platform.ts';
import { gatewayHookVerifier } from './platforms/gateway/hook.ts';
import { type GenesysPlatform, genesysPlatform } from './platforms/genesys/genesys-platform.ts';
import { genesysHookVerifier } from './platforms/genesys/hook.ts';
import type { Notifications } from './platforms/genesys/notifications.ts';
import { openMessagingDesk } from './platforms/genesys/open-messaging.ts';
import { refusalInWords } from './platforms/not-secured.ts';
import type { Platform } from './platforms/platform.ts';
import type { PlatformLog } from './platforms/platform-log.ts';
import type { ClientTls } from './platforms/tls-config.ts';
import { type TlsWay, tlsWay } from './platforms/tls-fetch.ts';
import type { Watchable } from './platforms/watchable.ts';
import { type Refused, refusals } from './refusals.ts';
import type { VendorHook } from './server/parts.ts';
import type { CredentialId, Shared } from './sharing.ts';

/** How the second road is: a socket says how long it has been away, a poll since when it has failed. */
export type Road = Pick<Notifications, 'awayMs'> | Pick<Polling, 'failing'>;

export type OpenPlatform = {
  readonly platform: Platform & Watchable;
  readonly entry: PlatformEntry;
  /** Where its vendor's events come in, below `/hooks/`, and who says them. */
  readonly hook: VendorHook & { readonly path: string };
  /** The second road of its events, where it has one: what it tells by itself. It closes with the platform. */
  readonly watch?: (onEvents: (events: readonly ConversationEvent[]) => void) => Road;
  /** Its way of sending text messages, under the same credential and quota. */
  readonly texts?: SendGenesys;
  /** Its people as they take our own conversations; null where not in this way. */
  readonly desk?: (settings: DeskSettings, linkTo: (file: DeskFile) => string) => Desk | null;
  /** Where its agents may read briefings. */
  readonly card?: OpenCard;
};

export type OpenCard =
  | {
      readonly kind: 'sign-in';
      readonly genesys: GenesysPlatform;
      readonly entry: GenesysEntry & Required<Pick<GenesysEntry, 'card'>>;
    }
  | ({ readonly kind: 'reference' } & ReferenceCardConfig);

type Share = (credential: CredentialId) => Shared;

export function openPlatform(name: string, entry: PlatformEntry, log: Logger, share: Share): OpenPlatform {
  switch (entry.kind) {
    case 'genesys':
      return openGenesys(name as PlatformName, entry, log, share);
    case 'cxone':
      return openCxone(name as PlatformName, entry, log, share);
    case 'gateway':
      return openGateway(name as PlatformName, entry, log, share);
  }
}

function logOf(name: PlatformName, log: Logger): PlatformLog {
  return ({ level, code, detail }) => log[level]({ platform: name, code }, detail);
}

/** A certificate that is refused is told, once a minute at most, and without an address. */
function wayOf(tls: ClientTls, logged: PlatformLog): TlsWay {
  const tell = ({ code }: Refused) => logged({ level: 'warn', code: 'tls-refused', detail: refusalInWords(code) });
  return tlsWay(tls, refusals(clock, tell));
}

function openGenesys(name: PlatformName, entry: GenesysEntry, log: Logger, share: Share): OpenPlatform {
  const { loginUrl, apiUrl, clientId, clientSecret, rateLimitPerMinute, settleMs, userToUser } = entry;
  const { attributeValueBytes, attributeCount, card } = entry;
  const logged = logOf(name, log);
  const genesys = genesysPlatform({
    name,
    loginUrl,
    apiUrl,
    clientId,
    clientSecret,
    rateLimitPerMinute,
    limits: { attributeValueBytes, attributeCount },
    settleMs,
    userToUser,
    clock,
    log: logged,
    way: wayOf(entry.tls, logged),
    ...share(entry),
  });
  return {
    platform: genesys,
    entry,
    hook: {
      path: 'genesys',
      verify: genesysHookVerifier(entry.hookSecrets),
      read: (payload) => genesys.readEvents(payload),
    },
    texts: (request, call) => genesys.line.send(request, { ...call, priority: 'live' }),
    desk(settings, linkTo) {
      if (settings.kind !== 'open-messaging') return null;
      const { integrationId, deduplicates } = settings;
      const { line, resolveQueue } = genesys;
      const fileOrigins = [new URL(apiUrl).origin, ...settings.fileOrigins];
      return openMessagingDesk({ line, resolveQueue, integrationId, deduplicates, linkTo, fileOrigins });
    },
    ...(entry.notifications && { watch: (onEvents) => genesys.watch(onEvents) }),
    ...(card && { card: { kind: 'sign-in', genesys, entry: { ...entry, card } } }),
  };
}

function openCxone(name: PlatformName, entry: CxoneEntry, log: Logger, share: Share): OpenPlatform {
  const { issuerUrl, accessKeyId, tenantId, apiUrl, digitalUrl, agentSessions, dialSkillId, tagField, pollEverySec } =
    entry;
  const logged = logOf(name, log);
  const cxone = cxonePlatform({
    name,
    issuerUrl,
    login: entry.login,
    accessKeyId,
    accessKeySecret: entry.accessKeySecret,
    apiVersion: entry.apiVersion,
    rateLimitPerMinute: entry.rateLimitPerMinute,
    attributeValueBytes: entry.attributeValueBytes,
    settleMs: entry.settleMs,
    customFields: entry.customFields,
    letGoBy: entry.transferAction,
    ...(tenantId !== undefined && { tenantId }),
    ...(apiUrl !== undefined && { apiUrl }),
    ...(digitalUrl !== undefined && { digitalUrl }),
    ...(agentSessions && { agentSessions: dialSkillId === undefined ? {} : { dialSkillId } }),
    ...(tagField !== undefined && { tagField }),
    ...(entry.callbackScreenPopUrl !== undefined && { callbackScreenPopUrl: entry.callbackScreenPopUrl }),
    ...(entry.callbackScript && { callbackScript: entry.callbackScript }),
    ...(entry.transfers?.placeholder && { placeholderPoint: entry.transfers.placeholder.pointOfContact }),
    clock,
    log: logged,
    way: wayOf(entry.tls, logged),
    ...share({ loginUrl: issuerUrl, clientId: accessKeyId }),
  });
  return {
    platform: cxone,
    entry,
    hook: { path: 'cxone', verify: cxoneHookVerifier(entry.hookSecrets), read: (payload) => cxone.readEvents(payload) },
    desk(settings, linkTo) {
      if (settings.kind !== 'own-channel') return null;
      const { line, resolveQueue } = cxone;
      const own = [digitalUrl, apiUrl].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
      const fileOrigins = [...own, ...settings.fileOrigins];
      return ownChannelDesk({ line, resolveQueue, channelId: settings.channelId, linkTo, fileOrigins });
    },
    ...(entry.card && { card: { kind: 'reference', ...entry.card } }),
    ...(pollEverySec > 0 && {
      watch: (onEvents) => cxone.watch(onEvents, pollEverySec * 1_000),
    }),
  };
}

function openGateway(name: PlatformName, entry: GatewayEntry, log: Logger, share: Share): OpenPlatform {
  const { baseUrl, auth, rateLimitPerMinute, hookSecrets } = entry;
  const way = wayOf(entry.tls, logOf(name, log));
  const shared = auth.kind === 'token' ? {} : share({ loginUrl: auth.tokenUrl, clientId: auth.clientId });
  const named = entry.transfers?.mapping ? { mapping: entry.transfers.mapping } : {};
  const gateway = gatewayPlatform({ name, baseUrl, auth, clock, rateLimitPerMinute, way, ...named, ...shared });
  return {
    platform: gateway,
    entry,
    ...(entry.card && { card: { kind: 'reference', ...entry.card } }),
    hook: {
      path: `gateway/${name}`,
      verify: gatewayHookVerifier(hookSecrets, clock),
      read(payload) {
        const { news, problems } = gateway.readEvents(payload);
        return {
          events: news.flatMap((one) => (one.kind === 'event' ? [one.event] : [])),
          arrivals: news.flatMap((one) => (one.kind === 'redemption' ? [one.redemption] : [])),
          problems,
        };
      },
    },
  };
}
