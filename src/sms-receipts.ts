// Owns the receipts of providers that call no hook: whoever sent a message asks after it, a few times in the time that a receipt is waited for and
// some minutes beyond. What is not heard so is unconfirmed, as any receipt that never came; a restart asks no more. Part of the composition root.

import type { SmsRoute } from './channels/sms/sms-channel.ts';
import type { SmsReport } from './channels/sms/sms-status.ts';
import type { Clock } from './clock.ts';

export type SmsReceipt = { readonly ref: string; readonly messageId: string; readonly report: SmsReport };

/** From one look to the next. */
const PAUSES_MS = [2_000, 3_000, 5_000, 8_000, 15_000, 30_000, 60_000, 120_000] as const;
const ENDS: ReadonlySet<SmsReport['status']> = new Set(['delivered', 'undelivered', 'failed']);

export type SmsReceiptsParts = {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly closing: AbortSignal;
  readonly tell: (receipt: SmsReceipt) => Promise<void>;
};

/** Asks after a message until its end is known, told once, or nobody waits any more. */
export async function awaitReceipt(
  { provider }: Pick<SmsRoute, 'provider'>,
  { ref, messageId }: Pick<SmsReceipt, 'ref' | 'messageId'>,
  { clock, closing, tell }: SmsReceiptsParts,
): Promise<void> {
  const { look, capabilities } = provider;
  if (!look || capabilities.receipts !== 'look') return;
  for (const pauseMs of PAUSES_MS) {
    await clock.sleep(pauseMs, closing);
    if (closing.aborted) return;
    const seen = await look(messageId, { signal: closing, mayStart: () => !closing.aborted });
    if (seen.kind === 'rejected') return;
    if (seen.kind !== 'done' || !ENDS.has(seen.value.status)) continue;
    return await tell({ ref, messageId, report: seen.value });
  }
}
