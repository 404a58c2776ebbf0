// Owns Vonage's path: `POST /v1/messages` of the Messages API, authenticated by the application's JWT (RS256) or by key and secret,
// with problem documents as errors (https://developer.vonage.com/en/api/messages, https://developer.vonage.com/en/api-errors).

import { verify } from 'node:crypto';
import { isRecord, type TwinRequest, type TwinResponse } from '../exchange.ts';
import type { WordedFault } from '../front.ts';
import type { VonageAccount } from './vonage-account.ts';

const LONGEST_TEXT = 1_000;
const LONGEST_REF = 100;
/** A token without `exp` lives so long. */
const TOKEN_LIFE_SEC = 900;
const CLOCK_MARGIN_SEC = 60;
const PROBLEM = { 'content-type': 'application/problem+json' };
const ERRORS = 'https://developer.vonage.com/api-errors';

export type VonageApi = {
  owns(path: string): boolean;
  answer(request: TwinRequest): TwinResponse;
  fail(fault: WordedFault): TwinResponse;
};

export function createVonageApi(account: VonageAccount, now: () => number): VonageApi {
  return {
    owns: (path) => path.startsWith('/v1/messages'),
    answer(request) {
      const caller = callerOf(account, request, now());
      if (caller === undefined) return unauthorized();
      if (request.path !== '/v1/messages') return problem(404, `${ERRORS}#not-found`, 'Not Found', 'No such resource.');
      if (request.method !== 'POST') return problem(405, `${ERRORS}#method`, 'Method not allowed', 'Use POST.');
      return create(account, request.body, caller);
    },
    fail(fault) {
      if (fault === '429') {
        const limited = problem(
          429,
          `${ERRORS}/messages#1000`,
          'Throttled',
          'You have exceeded the submission capacity.',
        );
        return { ...limited, headers: { ...limited.headers, 'Retry-After': '1' } };
      }
      if (fault === '500') return problem(500, `${ERRORS}/messages#1030`, 'Internal error', 'There was an error.');
      return unauthorized();
    },
  };
}

type Caller = 'application' | 'account';

function callerOf({ identity, keys }: VonageAccount, request: TwinRequest, now: number): Caller | undefined {
  const [, scheme = '', credential = ''] = /^(basic|bearer) (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'basic') {
    const given = Buffer.from(credential, 'base64').toString('utf8');
    return given === `${identity.apiKey}:${identity.apiSecret}` ? 'account' : undefined;
  }
  const [header = '', payload = '', signature = ''] = credential.split('.');
  const claims = partOf(payload);
  if (!isRecord(claims) || !isRecord(partOf(header))) return undefined;
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    keys().publicKey,
    Buffer.from(signature, 'base64url'),
  );
  const { application_id, iat, exp, jti } = claims;
  if (!isSigned || application_id !== identity.applicationId || typeof iat !== 'number' || typeof jti !== 'string') {
    return undefined;
  }
  const seconds = now / 1_000;
  const until = typeof exp === 'number' ? exp : iat + TOKEN_LIFE_SEC;
  return iat <= seconds + CLOCK_MARGIN_SEC && until > seconds ? 'application' : undefined;
}

function create(account: VonageAccount, body: unknown, caller: Caller): TwinResponse {
  if (!isRecord(body)) return invalid('body', 'is not JSON');
  const { channel, message_type, to, from, text, client_ref, webhook_url, ttl } = body;
  if (channel !== 'sms') return invalid('channel', 'The twin carries sms only');
  if (message_type !== 'text') return invalid('message_type', 'must be text');
  if (typeof to !== 'string' || !/^[1-9]\d{6,14}$/.test(to))
    return invalid('to', 'must be E.164 without the plus', '1430');
  if (typeof from !== 'string' || !account.identity.numbers.includes(`+${from}`)) {
    return invalid('from', 'is invalid for the channel', '1420');
  }
  if (typeof text !== 'string' || text === '' || text.length > LONGEST_TEXT)
    return invalid('text', '1 to 1000 characters');
  if (client_ref !== undefined && (typeof client_ref !== 'string' || client_ref.length > LONGEST_REF)) {
    return invalid('client_ref', 'up to 100 characters', '1450');
  }
  if (ttl !== undefined && (typeof ttl !== 'number' || ttl < 20 || ttl > 604_800))
    return invalid('ttl', '20 to 604800', '1130');
  // Documented: Basic authentication does not support webhooks.
  const statusUrl = caller === 'application' && typeof webhook_url === 'string' ? webhook_url : undefined;
  const sent = account.create({ to: `+${to}`, from: `+${from}`, text, clientRef: client_ref, statusUrl });
  return { status: 202, body: { message_uuid: sent.id } };
}

function partOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function invalid(name: string, reason: string, code = '1020'): TwinResponse {
  const refusal = problem(
    422,
    `${ERRORS}/messages#${code}`,
    'Invalid params',
    'The value of one or more parameters is invalid.',
  );
  return { ...refusal, body: { ...(refusal.body as object), invalid_parameters: [{ name, reason }] } };
}

function unauthorized(): TwinResponse {
  return problem(401, `${ERRORS}#unauthorized`, 'Unauthorized', 'You did not provide correct credentials.');
}

function problem(status: number, type: string, title: string, detail: string): TwinResponse {
  return { status, headers: PROBLEM, body: { type, title, detail, instance: 'bf0ca0bf927b3b52e3cb03217e1a1ddf' } };
}
