// Owns the checks of consultations: the two talk while the customer waits, and one verdict ends it, also before anybody has answered.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from './conformance-basics.ts';
import type { Bench } from './conformance-bench.ts';
import { queueId } from './conformance-denied.ts';
import type { Party } from './conformance-shapes.ts';
import {
  away,
  begin,
  deadEnd,
  departing,
  hasLeft,
  holds,
  isDeparture,
  ready,
  seen,
  stateOf,
  transferIn,
  verdict,
} from './conformance-transfers.ts';

/** Times of transfers may be told in whole seconds. */
const A_SECOND_MS = 1_000;

type Consultation = { readonly id: string; readonly leaving: Party; readonly transferId: string };

async function asked(bench: Bench): Promise<Consultation> {
  bench.letsGo();
  const to = away(bench);
  const { id, leaving } = await ready(bench);
  const transferId = await begin(bench, id, to, departing('consultative', leaving));
  return { id, leaving, transferId };
}

/** Both sides talk: somebody has answered. */
async function consulting(bench: Bench): Promise<Consultation> {
  const { id, leaving, transferId } = await asked(bench);
  await seen(
    bench,
    id,
    'the transfer is consulting, of its kind and to no queue',
    (read) => stateOf(read, transferId) === 'consulting' && isDeparture(read, transferId, 'consultative'),
  );
  return { id, leaving, transferId };
}

/** Who held the customer has them again. */
async function declined(bench: Bench, { id, leaving, transferId }: Consultation): Promise<void> {
  await bench.ask(verdict(transferId, false), { status: 202 });
  await seen(
    bench,
    id,
    'the transfer is failed and who held the customer is connected',
    (read) => stateOf(read, transferId) === 'failed' && holds(read, leaving),
  );
}

export const CONSULTATIONS: readonly Check[] = [
  {
    name: 'consult-declined',
    promise: 'A consultation that is declined leaves the customer with who held them.',
    run: async (bench) => declined(bench, await consulting(bench)),
  },
  {
    name: 'consult-withdrawn',
    promise: 'A consultation can be given up while nobody has answered yet.',
    run: async (bench) => declined(bench, await asked(bench)),
  },
  {
    name: 'consult-accepted',
    promise: 'A consultation that is accepted joins the two, and who held the customer leaves.',
    async run(bench) {
      const { id, leaving, transferId } = await consulting(bench);
      await bench.ask(verdict(transferId, true), { status: 202 });
      await seen(
        bench,
        id,
        'the transfer is complete and who held the customer has left',
        (read) => stateOf(read, transferId) === 'complete' && hasLeft(read, leaving),
      );
    },
  },
  {
    name: 'consult-over',
    promise: 'A consultation that is over cannot be ended otherwise.',
    async run(bench) {
      const { id, transferId } = await consulting(bench);
      await bench.ask(verdict(transferId, false), { status: 202 });
      await seen(bench, id, 'the transfer is failed', (read) => stateOf(read, transferId) === 'failed');
      await bench.ask(verdict(transferId, true), { status: 409, codes: ['consultation-is-over'] });
    },
  },
  {
    name: 'consult-dead',
    promise: 'A consultation that nobody answers leaves the customer with who had them.',
    async run(bench) {
      bench.letsGo();
      await deadEnd(bench, 'consultative');
    },
  },
  {
    name: 'transfer-again',
    promise: 'After a transfer that failed the customer can be moved elsewhere, and that one is listed as the later.',
    async run(bench) {
      bench.letsGo();
      const to = await queueId(bench);
      const before = await consulting(bench);
      const { id, leaving, transferId } = before;
      await declined(bench, before);
      await sleep(A_SECOND_MS);
      const next = await begin(bench, id, { type: 'queue', queueId: to }, { participantId: leaving.id });
      await seen(bench, id, 'the second is complete, and its issuedAt is later than that of the first', (read) => {
        const [first, second] = [transferIn(read, transferId), transferIn(read, next)];
        return second?.state === 'complete' && Date.parse(second.issuedAt) > Date.parse(first?.issuedAt ?? '');
      });
    },
  },
];
