import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadConfiguration, type Environment, type Mode, readConfig } from './config.ts';

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const API_KEY = 'an-admin-key-of-24-chars';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function withFile(yaml: string, env: Environment = {}): Environment {
  const path = join(folder, 'throughline.yaml');
  writeFileSync(path, yaml);
  return { THROUGHLINE_DATA: folder, THROUGHLINE_CONFIG: path, ...env };
}

function faultsOf(mode: Mode, env: Environment): readonly string[] {
  try {
    readConfig(mode, env);
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

const GENESYS = `
platforms:
  genesys_cloud:
    kind: genesys
    region: mypurecloud.ie
    clientId: client
    clientSecretEnv: GENESYS_SECRET
    hookSecrets: [a-secret-for-the-hook]
`;
const PRODUCTION = { THROUGHLINE_MASTER_KEY: MASTER_KEY, THROUGHLINE_API_KEY: API_KEY, GENESYS_SECRET: 'shh' };

describe('in development', () => {
  it('works with nothing set: the twin, and keys that are made once and stay', () => {
    const env = { THROUGHLINE_DATA: folder };
    const first = readConfig('start', env);
    expect(first).toMatchObject({ port: 4400, host: '127.0.0.1', twin: { port: 4410 }, manifestTtlMs: 86_400_000 });
    expect(first.platforms.get('genesys_cloud')).toMatchObject({
      apiUrl: 'http://127.0.0.1:4410',
      card: { clientId: 'twin-card', frameAncestors: [] },
    });
    expect(first.behindProxy).toBe(false);
    expect(first.demo).toEqual({ key: first.devKey });
    expect(readConfig('start', env)).toEqual(first);
    expect(statSync(join(folder, 'master-key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'api-key'), 'utf8').trim()).toBe(first.devKey);
  });

  it('takes the port, the quota and the silence from the environment', () => {
    const env = {
      PORT: '5100',
      THROUGHLINE_RATE_PER_MINUTE: '9000',
      THROUGHLINE_DEMO: 'off',
      THROUGHLINE_DATA: folder,
    };
    const config = readConfig('start', env);
    expect(config).toMatchObject({ port: 5100, demo: null, twin: { port: 5110, rateLimitPerMinute: 9000 } });
    expect(config.platforms.get('genesys_cloud')?.rateLimitPerMinute).toBe(9000);
  });

  it('takes any key for looking around', () => {
    const config = readConfig('start', { THROUGHLINE_DATA: folder, THROUGHLINE_API_KEY: 'short' });
    expect(config).toMatchObject({ keys: [{ name: 'admin' }], demo: { key: 'short' } });
  });

  it('starts no twin beside platforms of one’s own', () => {
    const config = readConfig('start', withFile(GENESYS, { GENESYS_SECRET: 'shh' }));
    expect(config.twin).toBeNull();
    expect(config.platforms.get('genesys_cloud')).toMatchObject({
      apiUrl: 'https://api.mypurecloud.ie',
      clientSecret: 'shh',
    });
  });
});

describe('the twins alone', () => {
  it('need no keys, and make none', () => {
    expect(readConfig('twins', { THROUGHLINE_DATA: folder })).toMatchObject({ twin: { port: 4410 }, keys: [] });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('in production', () => {
  it('accepts what is complete', () => {
    const config = readConfig('serve', withFile(GENESYS, PRODUCTION));
    expect(config).toMatchObject({
      mode: 'serve',
      twin: null,
      demo: null,
      keys: [{ name: 'admin', scopes: ['admin'] }],
    });
    expect(config.devKey).toBeUndefined();
  });

  it('believes a proxy where it is told that there is one, and has a card where it is told who signs in', () => {
    const card = '    card: { clientId: card-client }\n';
    const env = withFile(`${GENESYS}${card}http: { behindProxy: true }\n`, PRODUCTION);
    const config = readConfig('serve', env);
    expect(config.behindProxy).toBe(true);
    expect(config.platforms.get('genesys_cloud')).toMatchObject({
      card: { clientId: 'card-client', scope: '', frameAncestors: ['https://apps.mypurecloud.ie'] },
    });
  });

  it('makes no keys and names everything that is missing, together', () => {
    const faults = faultsOf('serve', { THROUGHLINE_DATA: folder, PORT: 'no', DATABASE_URL: 'mysql://root:hush@x' });
    for (const what of [/^PORT/, /^DATABASE_URL/, /^THROUGHLINE_MASTER_KEY/, /^No API key/, /^No platform/]) {
      expect(faults).toContainEqual(expect.stringMatching(what));
    }
    expect(faults).toHaveLength(5);
    expect(faults.join()).not.toContain('hush');
  });

  it('with a database the master key is never made here, since every node must have the same', () => {
    const url = 'postgres://throughline:hush@db.example.com/journal';
    const faults = faultsOf('start', { THROUGHLINE_DATA: folder, DATABASE_URL: url });
    expect(faults).toEqual([expect.stringMatching(/^THROUGHLINE_MASTER_KEY is missing/)]);
    const env = { THROUGHLINE_DATA: folder, DATABASE_URL: url, THROUGHLINE_MASTER_KEY: 'q'.repeat(43) };
    expect(readConfig('start', env).databaseUrl).toBe(url);
    expect(readConfig('start', { THROUGHLINE_DATA: folder }).databaseUrl).toBeNull();
  });

  it('takes keys with scopes, by digest or by the environment, and never echoes a secret', () => {
    const keys = `
keys:
  - { name: flow, keyEnv: FLOW_KEY, scopes: [handoffs] }
  - { name: desk, sha256: ${'ab'.repeat(32)}, scopes: [manifests] }
`;
    const env = { ...PRODUCTION, THROUGHLINE_API_KEY: '' };
    const config = readConfig('serve', withFile(GENESYS + keys, { ...env, FLOW_KEY: 'the-key-of-the-flow' }));
    expect(config.keys.map(({ name }) => name)).toEqual(['flow', 'desk']);
    expect(JSON.stringify(config.keys)).not.toContain('the-key-of-the-flow');
    expect(faultsOf('serve', withFile(GENESYS + keys, env))).toEqual([
      'keys.0.keyEnv: the environment variable FLOW_KEY is empty.',
    ]);
  });

  it.each([
    ['an unknown field', `${GENESYS}colour: blue\n`, /the file: .*colour/],
    [
      'a rule without a condition',
      `${GENESYS}queueRules: {default: A, rules: [{name: x, when: {}, queue: B}]}\n`,
      /at least one condition/,
    ],
    ['a short hook secret', GENESYS.replace('a-secret-for-the-hook', 'short'), /hookSecrets.*16 characters/],
    ['no way for events to come', GENESYS.replace('[a-secret-for-the-hook]', '[]'), /hookSecrets or set notifications/],
    [
      'two platforms with one hook secret',
      GENESYS + GENESYS.replace('\nplatforms:\n', '').replace('genesys_cloud', 'second'),
      /share a hook secret/,
    ],
    ['what is not YAML', 'platforms: [', /cannot be read/],
  ])('refuses %s', (_, yaml, fault) => {
    expect(faultsOf('serve', withFile(yaml, PRODUCTION))).toContainEqual(expect.stringMatching(fault));
  });

  it('names what is wrong in the file and in the environment in one go, and nothing that only follows from it', () => {
    const yaml = `${GENESYS.replace('mypurecloud.ie', 'atlantis')}keys: [{ name: flow, keyEnv: FLOW_KEY, scopes: [everything] }]\n`;
    const faults = faultsOf('serve', withFile(yaml, { ...PRODUCTION, GENESYS_SECRET: '' }));
    for (const what of [/clientSecretEnv.*GENESYS_SECRET/, /keyEnv.*FLOW_KEY/, /no such region/, /keys\.0\.scopes/]) {
      expect(faults).toContainEqual(expect.stringMatching(what));
    }
    expect(faults).toHaveLength(4);
  });

  it('takes other master keys for a rotation, and says which of them is none', () => {
    const other = Buffer.alloc(32, 8).toString('base64');
    const env = { ...PRODUCTION, THROUGHLINE_MASTER_KEYS_OLD: `${other}, ${MASTER_KEY},` };
    const { otherMasterKeys, sealEveryMs } = readConfig('serve', withFile(GENESYS, env));
    expect(otherMasterKeys.map(([first, ...rest]) => [first, rest.length])).toEqual([
      [8, 31],
      [7, 31],
    ]);
    expect(sealEveryMs).toBe(60_000);
    expect(
      faultsOf('serve', withFile(GENESYS, { ...PRODUCTION, THROUGHLINE_MASTER_KEYS_OLD: `${other},c2hvcnQ=` })),
    ).toEqual([expect.stringMatching(/MASTER_KEYS_OLD: key 2 .*decodes to 5/)]);
  });

  it('refuses a master key of another length and an admin key that can be guessed', () => {
    const env = { ...PRODUCTION, THROUGHLINE_MASTER_KEY: 'c2hvcnQ=', THROUGHLINE_API_KEY: 'short' };
    expect(faultsOf('serve', withFile(GENESYS, env))).toEqual([
      expect.stringMatching(/decodes to 5/),
      expect.stringMatching(/at least 16 characters/),
    ]);
  });

  it('keeps what the file says of retention, and no longer than is allowed', () => {
    const yaml = `${GENESYS}retention: { contextHours: 2, idleHours: 5, overwriteAtVendors: true, backupDays: 7 }\n`;
    const config = readConfig('serve', withFile(yaml, PRODUCTION));
    expect(config.retention).toEqual({ contextMs: 7_200_000, idleMs: 18_000_000, overwrite: true });
    expect(config.backupDays).toBe(7);
    const tooLong = withFile(`${GENESYS}retention: { contextHours: 25 }\n`, PRODUCTION);
    expect(faultsOf('serve', tooLong)).toEqual([expect.stringMatching(/retention\.contextHours/)]);
  });
});
