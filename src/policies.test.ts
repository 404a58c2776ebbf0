// Tests what follows from the configuration and from what platforms say of themselves: who takes part in transfers, and how.

import { describe, expect, it } from 'vitest';
import { farSide } from '../test/contract/far-side.ts';
import { type PlatformEntry, readPlatforms } from './config-platforms.ts';
import type { PlatformName } from './ids.ts';
import type { PlatformCapabilities } from './platforms/platform.ts';
import { type ConfiguredPlatform, escalationPolicy, type HandoffSettings, servedTransfers } from './policies.ts';
import { DEFAULT_QUEUE_RULES } from './protocols/queue-rules.ts';

const SETTINGS: HandoffSettings = {
  rules: DEFAULT_QUEUE_RULES,
  handoffs: {
    settleWithinSec: 120,
    confirmWithinSec: 30,
    flowWithinSec: 60,
    commandTimeoutSec: 8,
    transferAttempts: 3,
  },
  transfers: { settleWithinSec: 180, confirmWithinSec: 20, consultSec: 90, holdDurationLimitSec: 15 },
};
const SECRET = 'a-secret-that-is-long-enough';
const GENESYS = { region: 'mypurecloud.ie', clientId: 'c', clientSecret: 's', hookSecrets: [SECRET] };
const CXONE = { accessKeyId: 'k', accessKeySecret: 's', clientId: 'c', clientSecret: 's', hookSecrets: [`${SECRET}!`] };
const ENTRY = { fallbackQueue: 'Lobby', entryNumbers: ['+18005550110'] };

function open(
  given: Readonly<Record<string, object>>,
  capabilities: PlatformCapabilities = { reservation: 'entry-script', commit: ['rest', 'flow'], settleMs: 5_000 },
): ReadonlyMap<string, ConfiguredPlatform> {
  const { platforms, faults } = readPlatforms(given, {}, 0);
  expect(faults).toEqual([]);
  const one = (name: string, entry: PlatformEntry): ConfiguredPlatform => ({
    platform: { ...farSide(name as PlatformName), capabilities },
    entry,
  });
  return new Map([...platforms].map(([name, entry]) => [name, one(name, entry)]));
}

describe('transfers', () => {
  it('are for the platforms that say how they take part, as the configuration and the platform say', () => {
    const platforms = open({
      genesys_cloud: { ...GENESYS, transfers: { ...ENTRY, types: ['blind'] } },
      nice_cxone: CXONE,
    });
    const { policy, holdLimitMs, types } = servedTransfers(SETTINGS, platforms);
    expect([holdLimitMs, types]).toEqual([15_000, { genesys_cloud: ['blind'] }]);
    expect(policy).toEqual({
      sites: {
        genesys_cloud: {
          limits: { attributeValueBytes: 256, attributeCount: 50 },
          settleMs: 5_000,
          reservation: 'entry-script',
          reservationMs: 60_000,
          entryNumbers: ['+18005550110'],
          ways: ['rest', 'flow'],
          fallbackQueue: 'Lobby',
        },
      },
      settleWithinMs: 180_000,
      consultMs: 90_000,
      limits: { commandTimeoutMs: 8_000, confirmWithinMs: 20_000, flowWithinMs: 60_000, transferAttempts: 3 },
    });
  });

  it.each([
    ['entry-script', ENTRY.entryNumbers, 'entry-script'],
    ['entry-script', [], 'none'],
    ['native', [], 'native'],
    ['advisory', ENTRY.entryNumbers, 'none'],
    ['none', ENTRY.entryNumbers, 'none'],
  ] as const)(
    'rest on %s with the numbers %j as %s: never on more than there is (H3)',
    (reservation, entryNumbers, rests) => {
      const capabilities = { reservation, commit: ['rest'], settleMs: 0 } as const;
      const platforms = open({ genesys_cloud: { ...GENESYS, transfers: { ...ENTRY, entryNumbers } } }, capabilities);
      expect(Object.values(servedTransfers(SETTINGS, platforms).policy.sites)).toMatchObject([{ reservation: rests }]);
    },
  );

  it('ask agents to keep free where the platform’s point of contact for that is named', () => {
    const given = { nice_cxone: { ...CXONE, transfers: { ...ENTRY, placeholder: { pointOfContact: 'Keep free' } } } };
    expect(Object.values(servedTransfers(SETTINGS, open(given)).policy.sites)).toMatchObject([{ asksAgents: true }]);
    const { faults } = readPlatforms({ genesys_cloud: { ...GENESYS, transfers: given.nice_cxone.transfers } }, {}, 0);
    expect(faults.join()).toContain('transfers.placeholder: genesys has no such thing');
  });

  it('leave by the ways that are configured, in their order, where the platform has them', () => {
    const capabilities = { reservation: 'entry-script', commit: ['signal', 'agent-session'], settleMs: 0 } as const;
    const waysWith = (ways: readonly string[] | undefined) => {
      const given = { nice_cxone: { ...CXONE, transfers: { ...ENTRY, ...(ways && { ways }) } } };
      return Object.values(servedTransfers(SETTINGS, open(given, capabilities)).policy.sites).map((site) => site.ways);
    };
    expect(waysWith(['agent-session', 'signal'])).toEqual([['agent-session', 'signal']]);
    expect(waysWith(['signal'])).toEqual([['signal']]);
    expect(waysWith(undefined)).toEqual([['signal', 'agent-session']]);
  });

  it('follow what a platform says of itself later', () => {
    const capabilities = { reservation: 'none', commit: [], settleMs: 0 } as {
      -readonly [K in keyof PlatformCapabilities]: PlatformCapabilities[K];
    };
    const transfers = servedTransfers(
      SETTINGS,
      open({ genesys_cloud: { ...GENESYS, transfers: ENTRY } }, capabilities),
    );
    expect(Object.values(transfers.policy.sites)).toMatchObject([{ reservation: 'none', ways: [] }]);
    capabilities.reservation = 'native';
    capabilities.commit = ['rest'];
    expect(Object.values(transfers.policy.sites)).toMatchObject([{ reservation: 'native', ways: ['rest'] }]);
  });
});

