// Owns what becomes of a message after a vendor has taken it: queued, sent, and then what its customer's telephone does with it,
// each after its time and each told once, in order. Vendors differ in their words, not in this.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import type { Handsets } from './handsets.ts';

export type Stage = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed';

export type Sent = {
  readonly id: string;
  readonly vendor: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly createdAt: number;
  stage: Stage;
  errorCode: string | undefined;
  updatedAt: number;
};

export type JourneyParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly handsets: Handsets;
  /** From the acceptance to the last status. */
  readonly settleMs: () => number;
};

export type Begin = Pick<Sent, 'id' | 'vendor' | 'from' | 'to' | 'text'> & {
  /** The vendor's code of a message that it will not let go. */
  readonly blockedBy?: string | undefined;
  readonly onStage: (sent: Sent) => void;
};

/** Takes a message on its way. Its stage is `queued` when this returns. */
export function beginJourney(parts: JourneyParts, { blockedBy, onStage, ...message }: Begin): Sent {
  const { clock, schedule, handsets } = parts;
  const now = clock.now();
  const sent: Sent = { ...message, createdAt: now, updatedAt: now, stage: 'queued', errorCode: undefined };
  const reach = (stage: Stage, errorCode?: string) => {
    sent.stage = stage;
    sent.errorCode = errorCode;
    sent.updatedAt = clock.now();
    onStage(sent);
  };
  const settleMs = parts.settleMs();
  schedule.after(settleMs / 2, () => {
    const fate = handsets.fateOf(sent.to);
    if (blockedBy !== undefined) return reach('failed', blockedBy);
    if (fate.delivery === 'failed') return reach('failed', fate.errorCode);
    reach('sent');
    schedule.after(settleMs / 2 + (fate.afterMs ?? 0), () => {
      if (fate.delivery === 'undelivered') return reach('undelivered', fate.errorCode);
      handsets.arrive({
        id: sent.id,
        vendor: sent.vendor,
        from: sent.from,
        to: sent.to,
        text: sent.text,
        at: clock.now(),
      });
      if (fate.delivery === 'delivered') reach('delivered');
    });
  });
  return sent;
}
