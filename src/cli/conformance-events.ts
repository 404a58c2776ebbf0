// Owns the checks of what a gateway tells: signed, whole, again until it is taken, and with the reservation that a call came with.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from './conformance-basics.ts';
import { type Bench, NotTried } from './conformance-bench.ts';
import type { Heard } from './conformance-ear.ts';
import { ending, reading, writing } from './conformance-interactions.ts';
import { reserve } from './conformance-reservations.ts';
import type { Interaction } from './conformance-shapes.ts';

/** In patiences: a delivery takes longer than an answer, a second one longer still. */
const EVENT = 2;
const REPEAT = 10;

export const EVENTS: readonly Check[] = [
  {
    name: 'event-signed',
    promise: 'Every event is signed over its raw bytes with the time of now, and has the contract’s shape.',
    async run(bench) {
      const { id } = await ended(bench);
      await hear(bench, id, 'any event', () => true);
      const wrong = bench
        .ear()
        .of(id)
        .find(({ fault }) => fault !== undefined);
      bench.claim(sent(id), 'nothing wrong with any delivery', wrong?.fault ?? 'nothing is wrong', wrong === undefined);
    },
  },
  {
    name: 'event-completed',
    promise: 'The end of a conversation is told.',
    async run(bench) {
      const { id } = await ended(bench);
      await hear(
        bench,
        id,
        'interaction:completed, its state completed',
        ({ event }) => event.event === 'interaction:completed' && event.state === 'completed',
      );
    },
  },
  {
    name: 'event-completed-once',
    promise: 'The end is told as interaction:completed once, also when it is asked to end again.',
    async run(bench) {
      const { id } = await ended(bench);
      const isEnd = ({ event }: Heard) => event.event === 'interaction:completed';
      await hear(bench, id, 'interaction:completed', isEnd);
      await bench.ask(ending(id), { status: 204 });
      await sleep(bench.patienceMs);
      // The same message may be delivered again.
      const ends = new Set(
        bench
          .ear()
          .of(id)
          .filter(isEnd)
          .map(({ event }) => event.id),
      );
      bench.claim(
        sent(id),
        'one message of interaction:completed',
        `${ends.size}: ${[...ends].join(', ')}`,
        ends.size === 1,
      );
    },
  },
  {
    name: 'event-updated',
    promise: 'A change is told, with everybody who is in the conversation.',
    async run(bench) {
      const { id } = await ended(bench, true);
      await hear(
        bench,
        id,
        'interaction:updated with the customer among its parties',
        ({ event }) => event.event === 'interaction:updated' && event.parties.some(({ role }) => role === 'customer'),
      );
    },
  },
  {
    name: 'event-our-id',
    promise: 'Events carry our id of the conversation once it was written.',
    async run(bench) {
      const { id } = await ended(bench, false, 'int-conformance');
      await hear(bench, id, 'our id', ({ event }) => event.canonicalInteractionId === 'int-conformance');
    },
  },
  {
    name: 'event-again',
    promise: 'An event that was not taken comes again with the same id.',
    async run(bench) {
      const ear = bench.ear();
      const id = await bench.interaction();
      ear.refuseNextOf(id);
      await bench.ask(ending(id), { status: 204 });
      const { event } = await hear(bench, id, 'anything, which is refused with 503', ({ taken }) => !taken);
      const isRepeat = (heard: Heard) => heard.taken && heard.event.id === event.id;
      await hear(bench, id, `id ${event.id} again`, isRepeat, REPEAT);
    },
  },
  {
    name: 'arrival',
    promise: 'A reserved call that comes is offered to the agent for whom the place was held.',
    async run(bench) {
      const { reservationId } = await reserve(bench);
      const id = await bench.interaction({ reservationId });
      const agent = bench.agent();
      const claim = {
        says: `agent ${agent} is in it`,
        holds: ({ parties }: Interaction) => parties.some(({ agentId }) => agentId === agent),
      };
      await bench.until(reading(id), 'Interaction', claim, bench.settleMs());
    },
  },
  {
    name: 'arrival-told',
    promise: 'The arrival of a reserved call is told, with its reservation.',
    async run(bench) {
      bench.native();
      bench.ear();
      const { reservationId } = await reserve(bench);
      const id = await bench.interaction({ reservationId });
      await hear(bench, id, `reservation ${reservationId}`, ({ event }) => event.reservationId === reservationId);
    },
  },
  {
    name: 'arrival-late',
    promise: 'A call whose reservation is over is not dropped, and is still told with its reservation.',
    async run(bench) {
      bench.native();
      bench.ear();
      const { reservationId } = await reserve(bench);
      await bench.ask(
        { method: 'DELETE', path: `/v1/interactions/reserve/${encodeURIComponent(reservationId)}` },
        { status: 204 },
      );
      const id = await bench.interaction({ reservationId });
      await hear(
        bench,
        id,
        `reservation ${reservationId}, not completed`,
        ({ event }) => event.reservationId === reservationId && event.state !== 'completed',
      );
    },
  },
];

/** A conversation of which there is something to hear: it is opened, perhaps given our id, and ended. */
async function ended(bench: Bench, needsUpdate = false, ours?: string): Promise<{ readonly id: string }> {
  bench.ear();
  if (needsUpdate && !bench.told().sandbox)
    throw new NotTried('only a gateway with a sandbox opens a conversation on demand');
  const id = await bench.interaction();
  if (ours !== undefined) await bench.ask(writing(id, { canonicalInteractionId: ours }), { status: 204 });
  await bench.ask(ending(id), { status: 204 });
  return { id };
}

const sent = (id: string) => `(a conversation ${id} was opened and ended)`;

async function hear(
  bench: Bench,
  id: string,
  expected: string,
  holds: (heard: Heard) => boolean,
  patiences = EVENT,
): Promise<Heard> {
  const ear = bench.ear();
  const withinMs = patiences * bench.patienceMs;
  const found = await ear.hear(id, holds, withinMs);
  const others = ear.of(id).map(({ event }) => `${event.event} ${event.state}`);
  const came =
    found === undefined ? `${others.length} events of it: ${others.join(', ') || 'none'}` : JSON.stringify(found.event);
  bench.claim(sent(id), `an event with ${expected}, within ${withinMs} ms`, came, found !== undefined);
  return found as Heard;
}
