// Owns the checks of conversations: how they are read, what is written to them, and how they end.

import type { Check } from './conformance-basics.ts';
import { type Bench, interactionPath } from './conformance-bench.ts';
import type { Context, Interaction } from './conformance-shapes.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
/** Whoever says more is believed. */
const LONGEST_TRIED = 65_536;
const MOST_TRIED = 200;
const NOT_FOUND = { status: 404, codes: ['not-found'] } as const;

export const reading = (id: string) => ({ method: 'GET', path: interactionPath(id) }) as const;
export const ending = (id: string) => ({ method: 'POST', path: `${interactionPath(id)}/end` }) as const;
export const writing = (id: string, body: unknown) =>
  ({ method: 'POST', path: `${interactionPath(id)}/context`, body }) as const;

export const INTERACTIONS: readonly Check[] = [
  {
    name: 'interaction',
    promise: 'A live conversation is read, with the customer in it.',
    async run(bench) {
      const id = await bench.interaction();
      const and = {
        says: `it is ${id}, not completed, and a customer is connected`,
        holds: (read: Interaction) =>
          read.id === id &&
          read.state !== 'completed' &&
          read.parties.some(({ role, state }) => role === 'customer' && state === 'connected'),
      };
      await bench.ask(reading(id), { status: 200, shape: 'Interaction', and });
    },
  },
  {
    name: 'interaction-unknown',
    promise: 'A conversation that it does not have is not found, whatever is asked of it.',
    async run(bench) {
      await bench.ask(reading(NOBODY), NOT_FOUND);
      await bench.ask(writing(NOBODY, { attributes: { a: 'b' } }), NOT_FOUND);
      await bench.ask(ending(NOBODY), NOT_FOUND);
    },
  },
  {
    name: 'context',
    promise: 'Context is written whole (attributes, our id, the keys pressed), and the same again changes nothing.',
    async run(bench) {
      const id = await bench.interaction();
      // Every value in one call: what came with it must be there together.
      const body = {
        canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
        attributes: { accountNumber: 'ACC-992837', note: 'näher: "✓"' },
        dtmfSequence: ['1', '3', '0'],
        referenceUrl: 'https://throughline.example/card?ref=1',
      };
      for (let time = 0; time < 2; time += 1) {
        await bench.ask(writing(id, body), { status: 204 });
        await contextIs(bench, id, 'all of it, once', (context) => contains(context, body));
      }
    },
  },
  {
    name: 'context-merges',
    promise: 'What a later call does not name stays.',
    async run(bench) {
      const id = await bench.interaction();
      await bench.ask(writing(id, { canonicalInteractionId: 'ours', attributes: { first: '1' } }), { status: 204 });
      await bench.ask(writing(id, { attributes: { second: '2' } }), { status: 204 });
      const both = { canonicalInteractionId: 'ours', attributes: { first: '1', second: '2' } };
      await contextIs(bench, id, 'both attributes and our id', (context) => contains(context, both));
    },
  },
  {
    name: 'context-overwritten',
    promise: 'An empty value overwrites what was there, and nothing else: so customers are forgotten.',
    async run(bench) {
      const id = await bench.interaction();
      await bench.ask(writing(id, { attributes: { name: 'Ada', kept: '1' }, dtmfSequence: ['1'] }), { status: 204 });
      await bench.ask(writing(id, { attributes: { name: '' }, dtmfSequence: [] }), { status: 204 });
      await contextIs(
        bench,
        id,
        'kept is 1, name and the keys are gone',
        ({ attributes = {}, dtmfSequence = [] }) =>
          (attributes.name ?? '') === '' && attributes.kept === '1' && dtmfSequence.length === 0,
      );
    },
  },
  {
    name: 'context-limits',
    promise: 'What its capabilities say that it holds, it holds: so much in one value, and so many.',
    async run(bench) {
      const { valueBytes, count } = bench.told().attributes;
      const id = await bench.interaction();
      const attributes = {
        // Two bytes each: what counts characters holds too much, what cuts by bytes shows.
        longest: 'é'.repeat(Math.floor(Math.min(valueBytes, LONGEST_TRIED) / 2)),
        ...Object.fromEntries(Array.from({ length: Math.min(count, MOST_TRIED) - 1 }, (_, n) => [`n${n}`, `${n}`])),
      };
      await bench.ask(writing(id, { attributes }), { status: 204 });
      const says = `whole: one of ${valueBytes} bytes, ${count} in all`;
      await contextIs(bench, id, says, (context) => contains(context, { attributes }));
    },
  },
  {
    name: 'end',
    promise: 'A conversation is ended, and one that has ended stays so.',
    async run(bench) {
      const id = await bench.interaction();
      await bench.ask(ending(id), { status: 204 });
      const claim = { says: 'it is completed', holds: ({ state }: Interaction) => state === 'completed' };
      await bench.until(reading(id), 'Interaction', claim, bench.settleMs());
      await bench.ask(ending(id), { status: 204 });
    },
  },
  {
    name: 'context-after-end',
    promise: 'What was written can be overwritten after the conversation has ended, or it is gone.',
    async run(bench) {
      const id = await bench.interaction();
      await bench.ask(ending(id), { status: 204 });
      await bench.ask(writing(id, { attributes: { name: '' } }), { status: [204, 404] });
    },
  },
];

async function contextIs(bench: Bench, id: string, says: string, holds: (context: Context) => boolean): Promise<void> {
  const claim = { says: `its context is ${says}`, holds: ({ context = {} }: Interaction) => holds(context) };
  await bench.until(reading(id), 'Interaction', claim, bench.settleMs());
}

/** Every value is there, and is the same. */
function contains(context: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return context === wanted;
  if (typeof context !== 'object' || context === null) return false;
  if (Array.isArray(wanted)) return JSON.stringify(context) === JSON.stringify(wanted);
  const values = new Map(Object.entries(context));
  return Object.entries(wanted).every(([name, value]) => contains(values.get(name), value));
}
