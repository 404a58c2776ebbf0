// Owns the checks of transfers: accepted, listed at once, done within the time that the gateway says, and never twice.

import { randomUUID } from 'node:crypto';
import type { Check } from './conformance-basics.ts';
import type { Bench } from './conformance-bench.ts';
import { queueId } from './conformance-denied.ts';
import { reading } from './conformance-interactions.ts';
import type { Interaction, Party } from './conformance-shapes.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const PATH = '/api/v2/interactions/transfer';

type Kind = 'blind' | 'warm' | 'consultative';

const asking = (interactionId: string, transferTo: unknown, change: object = {}) =>
  ({ method: 'POST', path: PATH, body: { interactionId, transferType: 'blind', transferTo, ...change } }) as const;
export const verdict = (transferId: string, accept: boolean) =>
  ({ method: 'POST', path: `${PATH}/${encodeURIComponent(transferId)}/complete`, body: { accept } }) as const;

/** Seed 002 §2's own `transferTo` and `metadata`. */
export const away = (bench: Bench) => ({
  type: 'phoneNumber',
  phoneNumber: bench.address(),
  extension: 'CXONE_HANDBACK',
});
const METADATA = {
  reservationId: 'res-cxone-8842',
  canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
  handoffProtocol: 'two_phase_commit',
};

const number = (phoneNumber: string) => ({ type: 'phoneNumber', phoneNumber });

/** All that Throughline says when it makes somebody leave (gateway-writes.ts); `token` is for the other side to know the call by. */
export const departing = (kind: Exclude<Kind, 'warm'>, leaving: Party) => ({
  transferType: kind,
  participantId: leaving.id,
  metadata: { ...METADATA, token: randomUUID().replaceAll('-', '') },
});

/** A live interaction, and who holds the customer in it. */
export async function ready(bench: Bench): Promise<{ readonly id: string; readonly leaving: Party }> {
  bench.letsGo();
  const id = await bench.interaction();
  const and = { says: 'somebody holds the customer', holds: (read: Interaction) => holderOf(read) !== undefined };
  const read = await bench.ask(reading(id), { status: 200, shape: 'Interaction', and });
  return { id, leaving: holderOf(read) as Party };
}

function holderOf({ parties }: Interaction): Party | undefined {
  return parties.findLast(({ role, state }) => role !== 'customer' && state === 'connected');
}

export async function begin(bench: Bench, id: string, transferTo: unknown, change: object = {}): Promise<string> {
  const request = asking(id, transferTo, change);
  return (await bench.ask(request, { status: 202, shape: 'TransferAccepted' })).transferId;
}

export async function seen(
  bench: Bench,
  id: string,
  says: string,
  holds: (read: Interaction) => boolean,
): Promise<void> {
  await bench.until(reading(id), 'Interaction', { says, holds }, bench.settleMs());
}

export const transferIn = (read: Interaction, transferId: string) =>
  read.transfers.find((one) => one.id === transferId);
export const stateOf = (read: Interaction, transferId: string) => transferIn(read, transferId)?.state;
export const hasLeft = (read: Interaction, { id }: Party) =>
  read.parties.find((one) => one.id === id)?.state === 'ended';
export const holds = (read: Interaction, { id }: Party) =>
  read.state !== 'completed' && read.parties.some((one) => one.id === id && one.state === 'connected');
/** As a look of ours finds it: it goes to no queue of the platform, and is of the kind that was asked for. */
export const isDeparture = (read: Interaction, transferId: string, kind: Kind) => {
  const transfer = transferIn(read, transferId);
  return transfer !== undefined && transfer.queueId === undefined && transfer.transferType === kind;
};

/** Nobody answers there: refused at once or failed later, the customer is where they were. */
export async function deadEnd(bench: Bench, kind: Exclude<Kind, 'warm'>): Promise<void> {
  const to = number(bench.deadAddress());
  const { id, leaving } = await ready(bench);
  const request = asking(id, to, departing(kind, leaving));
  const answer: { readonly transferId?: string } = await bench.ask(request, {
    status: [202, 400, 404, 409, 422],
    shape: 'TransferAccepted',
  });
  const { transferId } = answer;
  await seen(
    bench,
    id,
    'no transfer is under way or complete, and who held the customer is connected',
    (read) =>
      (transferId === undefined || stateOf(read, transferId) === 'failed') &&
      read.transfers.every(({ state }) => state === 'failed') &&
      holds(read, leaving),
  );
}

/** A number or a SIP URI answers, and who held the customer is gone. */
async function departs(bench: Bench, transferTo: unknown): Promise<void> {
  const { id, leaving } = await ready(bench);
  const transferId = await begin(bench, id, transferTo, departing('blind', leaving));
  await seen(
    bench,
    id,
    'the transfer is complete, of its kind and to no queue, and who held the customer has left',
    (read) =>
      stateOf(read, transferId) === 'complete' && isDeparture(read, transferId, 'blind') && hasLeft(read, leaving),
  );
}

