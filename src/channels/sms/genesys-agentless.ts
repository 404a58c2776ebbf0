// Owns Genesys Cloud as a way to text without an agent: `POST /api/v2/conversations/messages/agentless`
// (GitHub MyPureCloud/developer-center-blog 2024-09-27-agentless-sms-api). It takes no reference of ours and lists no messages, so a
// send whose answer was lost is unlookable (H5); statuses come only to whoever asks. The token and the quota are the
// platform's, so its line comes in as an argument.

import { z } from 'zod';
import type { Outcome } from '../../outcome.ts';
import type { ChannelCall } from '../send-request.ts';
import { jsonOf } from './answer-failure.ts';
import type { SmsProvider } from './sms-provider.ts';
import type { SmsReport, SmsStatus } from './sms-status.ts';

/** One request under the platform's credential: `done` is a 2xx with its body unread. */
export type SendGenesys = (
  request: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
  call: ChannelCall,
) => Promise<Outcome<{ readonly body: string | undefined }>>;

const MESSAGES = '/api/v2/conversations/messages';
const SETTLE_MS = 5_000;

const wireSent = z.object({ id: z.string().min(1).max(128) });
const wireDetails = z.object({ status: z.string() });

/** `MessageData.status` of the SDK's models. */
const STATUSES: Readonly<Record<string, SmsStatus>> = {
  queued: 'queued',
  sent: 'sent',
  'delivery-success': 'delivered',
  read: 'delivered',
  'delivery-failed': 'undelivered',
  failed: 'failed',
};

export function genesysAgentless({ send }: { readonly send: SendGenesys }): SmsProvider {
  return {
    vendor: 'genesys',
    maxTextUnits: 765,
    // Genesys answers STOP, START and HELP itself (help.mypurecloud.com/?p=152244).
    capabilities: { receipts: 'look', refInReceipts: false, settleMs: SETTLE_MS, answersKeywords: true },
    find: null,
    async send({ to, from, text }, call) {
      const body = {
        fromAddress: from,
        toAddress: to,
        toAddressMessengerType: 'sms',
        textBody: text,
        // By default Genesys refuses while the customer has a live text conversation with that number.
        useExistingActiveConversation: true,
      };
      const answer = await send({ method: 'POST', path: `${MESSAGES}/agentless`, body }, call);
      if (answer.kind !== 'done') return answer;
      const sent = wireSent.safeParse(jsonOf(answer.value.body));
      if (!sent.success) return { kind: 'ambiguous', code: 'unexpected-answer' };
      return { kind: 'done', value: { messageId: sent.data.id, report: { status: 'queued' } } };
    },
    async look(messageId, call) {
      const path = `${MESSAGES}/${encodeURIComponent(messageId)}/details`;
      const answer = await send({ method: 'GET', path }, call);
      if (answer.kind !== 'done') return answer;
      const details = wireDetails.safeParse(jsonOf(answer.value.body));
      if (!details.success) return { kind: 'transient', code: 'unexpected-answer' };
      return { kind: 'done', value: genesysReport(details.data.status) };
    },
  };
}

/** What a `messageStatus` says, whether it was looked up or came in a notification. Genesys gives no reason. */
export function genesysReport(word: string): SmsReport {
  const status = Object.hasOwn(STATUSES, word) ? (STATUSES[word] ?? 'unknown') : 'unknown';
  return { status, ...((status === 'failed' || status === 'undelivered') && { reason: 'unknown' as const }) };
}
