// Owns the checks of what a gateway says that it does not do: it refuses it, and never seems to have done it. Throughline does not ask for
// what is denied, but an answer as if it were done would be a promise that nobody keeps (H3).

import type { Check } from './conformance-basics.ts';
import { type Bench, NotPromised, newKey } from './conformance-bench.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
/** As one that is not done, or as a path that is not there. */
const NOT_THERE = [501, 404, 405];

export const DENIED: readonly Check[] = [
  {
    name: 'denied-reserve',
    promise: 'Who does not say native refuses to reserve, with 501.',
    async run(bench) {
      if (bench.told().reservation === 'native') throw new NotPromised('it says that it reserves');
      const body = { targetQueue: bench.target.queue ?? 'Support', mediaType: 'voice', holdDurationLimit: 15 };
      await bench.ask(
        { method: 'POST', path: '/v1/interactions/reserve', body, key: newKey() },
        { status: 501, codes: ['not-supported'] },
      );
    },
  },
  {
    name: 'denied-transfer',
    promise: 'Who does not say rest refuses to transfer.',
    async run(bench) {
      if (bench.told().commit.includes('rest')) throw new NotPromised('it says that calls make it let go');
      const transferTo = { type: 'queue', queueId: await queueId(bench) };
      const body = { interactionId: await bench.untouched(), transferType: 'blind', transferTo };
      await bench.ask({ method: 'POST', path: '/api/v2/interactions/transfer', body }, { status: NOT_THERE });
    },
  },
  {
    name: 'denied-presence',
    promise: 'Who does not say that presences can be set sets none.',
    async run(bench) {
      if (bench.told().presence) throw new NotPromised('it says that it has presences');
      const path = `/v1/agents/${encodeURIComponent(bench.agent())}/presence`;
      // No presence has this id, so that none is changed; who looks at that first may say so.
      await bench.ask({ method: 'PUT', path, body: { presence: NOBODY } }, { status: [...NOT_THERE, 400] });
    },
  },
  {
    name: 'denied-sandbox',
    promise: 'Who does not say sandbox makes no conversation up.',
    async run(bench) {
      if (bench.told().sandbox) throw new NotPromised('it says that it makes conversations up');
      const asking = { method: 'POST', path: '/v1/sandbox/interactions', body: { mediaType: 'voice' } } as const;
      await bench.ask(asking, { status: [...NOT_THERE, 403] });
    },
  },
];

/** Of the queue that was given. */
export async function queueId(bench: Bench): Promise<string> {
  const name = bench.queue();
  const and = {
    says: `${name} is there`,
    holds: (list: { readonly entities: readonly unknown[] }) => list.entities.length === 1,
  };
  const path = `/v1/queues?name=${encodeURIComponent(name)}`;
  const { entities } = await bench.ask({ method: 'GET', path }, { status: 200, shape: 'QueueList', and });
  return entities[0]?.id ?? '';
}
