// Owns the checks of reservations: a place that is truly held, once per key, and no longer than it says.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from './conformance-basics.ts';
import { type Bench, newKey } from './conformance-bench.ts';

const HOLD_SEC = 15;
const SHORT_HOLD_SEC = 2;
/** How far its clock may be from ours. */
const CLOCKS_MS = 5_000;

const ADDRESS = /^(\+[1-9]\d{1,14}|sips?:\S+)$/i;
const NOBODY = '00000000-0000-4000-8000-000000000000';
/** How many reserve at the same moment, and how often: a race is not lost every time. */
const TOGETHER = 4;
const ROUNDS = 3;
const BUSY = { status: 409, codes: ['agent-busy'] } as const;

/** Seed 002 §2's own body. */
const BODY = {
  mediaType: 'voice',
  holdDurationLimit: HOLD_SEC,
  contextPayload: {
    canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
    sourcePlatform: 'genesys_cloud',
    complianceFlags: ['pci_dss', 'hipaa'],
  },
};
const forAgent = (bench: Bench, change: object = {}) => ({ targetAgentId: bench.agent(), ...BODY, ...change });
const forQueue = (name: string) => ({ targetQueue: name, ...BODY });

const asking = (given: unknown, key: string) =>
  ({ method: 'POST', path: '/v1/interactions/reserve', body: given, key }) as const;
const releasing = (id: string) =>
  ({ method: 'DELETE', path: `/v1/interactions/reserve/${encodeURIComponent(id)}` }) as const;

/** Reserves, an agent as soon as they are free, and gives it back when the check is over. */
export async function reserve(bench: Bench, given: { readonly body?: object; readonly key?: string } = {}) {
  bench.native();
  const body = given.body ?? forAgent(bench);
  if ('targetAgentId' in body) await agentIs(bench, 'available', bench.freeMs());
  const held = await bench.ask(asking(body, given.key ?? newKey()), { status: 200, shape: 'Reservation' });
  bench.after(() => bench.quietly(releasing(held.reservationId)));
  return held;
}

/** Several at the same moment, each with a key of its own; answers those that were held, which are given back at the end of the check. */
async function reserveTogether(bench: Bench): Promise<readonly string[]> {
  const attempts = Array.from({ length: TOGETHER }, async () => {
    const request = asking(forAgent(bench), newKey());
    const { reservationId }: { readonly reservationId?: string } = await bench.ask(request, {
      status: [200, 409],
      shape: 'Reservation',
      codes: BUSY.codes,
    });
    if (reservationId === undefined) return [];
    bench.after(() => bench.quietly(releasing(reservationId)));
    return [reservationId];
  });
  // All are waited for, so that none is still under way when the check is over.
  await Promise.allSettled(attempts);
  return (await Promise.all(attempts)).flat();
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
    promise: 'A free agent is reserved, for no longer than the hold limit; where a number is lent, it can be called.',
    async run(bench) {
      const { validUntil, address } = await reserve(bench);
      const leftMs = Date.parse(validUntil) - Date.now();
      const kept = leftMs > 0 && leftMs <= HOLD_SEC * 1_000 + CLOCKS_MS;
      bench.claim('the same', `validUntil in the future and at most ${HOLD_SEC} s ahead`, `${leftMs} ms ahead`, kept);
      const callable = address === undefined || ADDRESS.test(address);
      bench.claim('the same', 'address is E.164 or a SIP URI, where there is one', String(address), callable);
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
      await bench.ask(asking(forAgent(bench), newKey()), BUSY);
    },
  },
  {
    name: 'reserve-race',
    promise: 'Of several who reserve one agent at the same moment, one gets the place.',
    async run(bench) {
      bench.native();
      for (let round = 0; round < ROUNDS; round += 1) {
        await agentIs(bench, 'available', bench.freeMs());
        const held = await reserveTogether(bench);
        const sent = `${TOGETHER} reservations of one agent at the same moment`;
        bench.claim(sent, 'one is held', `${held.length} are held`, held.length === 1);
        for (const one of held) await bench.ask(releasing(one), { status: 204 });
      }
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
      await bench.ask(asking(forAgent(bench), key), { status: 200, shape: 'Reservation', and: same });
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
      const other = asking(forAgent(bench, { holdDurationLimit: HOLD_SEC + 1 }), key);
      await bench.ask(other, { status: 422, codes: ['idempotency-key-reused'] });
    },
  },
  {
    name: 'reserve-refusal-forgotten',
    promise: 'A refusal is not remembered: its key reserves once the agent is free.',
    async run(bench) {
      const key = newKey();
      const { reservationId } = await reserve(bench);
      await bench.ask(asking(forAgent(bench), key), BUSY);
      await bench.ask(releasing(reservationId), { status: 204 });
      await reserve(bench, { key });
    },
  },
  {
    name: 'reserve-unknown-agent',
    promise: 'An agent whom it does not have cannot be reserved.',
    async run(bench) {
      bench.native();
      await bench.ask(asking({ targetAgentId: NOBODY, ...BODY }, newKey()), { status: 404, codes: ['not-found'] });
    },
  },
  {
    name: 'reserve-one-target',
    promise: 'A reservation is for an agent or for a queue, never for both.',
    async run(bench) {
      bench.native();
      const both = forAgent(bench, { targetQueue: bench.queue() });
      await bench.ask(asking(both, newKey()), { status: 400, codes: ['invalid-request'] });
    },
  },
  {
    name: 'reserve-new-fields',
    promise: 'Fields that it does not know are passed over, so that the contract can grow.',
    run: async (bench) => void (await reserve(bench, { body: forAgent(bench, { aFieldOfTheFuture: true }) })),
  },
  {
    name: 'reserve-queue',
    promise: 'A place in a queue that somebody serves is reserved.',
    async run(bench) {
      await reserve(bench, { body: forQueue(bench.queue()) });
    },
  },
  {
    name: 'reserve-unknown-queue',
    promise: 'A queue that it does not have cannot be reserved.',
    async run(bench) {
      bench.native();
      await bench.ask(asking(forQueue(`${bench.queue()}x`), newKey()), { status: 404, codes: ['not-found'] });
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
      const { validUntil } = await reserve(bench, { body: forAgent(bench, { holdDurationLimit: SHORT_HOLD_SEC }) });
      await sleep(Math.min(Math.max(0, Date.parse(validUntil) - Date.now()), SHORT_HOLD_SEC * 1_000));
      await agentIs(bench, 'available', 2 * bench.patienceMs);
    },
  },
];