describe('escalations', () => {
  it('of our own conversations go to the configured people, who are relied on to drop duplicates only where they said so', () => {
    const desksWith = (chat: HandoffSettings['chat']) => {
      const platforms = open({ genesys_cloud: GENESYS });
      const { desk, deskOfQueue } = escalationPolicy({ ...SETTINGS, ...(chat !== undefined && { chat }) }, platforms);
      return { desk, deskOfQueue };
    };
    const signed = {
      kind: 'open-messaging',
      platform: 'genesys_cloud',
      integrationId: 'i',
      secrets: [SECRET],
      fileOrigins: [],
    } as const;
    // The queue's name and id go along.
    const genesys = {
      platform: 'genesys_cloud',
      deduplicates: true,
      limits: { attributeValueBytes: 256, attributeCount: 48 },
    };
    expect(desksWith({ desks: [{ ...signed, deduplicates: true }] })).toEqual({ desk: genesys });
    const own = {
      kind: 'own-channel',
      platform: 'nice_cxone',
      channelId: 'c',
      clientId: 'b',
      clientSecret: SECRET,
      customFields: ['Topic'],
      fileOrigins: [],
    } as const;
    const cxone = {
      platform: 'nice_cxone',
      deduplicates: false,
      limits: {
        attributeValueBytes: 1_024,
        attributeCount: 50,
        names: [
          'handoff_manifest',
          'handoff_manifest_ref',
          'handoff_context_ref',
          'agent_briefing',
          'recommended_queue',
          'agentContextSummary',
          'interactionId',
          'Topic',
        ],
      },
    };
    expect(desksWith({ desks: [own] })).toEqual({ desk: cxone });
    const both = [
      { ...signed, deduplicates: true },
      { ...own, queues: ['A_Digital', 'B_Digital'] },
    ];
    expect(desksWith({ desks: both })).toEqual({ desk: genesys, deskOfQueue: { A_Digital: cxone, B_Digital: cxone } });
    for (const none of [undefined, null, { desks: [] }]) expect(desksWith(none)).toEqual({});
  });

  it('hold agents where a platform is configured to, in its own words', () => {
    const presence = '6a3af858-942f-489d-9700-5f9bcdcdae9b';
    const { platforms, settleWithinMs, limits } = escalationPolicy(
      SETTINGS,
      open({
        genesys_cloud: { ...GENESYS, agentHoldSec: 3, agentHoldPresenceId: presence },
        nice_cxone: { ...CXONE, agentHoldSec: 2, agentHoldState: 'Unavailable:103' },
        quiet: { ...GENESYS, kind: 'genesys', hookSecrets: [`${SECRET}?`] },
      }),
    );
    expect(Object.values(platforms).map(({ agentHold }) => agentHold)).toEqual([
      { holdMs: 3_000, presence },
      { holdMs: 2_000, presence: 'Unavailable:103' },
      undefined,
    ]);
    expect([settleWithinMs, limits.flowWithinMs]).toEqual([120_000, 60_000]);
  });
});
