// Tests the configuration of our own conversations: read whole, and every fault named at once without a secret in it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chatSection, type Reading, readChat } from './config-chat.ts';

const ENV = { SECRET: 'a-secret-of-enough-letters', SHORT: 'short' };
const reading: Reading = {
  path: new URL('../throughline.yaml', import.meta.url).pathname,
  read: (path) => readFileSync(path, 'utf8'),
  env: ENV,
  platforms: new Map([
    ['genesys_cloud', 'genesys'],
    ['nice_cxone', 'cxone'],
  ]),
};
const bots = {
  'front-desk': { flowFile: 'examples/bots/front-desk.yaml', fallback: 'plain' },
  plain: { flowFile: 'examples/bots/plain.yaml' },
};
const section = (more: object = {}) =>
  chatSection.parse({ publicUrl: 'https://chat.example.com', bot: 'front-desk', bots, ...more });
const faultsOf = (asked: ReturnType<typeof section>) => {
  const faults: string[] = [];
  expect(readChat(asked, reading, faults)).toBeNull();
  return faults;
};

describe('chat', () => {
  it('is read with its flows, terms and secrets; the examples are whole', () => {
    const faults: string[] = [];
    const openMessaging = { integrationId: 'i-1', secretEnvs: ['SECRET'] };
    const files = { scanUrl: 'https://scan.example.com', scanSecretEnv: 'SECRET' };
    const read = readChat(section({ desk: { platform: 'genesys_cloud', openMessaging }, files }), reading, faults);
    expect(faults).toEqual([]);
    expect(read?.flows.map(({ bot }) => bot)).toEqual(['front-desk', 'plain']);
    expect(read?.terms).toEqual({
      'front-desk': { bot: 'front-desk', fallbackBot: 'plain', turnTimeoutMs: 4_000, botIdleMs: 900_000 },
      plain: { bot: 'plain', turnTimeoutMs: 4_000, botIdleMs: 900_000 },
    });
    expect(read?.desks).toMatchObject([{ kind: 'open-messaging', secrets: [ENV.SECRET], deduplicates: false }]);
    expect(read?.files).toMatchObject({ largestMb: 10, scanSecret: ENV.SECRET });
    const ownChannel = { channelId: 'c', clientId: 'box', clientSecretEnv: 'SECRET' };
    expect(readChat(section({ desk: { platform: 'nice_cxone', ownChannel } }), reading, faults)?.desks).toEqual([
      {
        kind: 'own-channel',
        platform: 'nice_cxone',
        channelId: 'c',
        clientId: 'box',
        clientSecret: ENV.SECRET,
        customFields: [],
        fileOrigins: [],
      },
    ]);
    expect(readChat(section(), reading, faults)?.desks).toEqual([]);
  });

  it('has people of several platforms where each queue has one, and what is not named one at most', () => {
    const genesys = { platform: 'genesys_cloud', openMessaging: { integrationId: 'i', secretEnvs: ['SECRET'] } };
    const ownChannel = { channelId: 'c', clientId: 'box', clientSecretEnv: 'SECRET' };
    const cxone = { platform: 'nice_cxone', ownChannel, queues: ['Billing_Digital'] };
    const faults: string[] = [];
    const both = readChat(section({ desk: [genesys, cxone] }), reading, faults);
    expect(faults).toEqual([]);
    expect(both?.desks).toMatchObject([{ kind: 'open-messaging' }, { queues: ['Billing_Digital'] }]);
    const named = { ...genesys, queues: ['Billing_Digital'] };
    expect(faultsOf(section({ desk: [named, cxone, cxone] }))).toEqual([
      'chat.desk: the platform nice_cxone is given twice',
      'chat.desk: the queue Billing_Digital is given twice',
    ]);
    const { queues: _, ...unnamed } = cxone;
    expect(faultsOf(section({ desk: [genesys, unnamed] }))).toEqual([
      'chat.desk: only one platform may be without queues',
    ]);
  });

  it('names what is wrong, all of it', () => {
    const openMessaging = { integrationId: 'i', secretEnvs: ['SHORT'] };
    const faults = faultsOf(
      section({
        bot: 'nobody',
        bots: { ...bots, lost: { flowFile: 'nowhere.yaml', fallback: 'none' } },
        desk: { platform: 'five9', openMessaging },
        files: { scanUrl: 'http://127.0.0.1:1/scan', scanSecretEnv: 'ABSENT' },
      }),
    );
    expect(faults).toEqual([
      'chat.bots.lost.flowFile: nowhere.yaml cannot be read',
      'chat.bots.lost.fallback: there is no bot none',
      'chat.bot: there is no bot nobody',
      'chat.desk.platform: there is no platform five9',
      'chat.desk: the variable SHORT must hold a secret of at least 16 characters',
      'chat.files: the variable ABSENT must hold a secret of at least 16 characters',
    ]);
    expect(faults.join()).not.toContain('short');
    const signed = { integrationId: 'i', secretEnvs: ['SECRET'] };
    expect(faultsOf(section({ desk: { platform: 'nice_cxone', openMessaging: signed } }))).toEqual([
      'chat.desk.openMessaging: the platform nice_cxone is of kind cxone, not genesys',
    ]);
    const broken = { ...reading, read: () => 'bot: b\nflows: {}' };
    const named: string[] = [];
    expect(readChat(section(), broken, named)).toBeNull();
    expect(named).toContain('chat.bots.plain: flows: has no flow main');
  });

  it('takes origins for agents’ files, and no more than origins', () => {
    const asking = (fileOrigins: readonly string[]) =>
      chatSection.safeParse({
        publicUrl: 'https://chat.example.com',
        bot: 'b',
        bots: {},
        desk: { platform: 'p', openMessaging: { integrationId: 'i', secretEnvs: ['SECRET'], fileOrigins } },
      }).success;
    expect(asking(['https://files.example.com', 'http://127.0.0.1:8080'])).toBe(true);
    for (const no of ['http://files.example.com', 'https://files.example.com/', 'https://*.example.com', 'files'])
      expect(asking([no]), no).toBe(false);
  });

  it('is https wherever it is not this machine', () => {
    expect(chatSection.safeParse({ publicUrl: 'http://chat.example.com', bot: 'b', bots: {} }).success).toBe(false);
    expect(chatSection.safeParse({ publicUrl: 'http://localhost:4400', bot: 'b', bots: {} }).success).toBe(true);
  });
});
