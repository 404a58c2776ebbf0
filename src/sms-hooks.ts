// Owns how a provider's hooks of text messages are served without the server knowing the provider: what a status settles, and what is kept of
// what a customer writes. Part of the composition root.

import type { SmsChannel } from './channels/sms/sms-channel.ts';
import type { SmsHook, SmsReplySaid, SmsStatusSaid } from './channels/sms/sms-hook.ts';
import type { ServedSmsHook } from './server/deflection-parts.ts';

export type VendorSmsHooks = {
  readonly vendor: 'twilio' | 'vonage';
  readonly status: SmsHook<SmsStatusSaid>;
  readonly reply: SmsHook<SmsReplySaid>;
};

/** Of the provider behind `route`. */
export function smsHooksOf(
  route: string,
  channel: Pick<SmsChannel, 'noteReport' | 'noteReply'>,
  { vendor, status, reply }: VendorSmsHooks,
): readonly ServedSmsHook[] {
  return [
    served(`${vendor}/status`, status, statusOf(channel)),
    served(`${vendor}/reply`, reply, (said) => ({
      kind: 'reply',
      async take() {
        await channel.noteReply(route, said);
      },
    })),
  ];
}

type Take<Said> = (said: Said) => ReturnType<ServedSmsHook['read']>;

function served<Said>(path: ServedSmsHook['path'], hook: SmsHook<Said>, take: Take<Said>): ServedSmsHook {
  return {
    path,
    verify: (request) => hook.verify(request),
    read(request) {
      const reading = hook.read(request);
      return reading.kind === 'said' ? take(reading.said) : reading;
    },
  };
}

/** What the machine is told is only what settles something: that the carrier has it does not. */
function statusOf(channel: Pick<SmsChannel, 'noteReport'>): Take<SmsStatusSaid> {
  return ({ ref, report, dedupeId }) => ({
    kind: 'status',
    status: endIn(report.status),
    dedupeId,
    ...(ref !== undefined && { ref }),
    ...(report.reason !== undefined && { reason: report.reason }),
    noteFor: (number) => channel.noteReport(number, report),
  });
}

function endIn(status: SmsStatusSaid['report']['status']): 'delivered' | 'failed' | null {
  if (status === 'delivered') return 'delivered';
  return status === 'failed' || status === 'undelivered' ? 'failed' : null;
}
