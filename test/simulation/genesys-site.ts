// Owns Genesys Cloud as the nodes of a world reach it.

import { genesysPlatform } from '../../src/platforms/genesys/genesys-platform.ts';
import { genesysHookVerifier } from '../../src/platforms/genesys/hook.ts';
import { DEMO_CLIENT } from '../../src/twins/genesys/organisation.ts';
import { HOOK_SECRET } from './hook-line.ts';
import { LIMITS, PLATFORM, SETTLE_MS } from './limits.ts';
import type { Network } from './network.ts';
import type { Site } from './site.ts';

export function genesysSite({
  network,
  rateLimitPerMinute,
}: {
  readonly network: Network;
  readonly rateLimitPerMinute: number;
}): Site {
  return {
    name: PLATFORM,
    hook: 'genesys',
    verify: genesysHookVerifier([HOOK_SECRET]),
    network,
    open(reach) {
      const platform = genesysPlatform({
        ...reach,
        name: PLATFORM,
        loginUrl: 'http://login.genesys.sim',
        apiUrl: 'http://api.genesys.sim',
        clientId: DEMO_CLIENT.clientId,
        clientSecret: DEMO_CLIENT.clientSecret,
        rateLimitPerMinute,
        limits: LIMITS,
        settleMs: SETTLE_MS,
      });
      return { platform, read: (payload) => platform.readEvents(payload) };
    },
  };
}
