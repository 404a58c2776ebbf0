import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newAuthority } from '../test/contract/certificates.ts';
import { BadConfiguration, type Environment, type Mode, readConfig } from './config.ts';
import type { PlatformEntry } from './config-platforms.ts';

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
    expect(first.chat).toMatchObject({
      bot: 'front-desk',
      publicUrl: 'http://127.0.0.1:4400',
      desks: [
        { platform: 'genesys_cloud', kind: 'open-messaging' },
        { platform: 'nice_cxone', kind: 'own-channel', queues: expect.arrayContaining(['General_Support_Digital']) },
      ],
      files: null,
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
    const entry = { name: 'entry', scopes: ['claims'] };
    expect(config).toMatchObject({ keys: [{ name: 'admin' }, entry], demo: { key: 'short' } });
  });

  it('starts no twin beside platforms of one’s own', () => {
    const config = readConfig('start', withFile(GENESYS, { GENESYS_SECRET: 'shh' }));
    expect(config.twin).toBeNull();
    expect(config.chat).toBeNull();
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

  it('has cards by reference for CXone and gateways: framed by whom it is told, else by CXone’s own desktops and nobody', () => {
    const platformsWith = (card: string) => {
      const cxone = `  nice_cxone: { accessKeyId: k, accessKeySecret: s, userHubUrl: https://na1.example, hookSecrets: [a-secret-of-the-scripts]${card} }\n`;
      const gateway = `  five9: { kind: gateway, baseUrl: https://gw.example, token: t, hookSecrets: [whsec_${Buffer.alloc(24, 1).toString('base64')}]${card} }\n`;
      return withFile(`platforms:\n${cxone}${gateway}`, PRODUCTION);
    };
    const cardsWith = (card: string) =>
      [...readConfig('serve', platformsWith(card)).platforms.values()].map((entry) => entry.card);
    expect(cardsWith('')).toEqual([undefined, undefined]);
    expect(cardsWith(', card: {}')).toEqual([
      { frameAncestors: ['https://cxagent.nicecxone.com', 'https://max.niceincontact.com'] },
      { frameAncestors: [] },
    ]);
    const own = 'https://*.desktop.example';
    expect(cardsWith(`, card: { frameAncestors: ['${own}'] }`)).toEqual([
      { frameAncestors: [own] },
      { frameAncestors: [own] },
    ]);
    expect(faultsOf('serve', platformsWith(", card: { frameAncestors: ['*'], clientId: x }"))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('platforms.nice_cxone.card.frameAncestors.0: must be an origin'),
        expect.stringMatching(/platforms\.five9\.card: .*clientId/),
      ]),
    );
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

describe('platforms of several vendors', () => {
  const CXONE = `
  nice_cxone:
    accessKeyId: key
    accessKeySecretEnv: CXONE_KEY
    clientId: app
    clientSecretEnv: CXONE_CLIENT
    hookSecrets: [a-secret-for-the-scripts]
`;
  const GATEWAY = `
  five9:
    kind: gateway
    baseUrl: https://gateway.example.com
    tokenEnv: GATEWAY_TOKEN
    hookSecrets: [whsec_${Buffer.alloc(32, 1).toString('base64')}]
`;
  const SECRETS = { ...PRODUCTION, CXONE_KEY: 'k', CXONE_CLIENT: 'c', GATEWAY_TOKEN: 't' };
  const named = GENESYS.replace('    kind: genesys\n', '');
  const transfers = (numbers: string, more = '') =>
    `    transfers: { fallbackQueue: Lobby, entryNumbers: [${numbers}]${more} }\n`;
  const platform = (yaml: string, name: string): PlatformEntry | undefined =>
    readConfig('serve', withFile(yaml, SECRETS)).platforms.get(name);

  it('are told apart by their kind, or by their name, and have their secrets from the environment', () => {
    expect(platform(named + CXONE + GATEWAY, 'genesys_cloud')).toMatchObject({ kind: 'genesys', clientSecret: 'shh' });
    expect(platform(named + CXONE + GATEWAY, 'nice_cxone')).toMatchObject({
      kind: 'cxone',
      accessKeySecret: 'k',
      login: { kind: 'central', clientId: 'app', clientSecret: 'c' },
    });
    expect(platform(named + CXONE + GATEWAY, 'five9')).toMatchObject({
      kind: 'gateway',
      auth: { kind: 'token', token: 't' },
    });
    expect(platform(GENESYS.replace('kind: genesys', 'kind: genesys_cloud'), 'genesys_cloud')).toBeDefined();
  });

  it('take part in transfers as they say, with what is sensible where they do not', () => {
    const yaml =
      named + transfers('"+18005550110"') + CXONE + transfers('"+18885551900"', ', ways: [signal], types: [blind]');
    expect(platform(yaml, 'genesys_cloud')?.transfers).toEqual({
      entryNumbers: ['+18005550110'],
      fallbackQueue: 'Lobby',
      reservationSec: 60,
    });
    expect(platform(yaml, 'nice_cxone')?.transfers).toMatchObject({ ways: ['signal'], types: ['blind'] });
    const config = readConfig('serve', withFile(yaml, SECRETS));
    expect(config.transfers).toEqual({
      settleWithinSec: 180,
      confirmWithinSec: 30,
      consultSec: 180,
      holdDurationLimitSec: 15,
    });
  });

  it.each([
    [
      'a kind that there is not',
      named.replace('clientId', 'kind: teams\n    clientId'),
      [/genesys_cloud\.kind: is none/],
    ],
    ['no kind where the name says none', named.replace('genesys_cloud', 'desk'), [/platforms\.desk\.kind: is missing/]],
    ['what is no entry', `${named}  desk: 5\n`, [/platforms\.desk: must be an object/]],
    ['a number that is none', named + transfers('"555"'), [/transfers\.entryNumbers\.0: must be an E\.164/]],
    ['transfers without a queue to fall back to', `${named}    transfers: {}\n`, [/transfers\.fallbackQueue/]],
    [
      'a way that the platform has not',
      named + transfers('', ', ways: [signal]'),
      [/transfers\.ways: signal is no way of genesys/],
    ],
    [
      'a number that leads to two',
      named + transfers('"+18005550110"') + CXONE + transfers('"+18005550110"'),
      [/an entry number is given to two/],
    ],
    [
      'a place that would not outlive the telling',
      named + transfers('"+18005550110"', ', reservationSec: 15'),
      [/genesys_cloud\.transfers\.reservationSec must be at least 18/],
    ],
    [
      'a platform that is not heard',
      GATEWAY.replace(/hookSecrets.*/, '').replace(/^/, '\nplatforms:'),
      [/five9: give hookSecrets/],
    ],
    [
      'faults of three vendors, all together',
      named.replace('mypurecloud.ie', 'atlantis') +
        CXONE.replace('accessKeyId', 'accessKey') +
        GATEWAY.replace('baseUrl: https', 'baseUrl: ftp'),
      [/no such region/, /nice_cxone.*accessKeyId/, /five9\.baseUrl/],
    ],
  ])('are refused: %s', (_, yaml, faults) => {
    const told = faultsOf('serve', withFile(yaml, SECRETS));
    for (const fault of faults) expect(told).toContainEqual(expect.stringMatching(fault));
  });

  it('are spoken to without TLS on this machine alone, unless it is said', () => {
    const at = (url: string, tls = '') =>
      withFile(named + GATEWAY.replace(/baseUrl: .*/, `baseUrl: ${url}${tls}`), SECRETS);
    const beyond = 'http://five9.mesh.internal:8080/v1';
    expect(faultsOf('serve', at(beyond))).toEqual([
      expect.stringMatching(/five9: http:\/\/five9\.mesh\.internal:8080 is spoken to without TLS.*tls\.allowPlainHttp/),
    ]);
    for (const env of [
      at('http://127.0.0.1:1'),
      at('http://localhost:1'),
      at(beyond, '\n    tls: { allowPlainHttp: true }'),
    ])
      expect(readConfig('serve', env).platforms.has('five9')).toBe(true);
  });

  it('name every empty variable that holds a secret', () => {
    const told = faultsOf('serve', withFile(named + CXONE + GATEWAY, PRODUCTION));
    for (const name of ['CXONE_KEY', 'CXONE_CLIENT', 'GATEWAY_TOKEN']) {
      expect(told).toContainEqual(expect.stringContaining(name));
    }
  });

  it('are two twins where nothing is configured, each with numbers that lead to it and events of its own', () => {
    const config = readConfig('start', { THROUGHLINE_DATA: folder });
    const [genesys, cxone] = ['genesys_cloud', 'nice_cxone'].map((name) => config.platforms.get(name));
    expect(genesys?.transfers?.entryNumbers.length).toBeGreaterThan(0);
    expect(cxone?.transfers?.entryNumbers.length).toBeGreaterThan(0);
    expect(cxone).toMatchObject({ issuerUrl: 'http://127.0.0.1:4420' });
    expect(genesys?.hookSecrets).not.toEqual(cxone?.hookSecrets);
  });
});

describe('alerts', () => {
  const SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
  const alerts = (yaml: string, env: Environment = {}) =>
    withFile(`${GENESYS}alerts: { ${yaml} }\n`, { ...PRODUCTION, ...env });

  it('go to a hook where one is named, and to the log alone where none is', () => {
    const url = 'https://pager.example.com/throughline';
    const config = readConfig('serve', alerts(`url: "${url}", secretEnv: ALERT_SECRET`, { ALERT_SECRET: SECRET }));
    expect(config.alerts).toEqual({ url, secret: SECRET, tls: { minVersion: 'TLSv1.3' } });
    expect(readConfig('serve', withFile(GENESYS, PRODUCTION)).alerts).toBeNull();
    expect(readConfig('serve', alerts(`url: "http://127.0.0.1:9/x", secret: ${SECRET}`)).alerts?.url).toContain('127');
  });

  it.each([
    ['without a secret', 'url: "https://pager.example.com"', /exactly one of secret/],
    [
      'in the clear because it is said',
      `url: "https://a.example", secret: ${SECRET}, tls: { allowPlainHttp: true }`,
      /alerts go by https/,
    ],
    [
      'by a certificate that is not there',
      `url: "https://a.example", secret: ${SECRET}, tls: { caFile: /absent.pem }`,
      /alerts\.tls\.caFile/,
    ],
    ['unencrypted, to somebody else', `url: "http://pager.example.com", secret: ${SECRET}`, /must be https/],
    [
      'under a secret that is none',
      'url: "https://pager.example.com", secret: hush-hush-hush',
      /alerts\.secret must be whsec_/,
    ],
    ['under a variable that is empty', 'url: "https://pager.example.com", secretEnv: NOTHING', /NOTHING is empty/],
  ])('are refused %s', (_, yaml, fault) => {
    const faults = faultsOf('serve', alerts(yaml));
    expect(faults).toContainEqual(expect.stringMatching(fault));
    expect(faults.join()).not.toMatch(/hush|whsec_[A-Za-z0-9]/);
  });
});

describe('TLS', () => {
  const authority = newAuthority('Test authority');
  const server = authority.issue('throughline');
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const read = (yaml: string) => readConfig('serve', withFile(yaml, PRODUCTION));
  const faults = (yaml: string) =>
    faultsOf('serve', withFile(yaml, PRODUCTION)).map((fault) => fault.replaceAll(folder, ''));

  it('is 1.3 for every platform, and not ours to end, where nothing is said', () => {
    const { tls, platforms } = read(GENESYS);
    expect(tls).toBeNull();
    expect(platforms.get('genesys_cloud')?.tls).toEqual({ minVersion: 'TLSv1.3' });
  });

  it('takes certificates, keys and authorities from files', () => {
    const [cert, key, ca] = [
      write('cert.pem', server.cert),
      write('key.pem', server.key),
      write('ca.pem', authority.cert),
    ];
    const { tls, platforms } = read(`${GENESYS}
    tls: { minVersion: "1.2", caFile: ${ca}, certFile: ${cert}, keyFile: ${key} }
http:
  tls: { certFile: ${cert}, keyFile: ${key}, clientCaFile: ${ca} }
`);
    const pair = { cert: server.cert.trim(), key: server.key };
    expect(platforms.get('genesys_cloud')?.tls).toEqual({ minVersion: 'TLSv1.2', ...pair, ca: authority.cert.trim() });
    expect(tls).toEqual({ minVersion: 'TLSv1.3', ...pair, ca: authority.cert.trim() });
  });

  it('tells everything that is wrong with them together, and nothing that is in them', () => {
    const other = authority.issue('other');
    const past = authority.issue('past', { from: new Date(2020, 1, 1), to: new Date(2021, 1, 1) });
    const [cert, otherKey] = [write('cert.pem', server.cert), write('other.pem', other.key)];
    const yaml = `${GENESYS}
    tls: { caFile: ${write('empty.pem', 'nothing')}, certFile: ${cert}, keyFile: ${otherKey} }
http:
  tls: { certFile: ${write('past.pem', past.cert)}, keyFile: ${join(folder, 'absent.pem')}, clientCaFile: ${write('bad.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')} }
`;
    const said = faults(yaml);
    expect(said).toEqual([
      '/throughline.yaml: platforms.genesys_cloud.tls.caFile: /empty.pem holds no certificate in PEM, or one that cannot be read.',
      expect.stringMatching(/^\/throughline\.yaml: platforms\.genesys_cloud\.tls\.keyFile: is not the private key/),
      'http.tls.clientCaFile: /bad.pem holds no certificate in PEM, or one that cannot be read.',
      expect.stringMatching(/^http\.tls\.certFile: a certificate expired on 2021-/),
      'http.tls.keyFile: /absent.pem cannot be read (ENOENT).',
    ]);
    expect(said.join()).not.toContain('PRIVATE KEY');
  });

  it('needs the certificate and its key, a known version, and URLs with TLS', () => {
    expect(faults(`${GENESYS}    tls: { certFile: some.pem, minVersion: "1.1" }`)).toEqual([
      expect.stringMatching(/tls\.minVersion/),
      expect.stringMatching(/tls\.keyFile: give both of certFile and keyFile/),
    ]);
    const plain = GENESYS.replace(
      'region: mypurecloud.ie',
      'loginUrl: http://127.0.0.1:1\n    apiUrl: http://127.0.0.1:1',
    );
    expect(faults(`${plain}    tls: { caFile: ${write('ca.pem', authority.cert)} }`)).toEqual([
      '/throughline.yaml: platforms.genesys_cloud.tls: its URLs must begin with https:, or certificates have no use.',
    ]);
  });

  it('is not for the built-in twin, which calls in the clear', () => {
    const [cert, key] = [write('cert.pem', server.cert), write('key.pem', server.key)];
    expect(faultsOf('start', withFile(`http: { tls: { certFile: ${cert}, keyFile: ${key} } }`))).toEqual([
      expect.stringMatching(/^http\.tls: the built-in twin/),
    ]);
  });
});

describe('readiness', () => {
  it('has its times, in seconds', () => {
    const read = (yaml: string) => readConfig('serve', withFile(`${GENESYS}${yaml}`, PRODUCTION)).readiness;
    expect(read('')).toEqual({ tokenMissingSec: 10, eventsSilentSec: 300 });
    expect(read('readiness: { tokenMissingSec: 0, eventsSilentSec: 60 }')).toEqual({
      tokenMissingSec: 0,
      eventsSilentSec: 60,
    });
  });
});
