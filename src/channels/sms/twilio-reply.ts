// Owns Twilio's webhook for a customer's message: a signed form (https://www.twilio.com/docs/messaging/guides/webhook-request). With
// Advanced Opt-Out it says itself whether the message was a keyword.

import type { Keyword } from './opt-out.ts';
import type { HookReading, HookRequest, SmsHook, SmsReplySaid } from './sms-hook.ts';
import { formIn, twilioVerifier } from './twilio-signature.ts';

const KEYWORDS: Readonly<Record<string, Keyword>> = { STOP: 'stop', START: 'start', HELP: 'help' };
const SID = /^(SM|MM)[0-9a-fA-F]{32}$/;
const E164 = /^\+[0-9]{5,15}$/;

export function twilioReplyHook(secrets: {
  readonly authTokens: readonly string[];
  readonly url: string;
}): SmsHook<SmsReplySaid> {
  return { verify: twilioVerifier(secrets), read: readTwilioReply };
}

function readTwilioReply({ rawBody }: HookRequest): HookReading<SmsReplySaid> {
  const form = formIn(rawBody);
  const field = (name: string) => form?.get(name) ?? '';
  const [messageId, from, to] = [field('MessageSid'), field('From'), field('To')];
  if (!SID.test(messageId)) return { kind: 'unreadable', problem: 'no MessageSid' };
  if (!E164.test(from)) return { kind: 'unreadable', problem: 'From is not E.164' };
  const type = field('OptOutType').toUpperCase();
  const keyword = Object.hasOwn(KEYWORDS, type) ? (KEYWORDS[type] ?? null) : null;
  return { kind: 'said', said: { messageId, from, to, text: field('Body'), keyword } };
}
