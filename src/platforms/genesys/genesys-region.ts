// Owns the table of Genesys Cloud regions (the official SDK's `PureCloudRegionHosts`) and the hosts that follow from one.

const ENVIRONMENTS: ReadonlyMap<string, string> = new Map([
  ['us_east_1', 'mypurecloud.com'],
  ['us_east_2', 'use2.us-gov-pure.cloud'],
  ['us_west_2', 'usw2.pure.cloud'],
  ['ca_central_1', 'cac1.pure.cloud'],
  ['sa_east_1', 'sae1.pure.cloud'],
  ['mx_central_1', 'mxc1.pure.cloud'],
  ['eu_west_1', 'mypurecloud.ie'],
  ['eu_west_2', 'euw2.pure.cloud'],
  ['eu_central_1', 'mypurecloud.de'],
  ['eu_central_2', 'euc2.pure.cloud'],
  ['eusc_de_east_1', 'edee1.eusc-pure.cloud'],
  ['me_central_1', 'mec1.pure.cloud'],
  ['ap_south_1', 'aps1.pure.cloud'],
  ['ap_southeast_1', 'apse1.pure.cloud'],
  ['ap_southeast_2', 'mypurecloud.com.au'],
  ['ap_northeast_1', 'mypurecloud.jp'],
  ['ap_northeast_2', 'apne2.pure.cloud'],
  ['ap_northeast_3', 'apne3.pure.cloud'],
]);

/** `appsUrl` is the agents' desktop; only a region tells it. */
type GenesysHosts = { readonly loginUrl: string; readonly apiUrl: string; readonly appsUrl?: string };

const DOMAINS: ReadonlySet<string> = new Set(ENVIRONMENTS.values());

/**
 * The hosts of a region, named by its key (`eu_west_1`, `eu-west-1`) or its domain (`mypurecloud.ie`); undefined when Genesys
 * has no such region.
 */
export function genesysRegion(region: string): GenesysHosts | undefined {
  const domain = DOMAINS.has(region) ? region : ENVIRONMENTS.get(region.replaceAll('-', '_'));
  if (domain === undefined) return undefined;
  return { loginUrl: `https://login.${domain}`, apiUrl: `https://api.${domain}`, appsUrl: `https://apps.${domain}` };
}
