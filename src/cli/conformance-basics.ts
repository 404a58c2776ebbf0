// Owns the checks of what a gateway says of itself and of its organisation, and of how it refuses.

import { type Bench, interactionPath, NotPromised } from './conformance-bench.ts';

export type Check = {
  readonly name: string;
  /** The promise, as a sentence. */
  readonly promise: string;
  readonly run: (bench: Bench) => Promise<void>;
};

const NOBODY = '00000000-0000-4000-8000-000000000000';
const agentPath = (id: string) => `/v1/agents/${encodeURIComponent(id)}`;
const queuesNamed = (name: string) => ({ method: 'GET', path: `/v1/queues?name=${encodeURIComponent(name)}` }) as const;

export const BASICS: readonly Check[] = [
  {
    name: 'health',
    promise: 'It says whether it and the platform behind it answer.',
    run: async (bench) =>
      void (await bench.ask({ method: 'GET', path: '/v1/health' }, { status: 200, shape: 'Health' })),
  },
  {
    name: 'capabilities',
    promise: 'It says what it truly does, and its limits.',
    async run(bench) {
      const asking = { method: 'GET', path: '/v1/capabilities' } as const;
      bench.capabilities = await bench.ask(asking, { status: 200, shape: 'Capabilities' });
    },
  },
  {
    name: 'token-missing',
    promise: 'A call without a token is refused.',
    run: async (bench) =>
      void (await bench.ask(
        { method: 'GET', path: '/v1/queues', token: null },
        { status: 401, codes: ['unauthorized'] },
      )),
  },
  {
    name: 'token-wrong',
    promise: 'A call with a wrong token is refused.',
    run: async (bench) =>
      void (await bench.ask(
        { method: 'GET', path: '/v1/queues', token: 'wrong' },
        { status: 401, codes: ['unauthorized'] },
      )),
  },
  {
    name: 'not-json',
    promise: 'A body that is not JSON is refused as a problem document.',
    async run(bench) {
      const { path } = await reads(bench);
      await bench.ask({ method: 'POST', path, text: '{"attributes":' }, { status: 400, codes: ['invalid-request'] });
    },
  },
  {
    name: 'wrong-shape',
    promise: 'A body that has not the contract’s shape is refused as a problem document.',
    async run(bench) {
      const { path, wrong } = await reads(bench);
      await bench.ask({ method: 'POST', path, body: wrong }, { status: 400, codes: ['invalid-request'] });
    },
  },
  {
    name: 'queues',
    promise: 'It lists the queues that the credentials see.',
    async run(bench) {
      const queue = bench.queue();
      const and = { says: `${queue} is among them`, holds: named(queue) };
      await bench.ask({ method: 'GET', path: '/v1/queues' }, { status: 200, shape: 'QueueList', and });
    },
  },
  {
    name: 'queue-by-name',
    promise: 'A queue is found by exactly its name, and by no other.',
    async run(bench) {
      const queue = bench.queue();
      const only = { says: `only ${queue}`, holds: (list: Listed) => list.entities.length === 1 && named(queue)(list) };
      await bench.ask(queuesNamed(queue), { status: 200, shape: 'QueueList', and: only });
      const none = { says: 'none', holds: (list: Listed) => list.entities.length === 0 };
      await bench.ask(queuesNamed(`${queue}x`), { status: 200, shape: 'QueueList', and: none });
    },
  },
  {
    name: 'agent',
    promise: 'It says that a free agent could take something.',
    async run(bench) {
      const claim = { says: 'availability is available', holds: isAvailable };
      await bench.until({ method: 'GET', path: agentPath(bench.agent()) }, 'Agent', claim, bench.freeMs());
    },
  },
  {
    name: 'agent-unknown',
    promise: 'An agent whom it does not have is not found.',
    run: async (bench) =>
      void (await bench.ask({ method: 'GET', path: agentPath(NOBODY) }, { status: 404, codes: ['not-found'] })),
  },
  {
    name: 'presence',
    promise: 'An agent’s presence can be read and set to what it is; one that there is not is refused.',
    async run(bench) {
      if (!bench.told().presence) throw new NotPromised('the gateway does not say that it has presences');
      const path = agentPath(bench.agent());
      const has = { says: 'it has a presence', holds: (agent: Told) => agent.presence !== undefined };
      const { presence } = await bench.ask({ method: 'GET', path }, { status: 200, shape: 'Agent', and: has });
      const id = presence?.id ?? '';
      const same = { says: `its presence is ${id}`, holds: (agent: Told) => agent.presence?.id === id };
      const set = (to: string) => ({ method: 'PUT', path: `${path}/presence`, body: { presence: to } }) as const;
      await bench.ask(set(id), { status: 200, shape: 'Agent', and: same });
      await bench.ask(set(NOBODY), { status: 400, codes: ['invalid-request'] });
    },
  },
];

type Listed = { readonly entities: readonly { readonly name: string }[] };
type Told = { readonly availability: string; readonly presence?: { readonly id: string } | undefined };

const named = (queue: string) => (list: Listed) => list.entities.some(({ name }) => name === queue);

/** A path whose bodies it reads whatever it promises, and a body that is wrong there: who does not reserve may refuse without reading. */
async function reads(bench: Bench): Promise<{ readonly path: string; readonly wrong: unknown }> {
  if (bench.capabilities?.reservation === 'native')
    return { path: '/v1/interactions/reserve', wrong: { mediaType: 'voice' } };
  return { path: `${interactionPath(await bench.untouched())}/context`, wrong: { attributes: 'not by name' } };
}

function isAvailable({ availability }: Told): boolean {
  return availability === 'available';
}
