// Owns Twilio's status callback: a signed form for every change of an outbound message
// (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status). Its fields grow without notice, so what is not
// known is ignored, and its order is not guaranteed.

import { refIn } from './send-ref.ts';
import type { HookReading, HookRequest, SmsHook, SmsStatusSaid } from './sms-hook.ts';
import { twilioReason, twilioStatus } from './twilio-reasons.ts';
import { formIn, twilioVerifier } from './twilio-signature.ts';

const SID = /^(SM|MM)[0-9a-fA-F]{32}$/;

export function twilioStatusHook(secrets: {
  readonly authTokens: readonly string[];
  readonly url: string;
}): SmsHook<SmsStatusSaid> {
  return { verify: twilioVerifier(secrets), read: readTwilioStatus };
}

function readTwilioStatus({ rawBody, query }: HookRequest): HookReading<SmsStatusSaid> {
  const form = formIn(rawBody);
  const messageId = form?.get('MessageSid') ?? form?.get('SmsSid') ?? '';
  const word = form?.get('MessageStatus') ?? form?.get('SmsStatus') ?? '';
  if (!SID.test(messageId)) return { kind: 'unreadable', problem: 'no MessageSid' };
  if (word === '') return { kind: 'unreadable', problem: 'no MessageStatus' };
  const status = twilioStatus(word);
  const reason = twilioReason(form?.get('ErrorCode') ?? undefined);
  return {
    kind: 'said',
    said: {
      messageId,
      report: { status, ...(reason !== undefined && { reason }) },
      ...refIn(new URLSearchParams(query).get('ref')),
      dedupeId: `${messageId}.${status}`,
    },
  };
}
