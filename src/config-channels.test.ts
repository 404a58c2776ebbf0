// Tests what the configuration file may say of channels: its defaults, and every fault at once, with its path and without a secret.

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { channelFields, readChannels } from './config-channels.ts';
import { readPlatforms } from './config-platforms.ts';
import { twinChannels, withTwinsKey } from './config-twins.ts';

const file = z.strictObject(channelFields);
const HOOK = ['a-secret-of-the-hook'];
const { platforms } = readPlatforms(
  {
    genesys_cloud: { region: 'mypurecloud.ie', clientId: 'c', clientSecret: 's', hookSecrets: HOOK },
    nice_cxone: {
      clientId: 'c',
      clientSecret: 's',
      accessKeyId: 'k',
      accessKeySecret: 's',
      hookSecrets: ['another-secret-of-the-hook'],
    },
    elsewhere: {
      kind: 'gateway',
      baseUrl: 'https://gateway.example.com',
      token: 't',
      hookSecrets: [`whsec_${Buffer.alloc(32, 3).toString('base64')}`],
    },
  },
  {},
  0,
);
const read = (given: unknown, env: Record<string, string> = {}) => readChannels(file.parse(given), platforms, env);
const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

const TWILIO = {
  kind: 'twilio',
  accountSid: `AC${'0'.repeat(32)}`,
  authTokenEnv: 'TWILIO_TOKEN',
  numbers: ['+15055550100', { number: '+442071838750', countries: ['GB'] }],
};
const WHOLE = {
  channels: {
    sms: {
      webhookUrl: 'https://handoff.example.com/',
      providers: {
        twilio: TWILIO,
        vonage: {
          kind: 'vonage',
          applicationId: 'app',
          privateKeyEnv: 'VONAGE_KEY',
          apiKey: 'key',
          signatureSecretEnv: 'VONAGE_SIGNATURE',
          oldSignatureSecretEnv: 'VONAGE_OLD',
          numbers: ['+15055550110'],
        },
        own: { kind: 'genesys', numbers: ['+15055550120'] },
      },
    },
  },
  deflection: { brand: 'Example', publicUrl: 'https://handoff.example.com' },
  callbacks: { platform: 'genesys_cloud', queue: 'Billing' },
};
const ENV = { TWILIO_TOKEN: 'the-token', VONAGE_KEY: String(PEM), VONAGE_SIGNATURE: 'new', VONAGE_OLD: 'old' };

describe('what nothing is said of', () => {
  it('cannot be texted or called back, and links stand for an hour', () => {
    const { channels, faults } = read({});
    expect(faults).toEqual([]);
    expect(channels).toMatchObject({
      sms: null,
      deflection: { ttlMinutes: 60, receiptWaitSec: 20, purgeOnFirstUse: [] },
      callbacks: { platform: null, hours: { fromHour: 8, toHour: 21 }, consentAttribute: null, bridged: false },
    });
  });
});

describe('providers', () => {
  it('are read in their order, with secrets in the place of their names', () => {
    const { channels, faults } = read(WHOLE, ENV);
    expect(faults).toEqual([]);
    expect([...(channels.sms?.routes ?? [])].map(([name]) => name)).toEqual(['twilio', 'vonage', 'own']);
    expect(channels.sms?.webhookUrl).toBe('https://handoff.example.com');
    expect(channels.sms?.routes.get('twilio')).toMatchObject({
      authTokens: ['the-token'],
      login: { username: TWILIO.accountSid, password: 'the-token' },
      numbers: [{ number: '+15055550100' }, { number: '+442071838750', countries: ['GB'] }],
    });
    expect(channels.sms?.routes.get('vonage')).toMatchObject({ signatureSecrets: ['new', 'old'] });
  });

  it('log in by an API key where there is one', () => {
    const providers = { twilio: { ...TWILIO, apiKeySid: 'SK1', apiKeySecret: 'key-secret' } };
    const { channels } = read({ ...WHOLE, channels: { sms: { ...WHOLE.channels.sms, providers } } }, ENV);
    expect(channels.sms?.routes.get('twilio')).toMatchObject({ login: { username: 'SK1', password: 'key-secret' } });
  });
});

