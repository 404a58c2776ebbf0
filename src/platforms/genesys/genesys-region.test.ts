// Tests that our table of regions is the official SDK's.

import sdk from 'purecloud-platform-client-v2';
import { describe, expect, it } from 'vitest';
import { genesysRegion } from './genesys-region.ts';

describe('genesysRegion', () => {
  it('knows every region of the official SDK, by key and by domain', () => {
    const regions = Object.entries(sdk.PureCloudRegionHosts);
    expect(regions.length).toBeGreaterThan(10);
    for (const [key, domain] of regions) {
      const [loginUrl, apiUrl, appsUrl] = ['login', 'api', 'apps'].map((host) => `https://${host}.${domain}`);
      const hosts = { loginUrl, apiUrl, appsUrl };
      expect(genesysRegion(key), key).toEqual(hosts);
      expect(genesysRegion(domain), domain).toEqual(hosts);
    }
  });

  it('takes a key written with hyphens', () => {
    expect(genesysRegion('eu-west-1')).toEqual(genesysRegion('eu_west_1'));
  });

  it.each(['', 'mars_north_1', 'https://api.mypurecloud.ie', 'constructor', '__proto__'])(
    'knows no region %j',
    (region) => {
      expect(genesysRegion(region)).toBeUndefined();
    },
  );
});
