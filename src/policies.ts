// Owns how handoffs are to be run, as it follows from the configuration and from what the platforms say of themselves now: a gateway says
// only when it is asked what it can. Part of the composition root.

import type { DeskSettings } from './config-chat.ts';
import type { PlatformEntry } from './config-platforms.ts';
import type { PlatformName } from './ids.ts';
import { customFieldLimits } from './platforms/cxone/custom-fields.ts';
import { ROUTING_ATTRIBUTES } from './platforms/genesys/open-messaging.ts';
import type { Platform, PlatformCapabilities } from './platforms/platform.ts';
import { waysOf } from './platforms/transfer-config.ts';
import type { DeskPolicy, EscalationPolicy, TransferPolicy, TransferSite } from './protocols/input.ts';
import type { QueueRules } from './protocols/queue-rules.ts';
import type { ServedTransfers } from './server/parts.ts';

/** A platform as it was configured, and as it says of itself. */
export type ConfiguredPlatform = {
  readonly platform: Pick<Platform, 'limits' | 'capabilities'>;
  readonly entry: PlatformEntry;
};
type Platforms = ReadonlyMap<string, ConfiguredPlatform>;

/** Of the configuration, in seconds. */
export type HandoffSettings = {
  readonly rules: QueueRules;
  readonly handoffs: {
    readonly settleWithinSec: number;
    readonly confirmWithinSec: number;
    readonly flowWithinSec: number;
    readonly commandTimeoutSec: number;
    readonly transferAttempts: number;
  };
  readonly transfers: {
    readonly settleWithinSec: number;
    readonly confirmWithinSec: number;
    readonly consultSec: number;
    readonly holdDurationLimitSec: number;
  };
  /** Of our own conversations: whose people take them. */
  readonly chat?: { readonly desks: readonly DeskSettings[] } | null;
};

export function escalationPolicy(config: HandoffSettings, platforms: Platforms): EscalationPolicy {
  const { settleWithinSec, confirmWithinSec, flowWithinSec, commandTimeoutSec, transferAttempts } = config.handoffs;
  const served = [...platforms].map(([name, { platform, entry }]) => [
    name,
    { limits: platform.limits, settleMs: platform.capabilities.settleMs, ...holdOf(entry) },
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
    ...desksOf(config.chat?.desks ?? [], platforms),
  };
}

function desksOf(desks: readonly DeskSettings[], platforms: Platforms): Pick<EscalationPolicy, 'desk' | 'deskOfQueue'> {
  const rest = desks.find(({ queues }) => queues === undefined);
  const named = desks.flatMap((desk) =>
    (desk.queues ?? []).map((queue) => [queue, deskPolicy(desk, platforms)] as const),
  );
  return {
    ...(rest && { desk: deskPolicy(rest, platforms) }),
    ...(named.length > 0 && { deskOfQueue: Object.fromEntries(named) }),
  };
}

function deskPolicy(desk: DeskSettings, platforms: Platforms): DeskPolicy {
  const platform = desk.platform as PlatformName;
  if (desk.kind === 'own-channel')
    return { platform, deduplicates: false, limits: customFieldLimits(desk.customFields) };
  const limits = platforms.get(platform)?.platform.limits;
  // Queue and its id go along, by which the flow routes.
  const fitting = limits && { ...limits, attributeCount: limits.attributeCount - ROUTING_ATTRIBUTES };
  return { platform, deduplicates: desk.deduplicates, ...(fitting && { limits: fitting }) };
}

function holdOf(entry: PlatformEntry): { readonly agentHold?: { holdMs: number; presence: string } } {
  const presence = presenceOf(entry);
  const holdSec = entry.kind === 'gateway' ? 0 : entry.agentHoldSec;
  return holdSec > 0 && presence !== undefined ? { agentHold: { holdMs: holdSec * 1_000, presence } } : {};
}

function presenceOf(entry: PlatformEntry): string | undefined {
  if (entry.kind === 'gateway') return undefined;
  return entry.kind === 'genesys' ? entry.agentHoldPresenceId : entry.agentHoldState;
}

/** Its policy is read anew for every request. */
export function servedTransfers(config: HandoffSettings, platforms: Platforms): ServedTransfers {
  const allowed = [...platforms].flatMap(([name, { entry }]) =>
    entry.transfers?.types ? [[name, entry.transfers.types] as const] : [],
  );
  return {
    get policy() {
      return transferPolicy(config, platforms);
    },
    holdLimitMs: config.transfers.holdDurationLimitSec * 1_000,
    types: Object.fromEntries(allowed),
  };
}

function transferPolicy(config: HandoffSettings, platforms: Platforms): TransferPolicy {
  const { settleWithinSec, confirmWithinSec, consultSec } = config.transfers;
  const { commandTimeoutSec, flowWithinSec, transferAttempts } = config.handoffs;
  const sites = [...platforms].flatMap(([name, open]) => siteOf(open).map((site) => [name, site] as const));
  return {
    sites: Object.fromEntries(sites),
    settleWithinMs: settleWithinSec * 1_000,
    consultMs: consultSec * 1_000,
    limits: {
      commandTimeoutMs: commandTimeoutSec * 1_000,
      confirmWithinMs: confirmWithinSec * 1_000,
      flowWithinMs: flowWithinSec * 1_000,
      transferAttempts,
    },
  };
}

function siteOf({ platform, entry: { transfers } }: ConfiguredPlatform): readonly TransferSite[] {
  if (!transfers) return [];
  const { entryNumbers, reservationSec, fallbackQueue, placeholder, mapping } = transfers;
  const { limits, capabilities } = platform;
  return [
    {
      limits,
      settleMs: capabilities.settleMs,
      reservation: reservationOf(capabilities.reservation, entryNumbers),
      reservationMs: reservationSec * 1_000,
      entryNumbers,
      ways: waysOf(capabilities.commit, transfers),
      fallbackQueue,
      ...(placeholder && { asksAgents: true }),
      ...(mapping && { mapping }),
    },
  ];
}

/** Without a number to call there is no entry to redeem anything. */
function reservationOf(
  reservation: PlatformCapabilities['reservation'],
  entryNumbers: readonly string[],
): TransferSite['reservation'] {
  if (reservation === 'native') return 'native';
  return reservation === 'entry-script' && entryNumbers.length > 0 ? 'entry-script' : 'none';
}