describe('faults', () => {
  it('are told all at once, each with its path, and no secret', () => {
    const { faults } = read(
      {
        channels: {
          sms: {
            webhookUrl: 'https://handoff.example.com',
            providers: {
              twilio: { ...TWILIO, authToken: 'given-twice' },
              vonage: { ...WHOLE.channels.sms.providers.vonage, privateKey: 'no PEM', privateKeyEnv: undefined },
              own: { kind: 'genesys', platform: 'nice_cxone', numbers: ['+15055550120'] },
            },
          },
        },
        deflection: { template: 'no link at all {name}' },
        callbacks: { platform: 'elsewhere', bridged: true },
      },
      ENV,
    );
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
      'channels.sms.providers.twilio.authToken',
      'channels.sms.providers.vonage.privateKey',
      'channels.sms.providers.own.platform',
      'deflection.template',
      'deflection.template',
      'deflection.brand',
      'deflection.publicUrl',
      'callbacks.platform',
      'callbacks.queue',
      'callbacks.bridged',
      'callbacks.consentAttribute',
    ]);
    for (const secret of ['given-twice', 'the-token', 'no PEM']) expect(faults.join()).not.toContain(secret);
  });

  it('say that a text would be longer than it may be', () => {
    const brand = 'A brand with a name of forty characters';
    const template = `${'word '.repeat(50)}{brand} {link}`;
    const { faults } = read({ ...WHOLE, deflection: { ...WHOLE.deflection, brand, template, maxSegments: 1 } }, ENV);
    expect(faults).toEqual(['deflection.template: with brand and link it is longer than 1 segments']);
  });

  it('say that CXone calls at once only by a script that is named', () => {
    const callbacks = { platform: 'nice_cxone', queue: 'Callbacks', bridged: true, consentAttribute: 'may_call' };
    const named = new Map(platforms);
    const cxone = platforms.get('nice_cxone');
    if (cxone?.kind !== 'cxone') throw new Error('no CXone platform is configured');
    expect(read({ callbacks }).faults).toEqual([
      'callbacks.bridged: needs platforms.nice_cxone.callbackScript: a script of yours that calls',
    ]);
    named.set('nice_cxone', { ...cxone, callbackScript: { script: { id: '9006' }, skillId: '4001' } });
    expect(readChannels(file.parse({ callbacks }), named, {}).faults).toEqual([]);
  });

  it('say that bridging needs a platform, and that no provider is no channel', () => {
    const { faults } = read({
      callbacks: { bridged: true },
      channels: { sms: { webhookUrl: 'http://127.0.0.1:4400', providers: {} } },
      deflection: WHOLE.deflection,
    });
    expect(faults).toEqual([
      'callbacks.bridged: needs callbacks.platform',
      'channels.sms.providers: give at least one',
    ]);
  });

  it.each([
    [{ deflection: { ttlMinutes: 24 * 60 + 1 } }, 'ttlMinutes'],
    [{ deflection: { publicUrl: 'http://handoff.example.com' } }, 'publicUrl'],
    [{ callbacks: { hours: { from: 21, to: 8 } } }, 'hours'],
    [{ channels: { sms: { ...WHOLE.channels.sms, webhookUrl: 'ftp://x' } } }, 'webhookUrl'],
    [{ channels: { sms: { ...WHOLE.channels.sms, providers: { twilio: { ...TWILIO, numbers: [] } } } } }, 'numbers'],
    [
      { channels: { sms: { ...WHOLE.channels.sms, providers: { twilio: { ...TWILIO, numbers: ['5551234'] } } } } },
      'numbers',
    ],
  ])('refuse %j', (given, field) => {
    const result = file.safeParse(given);
    expect(result.error?.issues.map(({ path }) => path.join('.')).join()).toContain(field);
  });
});

describe('beside the twins', () => {
  const given = (more: object = {}) => twinChannels(file.parse(more), { port: 4400, twinPort: 4410 });

  it('texts go by the twins, links lead to this very process, callbacks to the Genesys twin', () => {
    const { channels, faults } = readChannels(given(), platforms, {});
    expect(faults).toEqual([]);
    expect([...(channels.sms?.routes.values() ?? [])].map(({ kind }) => kind)).toEqual(['twilio', 'vonage']);
    expect(channels.sms?.routes.get('twilio')).toMatchObject({ apiUrl: 'http://127.0.0.1:4430' });
    expect(channels.deflection).toMatchObject({ publicUrl: 'http://127.0.0.1:4400', brand: 'Example' });
    expect(channels.callbacks).toMatchObject({ platform: 'genesys_cloud', queue: 'General_Support' });
  });

  it('what the file says stays', () => {
    const { deflection } = given({ deflection: { brand: 'Ours', ttlMinutes: 90 } });
    expect(deflection).toMatchObject({ brand: 'Ours', ttlMinutes: 90 });
  });

  it('the twin’s own key takes its place once it is there', () => {
    const config = { channels: readChannels(given(), platforms, {}).channels };
    const keyed = withTwinsKey(config, 'PEM');
    expect(keyed.channels.sms?.routes.get('vonage')).toMatchObject({ privateKey: 'PEM' });
    expect(withTwinsKey(config, undefined)).toBe(config);
  });
});
