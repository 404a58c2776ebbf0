// Owns Vonage as a way to text: Messages API v1 (https://developer.vonage.com/en/api/messages). It has no idempotency key and no
// call that finds a message, so a send whose answer was lost is unlookable; but every status carries our reference back (H5).

import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { ChannelRequest, SendRequest } from '../send-request.ts';
import { answerFailure, jsonOf, unreadableAnswer } from './answer-failure.ts';
import type { SmsMessage, SmsProvider } from './sms-provider.ts';
import { vonageCode, vonageReason } from './vonage-reasons.ts';
import { vonageTokens } from './vonage-token.ts';

export type VonageOptions = {
  /** Without a trailing slash; `https://api.nexmo.com`, or a region's host. */
  readonly apiUrl: string;
  readonly applicationId: string;
  /** PEM. */
  readonly privateKey: string;
  /** Our status hook as Vonage reaches it. */
  readonly statusUrl: string;
  /** Whether the account has Opt-Out Assist: then Vonage answers STOP itself. */
  readonly optOutAssist?: boolean;
  readonly clock: Clock;
  readonly send: SendRequest;
  readonly newId?: () => string;
};

/** Vonage asks for half an hour at least, and takes no less than 20 seconds. */
const SHORTEST_TTL_SEC = 1_800;
const SETTLE_MS = 5_000;

const wireTaken = z.object({ message_uuid: z.string().min(1).max(64) });
const wireProblem = z.object({ type: z.unknown().optional(), title: z.unknown().optional() });

/** Throws when the private key cannot be read: that is the configuration's fault. */
export function vonageProvider(options: VonageOptions): SmsProvider {
  const { apiUrl, statusUrl, clock, send, optOutAssist = false } = options;
  const token = vonageTokens(options);
  return {
    vendor: 'vonage',
    maxTextUnits: 1_000,
    capabilities: { receipts: 'hook', refInReceipts: true, settleMs: SETTLE_MS, answersKeywords: optOutAssist },
    find: null,
    look: null,
    async send(message, call) {
      const request: ChannelRequest = {
        method: 'POST',
        url: `${apiUrl}/v1/messages`,
        headers: {
          authorization: `Bearer ${token(clock.now())}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify(bodyOf(message, statusUrl)),
      };
      const answer = await send(request, call);
      if (answer.kind !== 'answer') return answer;
      const failure = answerFailure(request, answer);
      if (failure !== undefined) {
        const problem = wireProblem.safeParse(jsonOf(answer.body));
        const code = problem.success ? vonageCode(problem.data) : undefined;
        return code === undefined ? failure : { ...failure, reason: vonageReason(code), detail: `vonage ${code}` };
      }
      const taken = wireTaken.safeParse(jsonOf(answer.body));
      if (!taken.success) return unreadableAnswer(request);
      return { kind: 'done', value: { messageId: taken.data.message_uuid, report: { status: 'queued' } } };
    },
  };
}

/** Numbers go without their plus. */
function bodyOf({ to, from, text, ref, validForSec }: SmsMessage, statusUrl: string) {
  return {
    channel: 'sms',
    message_type: 'text',
    to: to.replace(/^\+/, ''),
    from: from.replace(/^\+/, ''),
    text,
    client_ref: ref,
    webhook_url: statusUrl,
    webhook_version: 'v1',
    ...(validForSec !== undefined && { ttl: Math.max(SHORTEST_TTL_SEC, Math.floor(validForSec)) }),
  };
}
