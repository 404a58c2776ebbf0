// Owns which faults both twins commit in a proof of transfers. Those of the telephone network meet the callers whose number says so, the
// others whom chance picks.

import type { House } from './proof-house.ts';
import { RESERVATION_SEC } from './proof-transfer-house.ts';
import { type CallFault, FAULT_DIGITS } from './proof-transfer-plan.ts';
import type { TwinFault } from './twin-client.ts';

const REST = { path: '/(api/v2/(conversations|users|routing)|incontactapi/services)/' };
/** What lets go of a caller, or puts them somewhere. */
const MOVES = {
  method: 'POST',
  path: '/(replace|transfer|consult|signal|dial-phone|transfer-calls|replace/queue)([?/]|$)',
};

const BY_CHANCE: readonly TwinFault[] = [
  { fault: 'expire-token', match: MOVES, probability: 0.02 },
  { fault: 'commit-then-drop', match: MOVES, probability: 0.03 },
  { fault: 'hang', match: MOVES, probability: 0.01 },
  { fault: 'commit-then-drop', match: REST, probability: 0.01 },
  { fault: '500', match: REST, probability: 0.01 },
  { fault: 'hang', match: REST, probability: 0.003 },
  { fault: '429', match: REST, probability: 0.002 },
  { fault: 'drop-event', probability: 0.05 },
  { fault: 'repeat-event', probability: 0.05 },
  { fault: 'reorder-events', probability: 0.05 },
];

/** The call comes in when its place is long over. */
const LATE_MS = (RESERVATION_SEC + 10) * 1_000;
const OF_CALLS: readonly (TwinFault & { readonly digit: CallFault })[] = [
  // Before anybody has answered, and when somebody may have: what is lost then is no transfer's any more.
  { digit: 'drop-call', fault: 'drop-call', delayMs: 20 },
  { digit: 'drop-call-later', fault: 'drop-call', delayMs: 1_500 },
  { digit: 'lose-call', fault: 'lose-call' },
  { digit: 'fail-call', fault: 'fail-call' },
  { digit: 'delay-call', fault: 'delay-call', delayMs: 3_000 },
  { digit: 'delay-call-long', fault: 'delay-call', delayMs: LATE_MS },
  { digit: 'lose-uui', fault: 'lose-uui' },
];

/** Arms them all at both twins; the same seed draws the same chances. */
export async function armTransferFaults({ twin, cxone }: House, seed: number): Promise<void> {
  for (const each of [twin, cxone]) {
    for (const { digit, ...fault } of OF_CALLS) {
      const path = `^\\+1\\d{3}55${FAULT_DIGITS[digit]}\\d{4}>`;
      await each.addFault({ ...fault, match: { path } });
    }
    for (const [index, fault] of BY_CHANCE.entries()) await each.addFault({ ...fault, seed: seed + index });
  }
}

/** For a while many calls are one too many, each of which makes all others of its credential wait a second. */
export async function storm({ twin, cxone }: House, transfers: number): Promise<void> {
  const times = Math.min(20, Math.max(3, Math.round(transfers / 100)));
  for (const each of [twin, cxone]) await each.addFault({ fault: '429', match: REST, probability: 0.5, times });
}
