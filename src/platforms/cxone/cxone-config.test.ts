// Tests one CXone entry of the configuration.

import { describe, expect, it } from 'vitest';
import { cxoneConfig } from './cxone-config.ts';

const key = { kind: 'cxone', accessKeyId: 'KEY', accessKeySecret: 'hush-hush' };
const entry = { ...key, clientId: 'app', clientSecret: 'hush' };
const complaints = (value: unknown) => {
  const read = cxoneConfig.safeParse(value);
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('cxoneConfig', () => {
  it('fills in the defaults', () => {
    expect(cxoneConfig.parse(entry)).toEqual({
      ...entry,
      issuerUrl: 'https://cxone.niceincontact.com',
      apiVersion: 'v30.0',
      rateLimitPerMinute: 600,
      settleMs: 5_000,
      hookSecrets: [],
      attributeValueBytes: 256,
      tls: { minVersion: '1.3' },
      pollEverySec: 0,
      transferAction: 'TRANSFER',
      agentSessions: false,
      customFields: [],
      agentHoldSec: 0,
    });
  });

  it('takes a script that calls by its path or its number, with an outbound skill', () => {
    const scriptOf = (callbackScript: object) => cxoneConfig.parse({ ...entry, callbackScript }).callbackScript;
    expect(scriptOf({ path: 'Prod\\Throughline_Outbound', skillId: '4001' })).toEqual({
      script: { path: 'Prod\\Throughline_Outbound' },
      skillId: '4001',
    });
    expect(scriptOf({ id: '9006', skillId: '4001' })).toEqual({ script: { id: '9006' }, skillId: '4001' });
    for (const given of [{ skillId: '4001' }, { id: '1', path: 'x', skillId: '4001' }]) {
      expect(complaints({ ...entry, callbackScript: given })).toEqual([
        'callbackScript: give exactly one of path and id',
      ]);
    }
    expect(complaints({ ...entry, callbackScript: { id: '9006' } })).toHaveLength(1);
  });

  it('takes an area of UserHub instead of an application, and URLs without a slash at their end', () => {
    const userHubUrl = 'https://eu1.nice-incontact.com/';
    expect(cxoneConfig.parse({ ...key, userHubUrl, digitalUrl: 'http://127.0.0.1:4420/' })).toMatchObject({
      userHubUrl: 'https://eu1.nice-incontact.com',
      digitalUrl: 'http://127.0.0.1:4420',
    });
  });

  it('takes names of environment variables instead of secrets', () => {
    const { accessKeySecret: _, clientSecret: __, ...rest } = entry;
    const named = { accessKeySecretEnv: 'CXONE_KEY', clientSecretEnv: 'CXONE_CLIENT' };
    expect(cxoneConfig.parse({ ...rest, ...named })).toMatchObject(named);
  });

  it('names every fault together', () => {
    const { accessKeySecret: _, ...rest } = key;
    expect(complaints({ ...rest, clientSecret: 'x', dialSkillId: '4001', agentHoldSec: 3 })).toEqual([
      'accessKeySecret: give exactly one of accessKeySecret and accessKeySecretEnv',
      'clientId: give exactly one of clientId (central login) and userHubUrl',
      'clientSecret: give exactly one of clientSecret and clientSecretEnv with clientId, and none without',
      'dialSkillId: is for agentSessions, which are off',
      'agentHoldState: is missing: agentHoldSec needs the state to set',
    ]);
  });

  it('refuses both logins, a secret too many, a version it cannot be, short hook secrets and misspelt names', () => {
    expect(complaints({ ...entry, userHubUrl: 'https://na1.nice-incontact.com' })).toHaveLength(1);
    expect(complaints({ ...entry, clientSecretEnv: 'X' })).toHaveLength(1);
    expect(complaints({ ...entry, apiVersion: '30' })).toHaveLength(1);
    expect(complaints({ ...entry, hookSecrets: ['short'] })).toHaveLength(1);
    expect(complaints({ ...entry, agentHoldSec: 3, agentHoldState: 'Lunch' })).toHaveLength(1);
    expect(complaints({ ...entry, acessKeyId: 'typo' })).toHaveLength(1);
  });

  it('echoes no secret in its complaints', () => {
    const said = complaints({ ...entry, userHubUrl: 'no url', rateLimitPerMinute: 0 }).join();
    expect(said).not.toMatch(/hush/);
  });
});
