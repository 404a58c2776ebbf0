// Owns Twilio's paths: Messages of API 2010-04-01, Basic authentication, and its error format
// (https://www.twilio.com/docs/usage/twilios-response).

import { isRecord, type TwinRequest, type TwinResponse } from '../exchange.ts';
import type { WordedFault } from '../front.ts';
import type { Handsets } from './handsets.ts';
import { TWILIO_STATUSES, type TwilioAccount, type TwilioMessage } from './twilio-account.ts';

const BASE = /^\/2010-04-01\/Accounts\/([^/]+)\/Messages(?:\/([^/]+))?\.json$/;
const E164 = /^\+[1-9]\d{6,14}$/;
const LONGEST_BODY = 1_600;
const LONGEST_VALIDITY_SEC = 36_000;

export type TwilioApi = {
  owns(path: string): boolean;
  answer(request: TwinRequest): TwinResponse;
  fail(fault: WordedFault): TwinResponse;
};

export function createTwilioApi(account: TwilioAccount, handsets: Handsets): TwilioApi {
  const { identity } = account;
  return {
    owns: (path) => path.startsWith('/2010-04-01/'),
    answer(request) {
      const [, accountSid, sid] = BASE.exec(request.path) ?? [];
      if (!isKnown(account, request)) return error(401, 20003, 'Authenticate');
      if (accountSid !== identity.accountSid) return missing(request.path);
      if (request.method === 'POST' && sid === undefined) return create(account, handsets, request.body);
      if (request.method !== 'GET') return error(405, 20004, 'Method not allowed');
      if (sid === undefined) return list(account, request.query);
      const message = account.get(sid);
      return message === undefined ? missing(request.path) : { status: 200, body: wireMessage(account, message) };
    },
    fail(fault) {
      if (fault === '429') return { ...error(429, 20429, 'Too Many Requests'), headers: { 'Retry-After': '1' } };
      if (fault === '500') return error(500, 20500, 'Internal Server Error');
      return error(401, 20003, 'Authenticate');
    },
  };
}

function isKnown({ identity }: TwilioAccount, request: TwinRequest): boolean {
  const encoded = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [username = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const password = rest.join(':');
  const expected = username === identity.accountSid ? identity.authToken : identity.apiKeys?.[username];
  return expected !== undefined && expected === password;
}

function create(account: TwilioAccount, handsets: Handsets, body: unknown): TwinResponse {
  const field = (name: string) => {
    const value = isRecord(body) ? body[name] : undefined;
    return value === undefined ? '' : String(value);
  };
  const [to, from, text] = [field('To'), field('From'), field('Body')];
  if (to === '') return error(400, 21604, "A 'To' phone number is required.");
  if (from === '') return error(400, 21603, "A 'From' phone number is required.");
  if (text === '') return error(400, 21602, 'Message body is required.');
  if (text.length > LONGEST_BODY)
    return error(400, 21617, 'The concatenated message body exceeds the 1600 character limit.');
  if (!E164.test(to)) return error(400, 21211, "Invalid 'To' Phone Number");
  if (!account.identity.numbers.includes(from)) {
    return error(400, 21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number.");
  }
  const validity = field('ValidityPeriod');
  if (validity !== '' && !(Number(validity) >= 1 && Number(validity) <= LONGEST_VALIDITY_SEC)) {
    return error(400, 90007, 'Invalid validity period value');
  }
  if (handsets.hasOptedOut(to, from)) return error(400, 21610, 'Attempt to send to unsubscribed recipient');
  const callback = field('StatusCallback');
  if (callback !== '' && URL.parse(callback) === null) return error(400, 21609, 'The StatusCallback URL is not valid.');
  const statusCallback = callback === '' ? undefined : callback;
  return { status: 201, body: wireMessage(account, account.create({ from, to, text, statusCallback })) };
}

function list(account: TwilioAccount, query: URLSearchParams): TwinResponse {
  const size = Math.min(Math.max(1, Number(query.get('PageSize') ?? 50) || 50), 1_000);
  const found = account.list({ to: query.get('To'), from: query.get('From') });
  const messages = found.slice(0, size).map((each) => wireMessage(account, each));
  const uri = `/2010-04-01/Accounts/${account.identity.accountSid}/Messages.json?${query}`;
  return {
    status: 200,
    body: { messages, page: 0, page_size: size, start: 0, end: messages.length, uri, next_page_uri: null },
  };
}

function wireMessage({ identity }: TwilioAccount, message: TwilioMessage) {
  const path = `/2010-04-01/Accounts/${identity.accountSid}/Messages/${message.id}`;
  const isSent = message.stage !== 'queued';
  return {
    account_sid: identity.accountSid,
    api_version: '2010-04-01',
    body: message.text,
    date_created: rfc2822(message.createdAt),
    date_sent: isSent ? rfc2822(message.updatedAt) : null,
    date_updated: rfc2822(message.updatedAt),
    direction: 'outbound-api',
    error_code: message.errorCode === undefined ? null : Number(message.errorCode),
    error_message: null,
    from: message.from,
    messaging_service_sid: null,
    num_media: '0',
    num_segments: String(Math.max(1, Math.ceil(message.text.length / 153))),
    price: null,
    price_unit: 'USD',
    sid: message.id,
    status: TWILIO_STATUSES[message.stage],
    subresource_uris: { media: `${path}/Media.json` },
    to: message.to,
    uri: `${path}.json`,
  };
}

/** Such as `Thu, 24 Aug 2023 05:01:45 +0000`. */
function rfc2822(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

function missing(path: string): TwinResponse {
  return error(404, 20404, `The requested resource ${path} was not found`);
}

function error(status: number, code: number, message: string): TwinResponse {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}
