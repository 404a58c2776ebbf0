// Owns the configuration that needs none: the twins of this process as its platforms, so that a conversation can go from each to the other.

import type { PlatformEntry } from './config-platforms.ts';
import { readPlatforms } from './config-platforms.ts';
import { ENTRY_NUMBERS as CXONE_NUMBERS, DEMO_ACCESS_KEY, DEMO_CXONE_CLIENT } from './twins/cxone/tenant.ts';
import { DEMO_CLIENT, ENTRY_NUMBERS as GENESYS_NUMBERS } from './twins/genesys/organisation.ts';

/** A queue that both twins have. */
const FALLBACK_QUEUE = 'General_Support';
/** What gets lost is seen soon all the same. */
const POLL_SEC = 5;
/** From the first twin's port to the second's. */
export const SECOND_TWIN = 10;

export type TwinSecrets = { readonly genesysHook: string; readonly cxoneHook: string };

/** `rate` above 0 stands in the place of the vendors' own. */
export function twinPlatforms(
  port: number,
  { genesysHook, cxoneHook }: TwinSecrets,
  rate: number,
): ReadonlyMap<string, PlatformEntry> {
  const [genesys, cxone] = [port, port + SECOND_TWIN].map((one) => `http://127.0.0.1:${one}`);
  const given = {
    genesys_cloud: {
      loginUrl: genesys,
      apiUrl: genesys,
      clientId: DEMO_CLIENT.clientId,
      clientSecret: DEMO_CLIENT.clientSecret,
      hookSecrets: [genesysHook],
      card: { clientId: 'twin-card' },
      transfers: { entryNumbers: GENESYS_NUMBERS, fallbackQueue: FALLBACK_QUEUE },
    },
    nice_cxone: {
      issuerUrl: cxone,
      ...DEMO_ACCESS_KEY,
      ...DEMO_CXONE_CLIENT,
      hookSecrets: [cxoneHook],
      agentSessions: true,
      pollEverySec: POLL_SEC,
      transfers: { entryNumbers: CXONE_NUMBERS, fallbackQueue: FALLBACK_QUEUE },
    },
  };
  const { platforms, faults } = readPlatforms(given, {}, rate);
  if (faults.length > 0) throw new Error(`The twins' own configuration is at fault: ${faults.join(' ')}`);
  return platforms;
}
