// Owns how the house of a proof of escalations is furnished: one platform, and times that keep a run short.

import { COMMAND_TIMEOUT_SEC, type HouseOptions, MARGIN_MS } from './proof-house.ts';

/** Events may come late while the machine is busy: a transfer does not count as not made any earlier. */
const PATIENCE_SEC = 6;

/** `settleMs`: from a transfer's acceptance to its effect at the twin. */
export function escalationHouse(ratePerMinute: number, settleMs: number): HouseOptions {
  return {
    ratePerMinute,
    configuration: ({ genesys, secrets }) => ({
      platforms: {
        genesys_cloud: {
          kind: 'genesys',
          loginUrl: genesys,
          apiUrl: genesys,
          clientId: 'twin-client',
          clientSecret: 'twin-secret',
          hookSecrets: [secrets.genesysHook],
          settleMs: settleMs + MARGIN_MS,
        },
      },
      handoffs: {
        commandTimeoutSec: COMMAND_TIMEOUT_SEC,
        confirmWithinSec: Math.ceil(settleMs / 1_000) + PATIENCE_SEC,
      },
    }),
    settings: ({ service, secrets }) => ({
      genesys: {
        settleMs,
        hook: { url: `${service}/hooks/genesys`, headers: { 'x-throughline-secret': secrets.genesysHook } },
      },
    }),
  };
}
