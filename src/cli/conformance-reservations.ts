// Owns the checks of reservations: a place that is truly held, once per key, and no longer than it says.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from './conformance-basics.ts';
import { type Bench, newKey } from './conformance-bench.ts';

const HOLD_SEC = 15;
const SHORT_HOLD_SEC = 2;
/** How far its clock may be from ours. */
const CLOCKS_MS = 5_000;

const NOBODY = '00000000-0000-4000-8000-000000000000';
const BUSY = { status: 409, codes: ['agent-busy'] } as const;

/** Seed 002 §2's own body, for the agent who was given. */
function body(bench: Bench, change: object = {}) {
  return {
    targetAgentId: bench.agent(),
    mediaType: 'voice',
    holdDurationLimit: HOLD_SEC,
    contextPayload: {
      canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
      sourcePlatform: 'genesys_cloud',
      complianceFlags: ['pci_dss', 'hipaa'],
    },
    ...change,
  };
}

const asking = (given: unknown, key: string) =>
  ({ method: 'POST', path: '/v1/interactions/reserve', body: given, key }) as const;
const releasing = (id: string) =>
  ({ method: 'DELETE', path: `/v1/interactions/reserve/${encodeURIComponent(id)}` }) as const;

/** Reserves, and gives it back when the check is over. */
export async function reserve(bench: Bench, given: { readonly body?: unknown; readonly key?: string } = {}) {
  bench.native();
  const request = asking(given.body ?? body(bench), given.key ?? newKey());
  const held = await bench.ask(request, { status: 200, shape: 'Reservation' });
  bench.after(() => bench.quietly(releasing(held.reservationId)));
  return held;
}

async function agentIs(bench: Bench, availability: 'available' | 'busy', withinMs = bench.patienceMs): Promise<void> {
  const path = `/v1/agents/${encodeURIComponent(bench.agent())}`;
  const claim = {
    says: `the agent is ${availability}`,
    holds: (agent: { readonly availability: string }) => agent.availability === availability,
  };
  await bench.until({ method: 'GET', path }, 'Agent', claim, withinMs);
}

export const RESERVATIONS: readonly Check[] = [
  {
    name: 'reserve',
    promise: 'A free agent is reserved, for no longer than the hold limit.',
    async run(bench) {
      const { validUntil } = await reserve(bench);
      const leftMs = Date.parse(validUntil) - Date.now();
      const kept = leftMs > 0 && leftMs <= HOLD_SEC * 1_000 + CLOCKS_MS;
      bench.claim('the same', `validUntil in the future and at most ${HOLD_SEC} s ahead`, `${leftMs} ms ahead`, kept);
    },
  },
  {
    name: 'reserve-shown',
    promise: 'Who is reserved shows as busy.',
    async run(bench) {
      await reserve(bench);
      await agentIs(bench, 'busy');
    },
  },
  {
    name: 'reserve-busy',
    promise: 'Who is reserved cannot be reserved by another.',
    async run(bench) {
      await reserve(bench);
      await bench.ask(asking(body(bench), newKey()), BUSY);
    },
  },
  {
    name: 'reserve-again',
    promise: 'The same key and body again: the same reservation, and one place held.',
    async run(bench) {
      const key = newKey();
      const { reservationId } = await reserve(bench, { key });
      const same = {
        says: `reservationId is ${reservationId}`,
        holds: (again: { readonly reservationId: string }) => again.reservationId === reservationId,
      };
      await bench.ask(asking(body(bench), key), { status: 200, shape: 'Reservation', and: same });
      await bench.ask(releasing(reservationId), { status: 204 });
      await agentIs(bench, 'available');
    },
  },
  {
    name: 'reserve-key-reused',
    promise: 'The same key with another body is refused.',
    async run(bench) {
      const key = newKey();
      await reserve(bench, { key });
      const other = asking(body(bench, { holdDurationLimit: HOLD_SEC + 1 }), key);
      await bench.ask(other, { status: 422, codes: ['idempotency-key-reused'] });
    },
  },
  {
    name: 'reserve-refusal-forgotten',
    promise: 'A refusal is not remembered: its key reserves once the agent is free.',
    async run(bench) {
      const key = newKey();
      const { reservationId } = await reserve(bench);
      await bench.ask(asking(body(bench), key), BUSY);
      await bench.ask(releasing(reservationId), { status: 204 });
      await reserve(bench, { key });
    },
  },
  {
    name: 'reserve-unknown-agent',
    promise: 'An agent whom it does not have cannot be reserved.',
    async run(bench) {
      bench.native();
      const nobody = { ...body(bench), targetAgentId: NOBODY };
      await bench.ask(asking(nobody, newKey()), { status: 404, codes: ['not-found'] });
    },
  },
  {
    name: 'reserve-one-target',
    promise: 'A reservation is for an agent or for a queue, never for both.',
    async run(bench) {
      bench.native();
      const both = body(bench, { targetQueue: bench.queue() });
      await bench.ask(asking(both, newKey()), { status: 400, codes: ['invalid-request'] });
    },
  },
  {
    name: 'reserve-new-fields',
    promise: 'Fields that it does not know are passed over, so that the contract can grow.',
    run: async (bench) => void (await reserve(bench, { body: body(bench, { aFieldOfTheFuture: true }) })),
  },
  {
    name: 'reserve-queue',
    promise: 'A place in a queue that somebody serves is reserved.',
    async run(bench) {
      const { targetAgentId: _, ...rest } = body(bench);
      await reserve(bench, { body: { ...rest, targetQueue: bench.queue() } });
    },
  },
  {
    name: 'reserve-unknown-queue',
    promise: 'A queue that it does not have cannot be reserved.',
    async run(bench) {
      bench.native();
      const { targetAgentId: _, ...rest } = body(bench);
      const unknown = { ...rest, targetQueue: `${bench.queue()}x` };
      await bench.ask(asking(unknown, newKey()), { status: 404, codes: ['not-found'] });
    },
  },
  {
    name: 'release',
    promise: 'A place that is given back is free; to give it back again, or one that never was, is no failure.',
    async run(bench) {
      const { reservationId } = await reserve(bench);
      await bench.ask(releasing(reservationId), { status: 204 });
      await agentIs(bench, 'available');
      await bench.ask(releasing(reservationId), { status: [204, 404] });
      await bench.ask(releasing(NOBODY), { status: [204, 404] });
    },
  },
  {
    name: 'reserve-expires',
    promise: 'A reservation that nobody redeems ends by itself.',
    async run(bench) {
      const { validUntil } = await reserve(bench, { body: body(bench, { holdDurationLimit: SHORT_HOLD_SEC }) });
      await sleep(Math.min(Math.max(0, Date.parse(validUntil) - Date.now()), SHORT_HOLD_SEC * 1_000));
      await agentIs(bench, 'available', 2 * bench.patienceMs);
    },
  },
];
