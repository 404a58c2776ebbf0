// Owns NICE CXone as the nodes of a world reach it: by its APIs, its scripts' call-outs, and a poll.

import { cxonePlatform } from '../../src/platforms/cxone/cxone-platform.ts';
import { cxoneHookVerifier } from '../../src/platforms/cxone/hook.ts';
import type { LetGoAction } from '../../src/platforms/cxone/voice-departure.ts';
import { DEMO_ACCESS_KEY, DEMO_CXONE_CLIENT } from '../../src/twins/cxone/tenant.ts';
import { CXONE_LIMITS } from './crossing-limits.ts';
import { HOOK_SECRET, type ReadTold } from './hook-line.ts';
import { CXONE, SETTLE_MS } from './limits.ts';
import type { Network } from './network.ts';
import type { Site } from './site.ts';

export type CxoneSiteParts = {
  readonly network: Network;
  readonly rateLimitPerMinute: number;
  readonly letGoBy: LetGoAction;
  readonly pollEveryMs: number;
};

export function cxoneSite({ network, rateLimitPerMinute, letGoBy, pollEveryMs }: CxoneSiteParts): Site {
  return {
    name: CXONE,
    hook: 'cxone',
    verify: cxoneHookVerifier([HOOK_SECRET]),
    network,
    open(reach) {
      const platform = cxonePlatform({
        ...reach,
        ...DEMO_ACCESS_KEY,
        name: CXONE,
        issuerUrl: 'http://cxone.sim',
        login: { kind: 'central', ...DEMO_CXONE_CLIENT },
        apiVersion: 'v30.0',
        rateLimitPerMinute,
        attributeValueBytes: CXONE_LIMITS.attributeValueBytes,
        settleMs: SETTLE_MS,
        letGoBy,
        agentSessions: {},
      });
      return {
        platform,
        read: (payload) => platform.readEvents(payload),
        watch: (onEvents) => void platform.watch(onEvents, pollEveryMs),
      };
    },
  };
}

/** A script's call-out says of itself what it is about. */
export const cxoneTold: ReadTold = (body) => {
  const { contactId = '', event = '', reason } = JSON.parse(body) as Readonly<Record<string, string>>;
  const kind = reason === undefined ? event : `${event}.${reason}`;
  return { conversationId: contactId, kind, hungUp: kind === 'released.customer' };
};
