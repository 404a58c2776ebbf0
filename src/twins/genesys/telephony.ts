// Owns what the twin's conversations need of the telephone network, and what there is of it where a twin stands on its own.

import type { Clock } from '../../clock.ts';
import { type Carrier, createCarrier } from '../carrier.ts';
import type { CallFault } from '../faults.ts';
import type { CallRest } from '../rest-action.ts';
import type { EntryFlowParts } from './entry-flow.ts';

/** The telephone network and what the twin does on it. */
export type Telephony = {
  readonly carrier: Carrier;
  readonly faultFor: (call: string) => CallFault | undefined;
  readonly releaseLink: () => boolean;
  /** How the entry flow asks whose call it is, and whom. */
  readonly callRest: CallRest;
  readonly entry: EntryFlowParts['settings'];
};

/** A world outside that answers, and nobody whom the entry flow could ask. */
export function onItsOwn(clock: Clock): Telephony {
  return {
    carrier: createCarrier({ clock, elsewhere: 'answers' }),
    faultFor: () => undefined,
    releaseLink: () => false,
    callRest: async () => ({ kind: 'failed', why: 'unreachable' }),
    entry: () => ({ entry: undefined, entryTimeoutMs: 0 }),
  };
}
