// Owns Vonage's inbound webhook of the Messages API v1 for a customer's text: signed JSON, numbers without their plus. Its first
// word in `sms.keyword` is no finding of an opt-out; that is ours (`opt-out.ts`).

import { z } from 'zod';
import { jsonOf } from './answer-failure.ts';
import type { HookReading, HookRequest, SmsHook, SmsReplySaid } from './sms-hook.ts';
import { type VonageSecrets, vonageVerifier } from './vonage-signature.ts';

const digits = z.string().regex(/^\+?[0-9]{5,15}$/);
const wireInbound = z.object({
  message_uuid: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  from: digits,
  to: z.string().max(20),
  channel: z.literal('sms'),
  text: z.string().default(''),
});
const utf8 = new TextDecoder('utf-8');

export function vonageReplyHook(secrets: VonageSecrets): SmsHook<SmsReplySaid> {
  return { verify: vonageVerifier(secrets), read: readVonageReply };
}

function readVonageReply({ rawBody }: HookRequest): HookReading<SmsReplySaid> {
  const read = wireInbound.safeParse(jsonOf(utf8.decode(rawBody)));
  if (!read.success)
    return { kind: 'unreadable', problem: read.error.issues.map(({ path }) => path.join('.')).join(', ') };
  const { message_uuid: messageId, from, to, text } = read.data;
  return { kind: 'said', said: { messageId, from: plus(from), to: plus(to), text, keyword: null } };
}

function plus(number: string): string {
  return /^[0-9]{7,15}$/.test(number) ? `+${number}` : number;
}
