// Tests how a configured platform's people are opened as a desk: of its own vendor's door only, and from where their files may be fetched.

import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { DeskSettings } from './config-chat.ts';
import { readPlatforms } from './config-platforms.ts';
import { openPlatform } from './open-platforms.ts';

const SECRET = 'a-secret-that-is-long-enough';
const GENESYS = { region: 'mypurecloud.ie', clientId: 'c', clientSecret: 's', hookSecrets: [SECRET] };
const CXONE = {
  accessKeyId: 'k',
  accessKeySecret: 's',
  clientId: 'c',
  clientSecret: 's',
  digitalUrl: 'https://digital.example.com/dfo',
  hookSecrets: [`${SECRET}!`],
};
const fileOrigins = ['https://files.example.com'];
const openMessaging: DeskSettings = {
  kind: 'open-messaging',
  platform: 'genesys_cloud',
  integrationId: 'i-1',
  secrets: [SECRET],
  deduplicates: false,
  fileOrigins,
};
const ownChannel: DeskSettings = {
  kind: 'own-channel',
  platform: 'nice_cxone',
  channelId: 'c-1',
  clientId: 'box',
  clientSecret: SECRET,
  customFields: [],
  fileOrigins,
};

it.each([
  ['genesys_cloud', openMessaging, ownChannel, ['https://api.mypurecloud.ie', ...fileOrigins]],
  ['nice_cxone', ownChannel, openMessaging, ['https://digital.example.com', ...fileOrigins]],
])('%s takes conversations by its own door, and files from its own API and what is configured', async (...given) => {
  const [name, own, other, origins] = given;
  const { platforms, faults } = readPlatforms({ genesys_cloud: GENESYS, nice_cxone: CXONE }, {}, 0);
  expect(faults).toEqual([]);
  const entry = platforms.get(name);
  if (!entry) throw new Error('it was not read');
  const { desk, platform } = openPlatform(name, entry, pino({ level: 'silent' }), () => ({}));
  const linkTo = () => 'https://us.example.com/f';
  expect(desk?.(own, linkTo)?.fileOrigins).toEqual(origins);
  expect(desk?.(other, linkTo)).toBeNull();
  await platform.close();
});
