// Tests one Genesys entry of the configuration.

import { describe, expect, it } from 'vitest';
import { genesysConfig } from './genesys-config.ts';

const entry = { kind: 'genesys', region: 'mypurecloud.ie', clientId: 'id', clientSecret: 'hush-hush' };
const complaints = (value: unknown) => {
  const read = genesysConfig.safeParse(value);
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('genesysConfig', () => {
  it('resolves a region and fills in the defaults', () => {
    expect(genesysConfig.parse(entry)).toEqual({
      agentHoldSec: 0,
      kind: 'genesys',
      loginUrl: 'https://login.mypurecloud.ie',
      apiUrl: 'https://api.mypurecloud.ie',
      clientId: 'id',
      clientSecret: 'hush-hush',
      rateLimitPerMinute: 300,
      settleMs: 5_000,
      hookSecrets: [],
      attributeValueBytes: 256,
      attributeCount: 50,
      notifications: false,
      userToUser: false,
      tls: { minVersion: '1.3' },
    });
  });

  it('takes both URLs instead of a region, without a slash at their end', () => {
    const urls = { loginUrl: 'http://127.0.0.1:4410/', apiUrl: 'http://127.0.0.1:4410' };
    const { region: _, ...rest } = entry;
    expect(genesysConfig.parse({ ...rest, ...urls })).toMatchObject({
      loginUrl: 'http://127.0.0.1:4410',
      apiUrl: 'http://127.0.0.1:4410',
    });
  });

  it('takes the name of the environment variable instead of the secret', () => {
    const { clientSecret: _, ...rest } = entry;
    expect(genesysConfig.parse({ ...rest, clientSecretEnv: 'GENESYS_SECRET' })).toMatchObject({
      clientSecretEnv: 'GENESYS_SECRET',
    });
  });

  it('names every fault together', () => {
    const { region: _, clientSecret: __, ...rest } = entry;
    expect(complaints(rest)).toEqual([
      'loginUrl: give a region, or loginUrl and apiUrl',
      'apiUrl: give a region, or loginUrl and apiUrl',
      'clientSecret: give exactly one of clientSecret and clientSecretEnv',
    ]);
  });

  it('refuses a region beside URLs, an unknown region and two secrets', () => {
    expect(complaints({ ...entry, apiUrl: 'https://x.example' })).toEqual(['region: give a region or URLs, not both']);
    expect(complaints({ ...entry, region: 'atlantis' })).toEqual(['region: Genesys has no such region']);
    expect(complaints({ ...entry, clientSecretEnv: 'X' })).toHaveLength(1);
  });

  it('leaves room for a reference in one attribute (H4)', () => {
    const complaint = complaints({ ...entry, attributeValueBytes: 63 });
    expect(complaint).toEqual([expect.stringMatching(/^attributeValueBytes: /)]);
    expect(complaints({ ...entry, attributeValueBytes: 64 })).toEqual([]);
  });

  it('holds nobody without the presence that holds', () => {
    expect(complaints({ ...entry, agentHoldSec: 3 })).toEqual([
      'agentHoldPresenceId: is missing: agentHoldSec needs the presence to set',
    ]);
    const agentHoldPresenceId = '9a3e5c10-0003-4a00-8a00-000000000003';
    expect(complaints({ ...entry, agentHoldSec: 3, agentHoldPresenceId })).toEqual([]);
  });

  it('refuses weak hook secrets and unknown fields without echoing a secret', () => {
    const said = complaints({ ...entry, hookSecrets: ['short'], surprise: 1 }).join('\n');
    expect(said).toContain('hookSecrets.0');
    expect(said).toContain('surprise');
    expect(said).not.toContain('short"');
    expect(said).not.toContain('hush-hush');
  });

  it('lets the region’s desktop frame the card, and whom else it is told instead', () => {
    const framing = (card: object, more: object = {}) =>
      genesysConfig.parse({ ...entry, ...more, card: { clientId: 'card', ...card } }).card;
    expect(framing({})).toEqual({ clientId: 'card', scope: '', frameAncestors: ['https://apps.mypurecloud.ie'] });
    const frameAncestors = ['https://*.lightning.force.com'];
    expect(framing({ frameAncestors })?.frameAncestors).toEqual(frameAncestors);
    const urls = { region: undefined, loginUrl: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' };
    expect(framing({}, urls)?.frameAncestors).toEqual([]);
  });

  it.each(['apps.mypurecloud.ie', 'https://a.example; script-src *', 'https://a.example/path', '*'])(
    'takes no "%s" for an origin',
    (origin) => {
      const card = { clientId: 'card', frameAncestors: [origin] };
      expect(complaints({ ...entry, card })).toEqual([expect.stringMatching(/^card\.frameAncestors/)]);
    },
  );
});
