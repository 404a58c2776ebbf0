// Owns Twilio as a way to text: Messages resource of API 2010-04-01, form in, JSON out
// (https://www.twilio.com/docs/messaging/api/message-resource). It has no idempotency key, but its list of messages can be searched
// by both numbers, and ours can be told by its text: a send whose answer was lost is lookable (H5).

import { z } from 'zod';
import type { Instant } from '../../ids.ts';
import type { ChannelAnswer, ChannelCall, ChannelRequest, SendRequest } from '../send-request.ts';
import { answerFailure, jsonOf, unreadableAnswer } from './answer-failure.ts';
import type { SmsAccepted, SmsFound, SmsMessage, SmsOutcome, SmsProvider } from './sms-provider.ts';
import type { SmsReport } from './sms-status.ts';
import { twilioReason, twilioStatus } from './twilio-reasons.ts';

export type TwilioOptions = {
  /** Without a trailing slash; `https://api.twilio.com` unless the account lives in another region. */
  readonly apiUrl: string;
  readonly accountSid: string;
  /** The account and its auth token, or an API key and its secret. */
  readonly username: string;
  readonly password: string;
  /** Our status hook as Twilio reaches it, without a query. */
  readonly statusUrl: string;
  /** False where Twilio's handling of STOP, START and HELP was switched off. */
  readonly answersKeywords?: boolean;
  readonly send: SendRequest;
};

/** Twilio takes 1 to 36,000 seconds (error 90007). */
const LONGEST_VALIDITY_SEC = 36_000;
const SETTLE_MS = 5_000;
/** Clocks differ, and Twilio's dates have whole seconds. */
const CLOCK_MARGIN_MS = 60_000;
const NEWEST = 50;

const wireMessage = z.object({
  sid: z.string().min(1).max(64),
  status: z.string(),
  error_code: z.number().nullish(),
});
const wireListed = wireMessage.extend({
  body: z.string().nullish(),
  direction: z.string().optional(),
  date_created: z.string().optional(),
});
const wireList = z.object({ messages: z.array(wireListed) });
const wireError = z.object({ code: z.number() });

export function twilioProvider(options: TwilioOptions): SmsProvider {
  const { apiUrl, accountSid, username, password, statusUrl, answersKeywords = true, send } = options;
  const base = `${apiUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages`;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const headers = { authorization, accept: 'application/json' };

  const read = async <Value>(path: string, schema: z.ZodType<Value>, call: ChannelCall): Promise<SmsOutcome<Value>> => {
    const request: ChannelRequest = { method: 'GET', url: `${base}${path}`, headers };
    return readAs(request, await send(request, call), schema);
  };

  return {
    vendor: 'twilio',
    maxTextUnits: 1_600,
    capabilities: { receipts: 'hook', refInReceipts: true, settleMs: SETTLE_MS, answersKeywords },
    async send(message, call) {
      const request: ChannelRequest = {
        method: 'POST',
        url: `${base}.json`,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: formOf(message, statusUrl).toString(),
      };
      const taken = readAs(request, await send(request, call), wireMessage);
      return taken.kind === 'done' ? { kind: 'done', value: acceptedOf(taken.value) } : taken;
    },
    async find(message, since, call) {
      const query = new URLSearchParams({ To: message.to, From: message.from, PageSize: String(NEWEST) });
      const list = await read(`.json?${query}`, wireList, call);
      return list.kind === 'done' ? { kind: 'done', value: findIn(list.value.messages, message, since) } : list;
    },
    async look(messageId, call) {
      const found = await read(`/${encodeURIComponent(messageId)}.json`, wireMessage, call);
      return found.kind === 'done' ? { kind: 'done', value: reportOf(found.value) } : found;
    },
  };
}

function formOf({ to, from, text, ref, validForSec }: SmsMessage, statusUrl: string): URLSearchParams {
  const form = new URLSearchParams({ To: to, From: from, Body: text });
  // Twilio signs the whole URL, so nobody can put another reference into it (`twilio-signature.ts`).
  form.set('StatusCallback', `${statusUrl}?ref=${encodeURIComponent(ref)}`);
  if (validForSec !== undefined) {
    form.set('ValidityPeriod', String(Math.min(Math.max(1, Math.floor(validForSec)), LONGEST_VALIDITY_SEC)));
  }
  return form;
}

function acceptedOf(message: z.output<typeof wireMessage>): SmsAccepted {
  return { messageId: message.sid, report: reportOf(message) };
}

function reportOf({ status, error_code }: z.output<typeof wireMessage>): SmsReport {
  const reason = twilioReason(error_code);
  return { status: twilioStatus(status), ...(reason !== undefined && { reason }) };
}

/** An account that discards bodies (`ContentRetention`) leaves nothing to tell our message by. */
function findIn(messages: readonly z.output<typeof wireListed>[], ours: SmsMessage, since: Instant): SmsFound {
  const later = messages.filter(({ direction, date_created }) => {
    const at = Date.parse(date_created ?? '');
    return direction !== 'inbound' && (Number.isNaN(at) || at >= since - CLOCK_MARGIN_MS);
  });
  const same = later.find(({ body }) => body === ours.text);
  if (same !== undefined) return { kind: 'taken', accepted: acceptedOf(same) };
  return later.some(({ body }) => body === '' || body == null) ? { kind: 'unsure' } : { kind: 'not-there' };
}

function readAs<Value>(
  request: ChannelRequest,
  answer: ChannelAnswer | Exclude<SmsOutcome<Value>, { kind: 'done' }>,
  schema: z.ZodType<Value>,
): SmsOutcome<Value> {
  if (answer.kind !== 'answer') return answer;
  const json = jsonOf(answer.body);
  const failure = answerFailure(request, answer);
  if (failure !== undefined) {
    const error = wireError.safeParse(json);
    const reason = error.success ? twilioReason(error.data.code) : undefined;
    return reason === undefined ? failure : { ...failure, reason, detail: `twilio ${error.data?.code}` };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { kind: 'done', value: parsed.data } : unreadableAnswer(request);
}
