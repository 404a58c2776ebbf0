// Owns a Twilio account as the twin plays it: its credentials, its numbers, its messages, and what the vendor posts to hooks about
// them, signed with the account's auth token (https://www.twilio.com/docs/usage/webhooks/webhooks-security).

import { createHmac } from 'node:crypto';
import { drawUuid } from '../seeded-random.ts';
import type { Callbacks } from './callbacks.ts';
import type { Handsets } from './handsets.ts';
import { beginJourney, type JourneyParts, type Sent, type Stage } from './sms-journey.ts';

export type TwilioIdentity = {
  readonly accountSid: string;
  readonly authToken: string;
  /** API keys beside the auth token. */
  readonly apiKeys?: Readonly<Record<string, string>>;
  readonly numbers: readonly string[];
};

export type TwilioMessage = Sent & { readonly statusCallback: string | undefined };

export type TwilioAccount = {
  readonly identity: TwilioIdentity;
  create(message: { from: string; to: string; text: string; statusCallback: string | undefined }): TwilioMessage;
  get(sid: string): TwilioMessage | undefined;
  /** Newest first. */
  list(filter: { to: string | null; from: string | null }): readonly TwilioMessage[];
  /** A customer's message comes in; it is told to the number's webhook, if there is one. */
  receive(reply: { from: string; to: string; text: string }): { readonly messageId: string };
  clear(): void;
};

export const TWILIO_STATUSES: Readonly<Record<Stage, string>> = {
  queued: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
};

/** "Twilio's support for opt-out keywords (SMS STOP filtering)", and the keywords of Advanced Opt-Out's default list. */
const STOP = /^\s*(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)\s*$/i;
const START = /^\s*(start|yes|unstop)\s*$/i;
const HELP = /^\s*(help|info)\s*$/i;
const REPLIES = {
  STOP: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  START:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
  HELP: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
} as const;
const API_VERSION = '2010-04-01';

export type TwilioParts = JourneyParts & {
  readonly random: () => number;
  readonly callbacks: Callbacks;
  /** The webhook of all the account's numbers. */
  readonly replyUrl: () => string | undefined;
};

export function createTwilioAccount(identity: TwilioIdentity, parts: TwilioParts): TwilioAccount {
  const messages = new Map<string, TwilioMessage>();
  const newSid = () => `SM${drawUuid(parts.random).replaceAll('-', '')}`;

  function post(url: string | undefined, topic: string, fields: Readonly<Record<string, string>>): void {
    if (url === undefined) return;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': twilioSignature(identity.authToken, url, fields),
      'i-twilio-idempotency-token': drawUuid(parts.random),
    };
    const body = new URLSearchParams(fields).toString();
    parts.callbacks.send({ topic, hook: { url, headers }, body, repeats: 'where-unanswered' });
  }

  function tell(message: TwilioMessage): void {
    const status = TWILIO_STATUSES[message.stage];
    post(message.statusCallback, `twilio.${message.id}.${status}`, {
      AccountSid: identity.accountSid,
      ApiVersion: API_VERSION,
      From: message.from,
      MessageSid: message.id,
      MessageStatus: status,
      SmsSid: message.id,
      SmsStatus: status,
      To: message.to,
      ...(message.errorCode !== undefined && { ErrorCode: message.errorCode }),
    });
  }

  return {
    identity,
    create({ statusCallback, ...message }) {
      const sent: TwilioMessage = Object.assign(
        beginJourney(parts, { ...message, id: newSid(), vendor: 'twilio', onStage: () => tell(sent) }),
        { statusCallback },
      );
      messages.set(sent.id, sent);
      return sent;
    },
    get: (sid) => messages.get(sid),
    list: ({ to, from }) =>
      [...messages.values()]
        .filter((each) => (to === null || each.to === to) && (from === null || each.from === from))
        .reverse(),
    receive({ from, to, text }) {
      const messageId = newSid();
      const type = answerKeyword(parts.handsets, { from, to, text });
      if (type !== undefined) {
        const id = newSid();
        parts.handsets.arrive({ id, vendor: 'twilio', from: to, to: from, text: REPLIES[type], at: parts.clock.now() });
      }
      post(parts.replyUrl(), `twilio.${messageId}.received`, {
        AccountSid: identity.accountSid,
        ApiVersion: API_VERSION,
        Body: text,
        From: from,
        MessageSid: messageId,
        NumMedia: '0',
        NumSegments: '1',
        SmsMessageSid: messageId,
        SmsSid: messageId,
        SmsStatus: 'received',
        To: to,
        ...(type !== undefined && { OptOutType: type }),
      });
      return { messageId };
    },
    clear: () => messages.clear(),
  };
}

/** What Twilio does by itself with a keyword; undefined when the text is none. */
function answerKeyword(
  handsets: Handsets,
  { from, to, text }: { from: string; to: string; text: string },
): keyof typeof REPLIES | undefined {
  if (STOP.test(text)) {
    handsets.optOut(from, to);
    return 'STOP';
  }
  if (START.test(text) && handsets.hasOptedOut(from, to)) {
    handsets.optIn(from, to);
    return 'START';
  }
  return HELP.test(text) ? 'HELP' : undefined;
}

function twilioSignature(authToken: string, url: string, fields: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(fields).sort();
  const text = url + sorted.map((name) => name + (fields[name] ?? '')).join('');
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64');
}
