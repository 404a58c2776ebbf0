// Owns the providers of text messages of one world: the twin of both with the customers' telephones, and how a node is connected with them.

import { generateKeyPairSync } from 'node:crypto';
import type { SendRequest } from '../../../src/channels/send-request.ts';
import { type SmsChannel, type SmsRoute, smsChannel } from '../../../src/channels/sms/sms-channel.ts';
import { twilioProvider } from '../../../src/channels/sms/twilio-provider.ts';
import { twilioReplyHook } from '../../../src/channels/sms/twilio-reply.ts';
import { twilioStatusHook } from '../../../src/channels/sms/twilio-status.ts';
import { vonageProvider } from '../../../src/channels/sms/vonage-provider.ts';
import { vonageReplyHook } from '../../../src/channels/sms/vonage-reply.ts';
import { vonageStatusHook } from '../../../src/channels/sms/vonage-status.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { SuppressionBook } from '../../../src/journal/suppression-book.ts';
import { exchange, type Fetch } from '../../../src/platforms/http.ts';
import type { ServedSmsHook } from '../../../src/server/deflection-parts.ts';
import { smsHooksOf } from '../../../src/sms-hooks.ts';
import { drawUuid } from '../../../src/twins/seeded-random.ts';
import { createSmsTwin, DEMO_TWILIO, DEMO_VONAGE, type SmsTwin } from '../../../src/twins/sms/sms-twin.ts';
import type { VirtualClock } from '../../../src/twins/virtual-clock.ts';
import type { Chance } from '../chance.ts';
import { HOUSE, TEXT_TIMEOUT_MS } from './terms.ts';

export type RouteName = 'twilio' | 'vonage';

const LARGEST_ANSWER_BYTES = 1024 * 1024;
/** Made once: it takes longer than a world's beginning, and no signature shows in a trace. */
const PAIR = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

export function textProviders(parts: {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly fetch: typeof fetch;
}): SmsTwin {
  const { clock, chance, fetch } = parts;
  return createSmsTwin({
    clock,
    fetch,
    random: chance.draw,
    settleMs: chance.between(100, 2_000),
    vonage: { ...DEMO_VONAGE, publicKey: PAIR.publicKey },
  });
}

/** What a person does at the providers' control surface. */
export function control(twin: SmsTwin, method: string, path: string, body: unknown) {
  return twin.answer({ method, path, query: new URLSearchParams(), headers: {}, body, loopback: true });
}

/** Where customers' replies are told. */
export async function connectReplies(twin: SmsTwin): Promise<void> {
  await control(twin, 'PUT', '/twin/settings', {
    twilioReplyUrl: `${HOUSE}/hooks/twilio/reply`,
    vonageReplyUrl: `${HOUSE}/hooks/vonage/reply`,
  });
}

type NodesWire = {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly journal: Journal;
  readonly random: () => number;
};

/** As one process sends. */
export function textsOf(routes: readonly RouteName[], { clock, fetch, journal, random }: NodesWire): SmsChannel {
  const send: SendRequest = (request, call) =>
    exchange(request, call, { fetch, clock, timeoutMs: TEXT_TIMEOUT_MS, maxBytes: LARGEST_ANSWER_BYTES });
  const providers: Readonly<Record<RouteName, SmsRoute>> = {
    twilio: {
      senders: DEMO_TWILIO.numbers.map((number) => ({ number })),
      provider: twilioProvider({
        apiUrl: 'http://api.twilio.sim',
        accountSid: DEMO_TWILIO.accountSid,
        username: DEMO_TWILIO.accountSid,
        password: DEMO_TWILIO.authToken,
        statusUrl: `${HOUSE}/hooks/twilio/status`,
        send,
      }),
    },
    vonage: {
      senders: DEMO_VONAGE.numbers.map((number) => ({ number })),
      provider: vonageProvider({
        apiUrl: 'http://api.vonage.sim',
        applicationId: DEMO_VONAGE.applicationId,
        privateKey: PAIR.privateKey,
        statusUrl: `${HOUSE}/hooks/vonage/status`,
        clock,
        send,
        newId: () => drawUuid(random),
      }),
    },
  };
  return smsChannel({
    routes: new Map(routes.map((name) => [name, providers[name]])),
    suppression: new SuppressionBook(journal, clock),
    senderKey: journal.keyedHash('sms', 'senders'),
  });
}

/** The hooks as a node serves them; the channel is that of whichever process it is by then. */
export function textHooks(
  channel: Pick<SmsChannel, 'noteReport' | 'noteReply'>,
  clock: Pick<Clock, 'now'>,
): readonly ServedSmsHook[] {
  const at = (what: string) => ({ authTokens: [DEMO_TWILIO.authToken], url: `${HOUSE}/hooks/twilio/${what}` });
  const secrets = { apiKey: DEMO_VONAGE.apiKey, signatureSecrets: [DEMO_VONAGE.signatureSecret], clock };
  return [
    ...smsHooksOf('twilio', channel, {
      vendor: 'twilio',
      status: twilioStatusHook(at('status')),
      reply: twilioReplyHook(at('reply')),
    }),
    ...smsHooksOf('vonage', channel, {
      vendor: 'vonage',
      status: vonageStatusHook(secrets),
      reply: vonageReplyHook(secrets),
    }),
  ];
}
