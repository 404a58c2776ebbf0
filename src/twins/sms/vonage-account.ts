// Owns a Vonage account as the twin plays it: its application with its key, its messages, and what the vendor posts to hooks about
// them, signed with the account's signature secret (https://developer.vonage.com/en/messages/concepts/signed-webhooks).

import { createHmac, generateKeyPairSync, hash } from 'node:crypto';
import { drawUuid } from '../seeded-random.ts';
import type { Callbacks } from './callbacks.ts';
import { beginJourney, type JourneyParts, type Sent, type Stage } from './sms-journey.ts';

export type VonageIdentity = {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly signatureSecret: string;
  readonly applicationId: string;
  /** PEM. Without one the twin makes a pair, and its control surface gives the private key away. */
  readonly publicKey?: string;
  readonly numbers: readonly string[];
};

export type VonageMessage = Sent & { readonly clientRef: string | undefined; readonly statusUrl: string | undefined };

export type VonageAccount = {
  readonly identity: VonageIdentity;
  keys(): { readonly publicKey: string; readonly privateKey: string | undefined };
  create(message: {
    from: string;
    to: string;
    text: string;
    clientRef: string | undefined;
    statusUrl: string | undefined;
  }): VonageMessage;
  receive(reply: { from: string; to: string; text: string }): { readonly messageId: string };
};

const STATUSES: Readonly<Record<Stage, string | undefined>> = {
  queued: undefined,
  sent: 'submitted',
  delivered: 'delivered',
  undelivered: 'rejected',
  failed: 'rejected',
};
const STOP = /^\s*(stop|end|quit|cancel|unsubscribe)\s*$/i;
const START = /^\s*(start|unstop)\s*$/i;
const REPLIES = { STOP: 'You are opted out.', START: 'You are opted in.' } as const;
const UNKNOWN_ERROR = '1330';
const OPTED_OUT = '1240';

export type VonageParts = JourneyParts & {
  readonly random: () => number;
  readonly callbacks: Callbacks;
  readonly replyUrl: () => string | undefined;
  /** Whether the account has Opt-Out Assist. */
  readonly optOutAssist: () => boolean;
};

export function createVonageAccount(identity: VonageIdentity, parts: VonageParts): VonageAccount {
  const { clock, random, handsets, callbacks } = parts;
  let keys: ReturnType<VonageAccount['keys']> | undefined;

  function post(url: string | undefined, topic: string, payload: object): void {
    if (url === undefined) return;
    const body = JSON.stringify(payload);
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${signedToken(identity, body, clock.now(), drawUuid(random))}`,
    };
    callbacks.send({ topic, hook: { url, headers }, body, repeats: 'while-refused' });
  }

  function tell(message: VonageMessage): void {
    const status = STATUSES[message.stage];
    if (status === undefined) return;
    post(message.statusUrl, `vonage.${message.id}.${status}`, {
      message_uuid: message.id,
      to: bare(message.to),
      from: bare(message.from),
      timestamp: new Date(message.updatedAt).toISOString(),
      status,
      channel: 'sms',
      ...(message.clientRef !== undefined && { client_ref: message.clientRef }),
      ...(status === 'rejected' && { error: wireError(message.errorCode ?? UNKNOWN_ERROR, drawUuid(random)) }),
      ...(status === 'submitted' && { usage: { currency: 'EUR', price: '0.0333' }, sms: { count_total: '1' } }),
    });
  }

  return {
    identity,
    keys() {
      keys ??= identity.publicKey === undefined ? newKeys() : { publicKey: identity.publicKey, privateKey: undefined };
      return keys;
    },
    create({ clientRef, statusUrl, ...message }) {
      const isBlocked = parts.optOutAssist() && handsets.hasOptedOut(message.to, message.from);
      const begin = {
        ...message,
        id: drawUuid(random),
        vendor: 'vonage',
        blockedBy: isBlocked ? OPTED_OUT : undefined,
      };
      const sent: VonageMessage = Object.assign(beginJourney(parts, { ...begin, onStage: () => tell(sent) }), {
        clientRef,
        statusUrl,
      });
      return sent;
    },
    receive({ from, to, text }) {
      const messageId = drawUuid(random);
      const keyword = parts.optOutAssist() ? keywordIn(text) : undefined;
      if (keyword === 'STOP') handsets.optOut(from, to);
      if (keyword === 'START') handsets.optIn(from, to);
      if (keyword !== undefined) {
        const answer = { id: drawUuid(random), vendor: 'vonage', from: to, to: from, text: REPLIES[keyword] };
        handsets.arrive({ ...answer, at: clock.now() });
      }
      post(parts.replyUrl(), `vonage.${messageId}.received`, {
        channel: 'sms',
        message_uuid: messageId,
        to: bare(to),
        from: bare(from),
        timestamp: new Date(clock.now()).toISOString(),
        message_type: 'text',
        text,
        sms: { num_messages: '1', keyword: (text.trim().split(/\s+/)[0] ?? '').toUpperCase() },
      });
      return { messageId };
    },
  };
}

function keywordIn(text: string): keyof typeof REPLIES | undefined {
  if (STOP.test(text)) return 'STOP';
  return START.test(text) ? 'START' : undefined;
}

function signedToken(identity: VonageIdentity, body: string, now: number, jti: string): string {
  const claims = {
    iat: Math.floor(now / 1_000),
    jti,
    iss: 'Vonage',
    payload_hash: hash('sha256', body),
    api_key: identity.apiKey,
    application_id: identity.applicationId,
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', identity.signatureSecret).update(signed).digest('base64url')}`;
}

function bare(number: string): string {
  return number.replace(/^\+/, '');
}

function wireError(code: string, instance: string) {
  return {
    type: `https://developer.vonage.com/api-errors/messages#${code}`,
    title: Number(code),
    detail: `See ${code} in the list of errors.`,
    instance,
  };
}

function newKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
