// Owns the checks of transfers: accepted, listed at once, done within the time that the gateway says, and never twice.

import type { Check } from './conformance-basics.ts';
import type { Bench } from './conformance-bench.ts';
import { reading } from './conformance-interactions.ts';
import type { Interaction, Party } from './conformance-shapes.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const PATH = '/api/v2/interactions/transfer';

type Kind = 'blind' | 'warm' | 'consultative';

const asking = (interactionId: string, transferTo: unknown, change: object = {}) =>
  ({ method: 'POST', path: PATH, body: { interactionId, transferType: 'blind', transferTo, ...change } }) as const;
const verdict = (transferId: string, accept: boolean) =>
  ({ method: 'POST', path: `${PATH}/${encodeURIComponent(transferId)}/complete`, body: { accept } }) as const;

/** Seed 002 §2's own `transferTo` and `metadata`. */
const away = (bench: Bench) => ({ type: 'phoneNumber', phoneNumber: bench.address(), extension: 'CXONE_HANDBACK' });
const METADATA = {
  reservationId: 'res-cxone-8842',
  canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
  handoffProtocol: 'two_phase_commit',
};

/** A live interaction, and who holds the customer in it. */
async function ready(bench: Bench): Promise<{ readonly id: string; readonly leaving: Party }> {
  bench.letsGo();
  const id = await bench.interaction();
  const and = { says: 'somebody holds the customer', holds: (read: Interaction) => holderOf(read) !== undefined };
  const read = await bench.ask(reading(id), { status: 200, shape: 'Interaction', and });
  return { id, leaving: holderOf(read) as Party };
}

function holderOf({ parties }: Interaction): Party | undefined {
  return parties.findLast(({ role, state }) => role !== 'customer' && state === 'connected');
}

async function queueId(bench: Bench): Promise<string> {
  const name = bench.queue();
  const and = {
    says: `${name} is there`,
    holds: (list: { readonly entities: readonly unknown[] }) => list.entities.length === 1,
  };
  const path = `/v1/queues?name=${encodeURIComponent(name)}`;
  const { entities } = await bench.ask({ method: 'GET', path }, { status: 200, shape: 'QueueList', and });
  return entities[0]?.id ?? '';
}

async function begin(bench: Bench, id: string, transferTo: unknown, change: object = {}): Promise<string> {
  const request = asking(id, transferTo, change);
  return (await bench.ask(request, { status: 202, shape: 'TransferAccepted' })).transferId;
}

async function seen(bench: Bench, id: string, says: string, holds: (read: Interaction) => boolean): Promise<void> {
  await bench.until(reading(id), 'Interaction', { says, holds }, bench.settleMs());
}

const stateOf = (read: Interaction, transferId: string) => read.transfers.find((one) => one.id === transferId)?.state;
const hasLeft = (read: Interaction, { id }: Party) => read.parties.find((one) => one.id === id)?.state === 'ended';

/** Both sides talk: somebody has answered. */
async function consulting(bench: Bench): Promise<{ id: string; leaving: Party; transferId: string }> {
  const { id, leaving } = await ready(bench);
  const change = { transferType: 'consultative' satisfies Kind, participantId: leaving.id, metadata: METADATA };
  const transferId = await begin(bench, id, away(bench), change);
  await seen(bench, id, 'the transfer is consulting', (read) => stateOf(read, transferId) === 'consulting');
  return { id, leaving, transferId };
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
  {
    name: 'consult-declined',
    promise: 'A consultation that is declined leaves the customer with who held them.',
    async run(bench) {
      const { id, leaving, transferId } = await consulting(bench);
      await bench.ask(verdict(transferId, false), { status: 202 });
      await seen(
        bench,
        id,
        'the transfer is failed and who held the customer is connected',
        (read) =>
          stateOf(read, transferId) === 'failed' &&
          read.parties.some((one) => one.id === leaving.id && one.state === 'connected'),
      );
    },
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
];