export const TRANSFERS: readonly Check[] = [
  {
    name: 'transfer-queue',
    promise: 'A customer is moved to a queue of the platform within settleMs, and who held them has left.',
    async run(bench) {
      const { id, leaving } = await ready(bench);
      const to = await queueId(bench);
      const transferId = await begin(bench, id, { type: 'queue', queueId: to }, { participantId: leaving.id });
      await seen(
        bench,
        id,
        'the transfer is complete, the queue is among the parties, who held the customer has left',
        (read) =>
          read.transfers.some((one) => one.id === transferId && one.state === 'complete' && one.queueId === to) &&
          read.parties.some((one) => one.role === 'queue' && one.queueId === to) &&
          hasLeft(read, leaving),
      );
    },
  },
  {
    name: 'transfer-listed',
    promise: 'A transfer is listed from the moment it is accepted: so a lost answer is found by a look.',
    async run(bench) {
      const { id } = await ready(bench);
      const transferId = await begin(bench, id, { type: 'queue', queueId: await queueId(bench) });
      const and = {
        says: `transfer ${transferId} is listed`,
        holds: (read: Interaction) => !!stateOf(read, transferId),
      };
      await bench.ask(reading(id), { status: 200, shape: 'Interaction', and });
    },
  },
  {
    name: 'transfer-once',
    promise: 'The same transfer asked for again is refused: who was to leave is leaving or has left.',
    async run(bench) {
      const { id, leaving } = await ready(bench);
      const to = { type: 'queue', queueId: await queueId(bench) };
      await begin(bench, id, to, { participantId: leaving.id });
      const refused = { status: 409, codes: ['transfer-under-way', 'participant-has-left', 'interaction-has-ended'] };
      await bench.ask(asking(id, to, { participantId: leaving.id }), refused);
      await seen(bench, id, 'one transfer is listed', (read) => read.transfers.length === 1);
    },
  },
  {
    name: 'transfer-left',
    promise: 'Who has left cannot be made to leave.',
    async run(bench) {
      const { id, leaving } = await ready(bench);
      const to = { type: 'queue', queueId: await queueId(bench) };
      await begin(bench, id, to, { participantId: leaving.id });
      await seen(bench, id, 'who held the customer has left', (read) => hasLeft(read, leaving));
      const codes = ['participant-has-left', 'interaction-has-ended'];
      await bench.ask(asking(id, to, { participantId: leaving.id }), { status: 409, codes });
    },
  },
  {
    name: 'transfer-away',
    promise: 'The guides’ own warm transfer to a number is taken; who held the customer leaves once it is answered.',
    async run(bench) {
      const { id, leaving } = await ready(bench);
      const transferId = await begin(bench, id, away(bench), {
        transferType: 'warm' satisfies Kind,
        metadata: METADATA,
      });
      await seen(
        bench,
        id,
        'the transfer is complete and who held the customer has left',
        (read) => stateOf(read, transferId) === 'complete' && hasLeft(read, leaving),
      );
    },
  },
  {
    name: 'transfer-blind',
    promise: 'What Throughline sends to let a call go to a number blind, its token with it, is carried out.',
    async run(bench) {
      bench.letsGo();
      await departs(bench, number(bench.address()));
    },
  },
  {
    name: 'transfer-sip',
    promise: 'The same to a SIP URI.',
    async run(bench) {
      bench.letsGo();
      await departs(bench, { type: 'sip', uri: bench.sipAddress() });
    },
  },
  {
    name: 'transfer-dead',
    promise: 'A blind transfer to a number that nobody answers leaves the customer with who had them.',
    async run(bench) {
      bench.letsGo();
      await deadEnd(bench, 'blind');
    },
  },
  {
    name: 'transfer-wrong-target',
    promise: 'Where a customer cannot be sent is refused before anything happens.',
    async run(bench) {
      const { id } = await ready(bench);
      const nowhere = asking(id, { type: 'phoneNumber', phoneNumber: 'not a number' });
      await bench.ask(nowhere, { status: 400, codes: ['invalid-request'] });
      await bench.ask(asking(id, { type: 'queue', queueId: NOBODY }), { status: 404, codes: ['not-found'] });
      await seen(bench, id, 'no transfer is listed', (read) => read.transfers.length === 0);
    },
  },
  {
    name: 'transfer-unknown',
    promise:
      'A conversation that it does not have cannot be transferred, nor a transfer that it does not have be ended.',
    async run(bench) {
      bench.letsGo();
      const nothing = { status: 404, codes: ['not-found'] } as const;
      await bench.ask(asking(NOBODY, { type: 'phoneNumber', phoneNumber: '+18885551900' }), nothing);
      await bench.ask(verdict(NOBODY, true), nothing);
    },
  },
];
