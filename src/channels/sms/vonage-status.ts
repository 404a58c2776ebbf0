// Owns Vonage's status webhook of the Messages API v1: signed JSON for every change of a message
// (https://developer.vonage.com/en/messages/concepts/messages-status-callbacks).

import { z } from 'zod';
import { jsonOf } from './answer-failure.ts';
import { refIn } from './send-ref.ts';
import type { HookReading, HookRequest, SmsHook, SmsStatusSaid } from './sms-hook.ts';
import { vonageCode, vonageReason, vonageStatus } from './vonage-reasons.ts';
import { type VonageSecrets, vonageVerifier } from './vonage-signature.ts';

const wireStatus = z.object({
  message_uuid: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  status: z.string().max(40),
  client_ref: z.string().optional(),
  error: z.object({ type: z.unknown().optional(), title: z.unknown().optional() }).nullish(),
});

export function vonageStatusHook(secrets: VonageSecrets): SmsHook<SmsStatusSaid> {
  return { verify: vonageVerifier(secrets), read: readVonageStatus };
}

const utf8 = new TextDecoder('utf-8');

function readVonageStatus({ rawBody }: HookRequest): HookReading<SmsStatusSaid> {
  const read = wireStatus.safeParse(jsonOf(utf8.decode(rawBody)));
  if (!read.success)
    return { kind: 'unreadable', problem: read.error.issues.map(({ path }) => path.join('.')).join(', ') };
  const { message_uuid: messageId, client_ref: ref, error } = read.data;
  const status = vonageStatus(read.data.status);
  const failed = status === 'failed' || status === 'undelivered';
  return {
    kind: 'said',
    said: {
      messageId,
      report: { status, ...(failed && { reason: vonageReason(vonageCode(error ?? {})) }) },
      ...refIn(ref),
      dedupeId: `${messageId}.${status}`,
    },
  };
}
