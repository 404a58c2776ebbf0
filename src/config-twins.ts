// Owns the configuration that needs none: the twins of this process as its platforms, so that a conversation can go from each to the other, and
// as its providers of text messages.

import { fileURLToPath } from 'node:url';
import { type ChannelsConfig, type ChannelsGiven, channelFields, TWINS_OWN_KEY } from './config-channels.ts';
import { type ChatSection, chatSection } from './config-chat.ts';
import type { PlatformEntry } from './config-platforms.ts';
import { readPlatforms } from './config-platforms.ts';
import { CUSTOMER_FIELDS, JSON_FIELDS, PII_MASKED, TEXT_FIELDS } from './context/fields.ts';
import {
  ENTRY_NUMBERS as CXONE_NUMBERS,
  DEMO_ACCESS_KEY,
  DEMO_CXONE_CLIENT,
  DIGITAL_SKILLS,
  OWN_CHANNEL,
} from './twins/cxone/tenant.ts';
import { OPEN_INTEGRATION_ID } from './twins/genesys/open-integrations.ts';
import { DEMO_CLIENT, ENTRY_NUMBERS as GENESYS_NUMBERS } from './twins/genesys/organisation.ts';
import { DEMO_TWILIO, DEMO_VONAGE } from './twins/sms/sms-twin.ts';

/** A queue that both twins have. */
const FALLBACK_QUEUE = 'General_Support';
/** What gets lost is seen soon all the same. */
const POLL_SEC = 5;
/** From the first twin's port to the second's. */
export const SECOND_TWIN = 10;

/** To the twin of the providers of text messages. */
export const THIRD_TWIN = 20;

/** Under which the CXone twin logs in to us before it posts what agents write. */
export const OWN_CHANNEL_CLIENT_ID = 'twin-cxone';

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
      // No host is derived from this machine's address as it is from a vendor's domain.
      digitalUrl: cxone,
      ...DEMO_ACCESS_KEY,
      ...DEMO_CXONE_CLIENT,
      hookSecrets: [cxoneHook],
      agentSessions: true,
      pollEverySec: POLL_SEC,
      customFields: CASE_FIELDS,
      card: { frameAncestors: [] },
      transfers: { entryNumbers: CXONE_NUMBERS, fallbackQueue: FALLBACK_QUEUE },
    },
  };
  const { platforms, faults } = readPlatforms(given, {}, rate);
  if (faults.length > 0) throw new Error(`The twins' own configuration is at fault: ${faults.join(' ')}`);
  return platforms;
}

/** Custom fields that the twin's tenant has, beside those that carry the handoff itself. */
const CASE_FIELDS = [...TEXT_FIELDS, ...JSON_FIELDS, ...CUSTOMER_FIELDS, PII_MASKED, 'Topic'];

/** What the file leaves open of channels: messages by the twins, links to this very process, callbacks by the Genesys twin. */
export function twinChannels(
  { channels, deflection, callbacks }: ChannelsGiven,
  { port, twinPort }: { readonly port: number; readonly twinPort: number },
): ChannelsGiven {
  const [ours, theirs] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${twinPort + THIRD_TWIN}`];
  const { accountSid, authToken } = DEMO_TWILIO;
  const { applicationId, apiKey, signatureSecret } = DEMO_VONAGE;
  const sms = channelFields.channels.parse({
    sms: {
      webhookUrl: ours,
      providers: {
        twilio: { kind: 'twilio', apiUrl: theirs, accountSid, authToken, numbers: DEMO_TWILIO.numbers },
        vonage: {
          kind: 'vonage',
          apiUrl: theirs,
          applicationId,
          apiKey,
          signatureSecret,
          privateKey: TWINS_OWN_KEY,
          numbers: DEMO_VONAGE.numbers,
        },
      },
    },
  });
  return {
    channels: channels.sms ? channels : sms,
    deflection: { ...deflection, brand: deflection.brand ?? 'Example', publicUrl: deflection.publicUrl ?? ours },
    callbacks: {
      ...callbacks,
      platform: callbacks.platform ?? 'genesys_cloud',
      queue: callbacks.queue ?? FALLBACK_QUEUE,
    },
  };
}

export type TwinDeskSecrets = { readonly openMessaging: string; readonly ownChannel: string };

/** The variables that stand for secrets which nobody has to set, since the twins are told them, too. */
const DESK_SECRETS = { openMessaging: 'TWIN_OPEN_MESSAGING_SECRET', ownChannel: 'TWIN_OWN_CHANNEL_SECRET' } as const;

/** A file may name them as well, for the people of twins that it says something else of. */
export function twinDeskEnv({ openMessaging, ownChannel }: TwinDeskSecrets): Readonly<Record<string, string>> {
  return { [DESK_SECRETS.openMessaging]: openMessaging, [DESK_SECRETS.ownChannel]: ownChannel };
}

/**
 * A front desk that answers whoever opens a link, or `/c/chat`, and the people of both twins: whoever asks for a digital skill of CXone's gets
 * theirs, everybody else Genesys Cloud's. `path` is from where its flows are named.
 */
export function twinChat(port: number): { readonly section: ChatSection; readonly path: string } {
  const section = chatSection.parse({
    publicUrl: `http://127.0.0.1:${port}`,
    bot: 'front-desk',
    bots: {
      'front-desk': { flowFile: 'bots/front-desk.yaml', fallback: 'plain' },
      plain: { flowFile: 'bots/plain.yaml' },
    },
    desk: [
      {
        platform: 'genesys_cloud',
        openMessaging: { integrationId: OPEN_INTEGRATION_ID, secretEnvs: [DESK_SECRETS.openMessaging] },
      },
      {
        platform: 'nice_cxone',
        queues: DIGITAL_SKILLS,
        ownChannel: {
          channelId: OWN_CHANNEL,
          clientId: OWN_CHANNEL_CLIENT_ID,
          clientSecretEnv: DESK_SECRETS.ownChannel,
          customFields: ['Topic', 'intent', 'authenticationStatus', 'accountNumber', 'sentiment', 'previousQueue'],
        },
      },
    ],
  });
  return { section, path: fileURLToPath(new URL('../examples/throughline.yaml', import.meta.url)) };
}

/** The configuration once the twin has said its key. */
export function withTwinsKey<Configured extends { readonly channels: ChannelsConfig }>(
  config: Configured,
  key: string | undefined,
): Configured {
  const { sms } = config.channels;
  if (!sms || key === undefined) return config;
  const routes = new Map(
    [...sms.routes].map(([name, entry]) => [
      name,
      entry.kind === 'vonage' && entry.privateKey === TWINS_OWN_KEY ? { ...entry, privateKey: key } : entry,
    ]),
  );
  return { ...config, channels: { ...config.channels, sms: { ...sms, routes } } };
}
