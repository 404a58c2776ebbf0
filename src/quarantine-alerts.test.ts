// Tests how a person is called for what was set aside: once per quarantine, until it is taken, after a restart too, and by one node.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../test/contract/manual-clock.ts';
import { type Served, serve } from '../test/contract/served.ts';
import type { InteractionId } from './ids.ts';
import type { Outcome } from './outcome.ts';
import { type Quarantine, quarantineAlerts } from './quarantine-alerts.ts';

const TAKEN: Outcome<null> = { kind: 'done', value: null };
const DOWN: Outcome<null> = { kind: 'transient', code: 'unreachable' };

async function setAside(served: Served, externalId = 'conv-1', id?: InteractionId): Promise<InteractionId> {
  const known = id ?? (await served.open(externalId));
  await served.runner.submit(known, { kind: 'quarantine', actor: 'throughline' });
  return known;
}

/** A node that tells; `answer` is what becomes of each alert. */
function teller(served: Served, answer: (told: number) => Outcome<null> | Promise<Outcome<null>> = () => TAKEN) {
  const told: Quarantine[] = [];
  const faults: unknown[] = [];
  const clock = manualClock();
  const alerts = quarantineAlerts({
    store: served.journal.store,
    clock,
    random: () => 0.5,
    raise: async (quarantine) => {
      told.push(quarantine);
      return answer(told.length);
    },
    onFault: (error) => faults.push(error),
    ridesOutages: false,
  });
  const ids = () => told.map(({ interactionId }) => interactionId);
  return { ...alerts, told, ids, faults, clock };
}

const settled = async () => {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('what was set aside', () => {
  it('calls a person at once, and once', async () => {
    await using served = await serve();
    await using node = teller(served);
    await settled();
    expect(node.ids()).toEqual([]);
    const id = await setAside(served);
    node.setAside();
    await settled();
    expect(node.ids()).toEqual([id]);
    for (let n = 0; n < 20; n += 1) await node.clock.advance(20_000);
    await settled();
    expect([node.ids(), node.faults]).toEqual([[id], []]);
  });

  it('is told again, with what makes the same id, until it is taken', async () => {
    await using served = await serve();
    const id = await setAside(served);
    await using node = teller(served, (told) => (told < 4 ? DOWN : TAKEN));
    await settled();
    expect(node.ids()).toEqual([id]);
    for (let n = 0; n < 30; n += 1) {
      await node.clock.advance(2_000);
      await settled();
    }
    expect(node.ids()).toEqual([id, id, id, id]);
    expect(new Set(node.told.map(({ quarantinedAt }) => quarantinedAt)).size).toBe(1);
  });

  it('is told by the next start where this one ended before, and not where it was told', async () => {
    await using served = await serve();
    const id = await setAside(served);
    const first = teller(served, () => DOWN);
    await settled();
    await first[Symbol.asyncDispose]();
    const second = teller(served);
    for (let n = 0; n < 10; n += 1) {
      await second.clock.advance(5_000);
      await settled();
    }
    await second[Symbol.asyncDispose]();
    await using third = teller(served);
    for (let n = 0; n < 10; n += 1) {
      await third.clock.advance(5_000);
      await settled();
    }
    expect([first.ids(), second.ids(), third.ids()]).toEqual([[id], [id], []]);
  });

  it('is told by one of several nodes, also by one that did not set it aside', async () => {
    await using served = await serve();
    const id = await setAside(served);
    let answer = (_: Outcome<null>) => {};
    await using first = teller(served, () => new Promise((resolve) => (answer = resolve)));
    await settled();
    await using second = teller(served);
    await settled();
    answer(TAKEN);
    await settled();
    for (let n = 0; n < 10; n += 1) {
      await second.clock.advance(5_000);
      await settled();
    }
    expect([first.ids(), second.ids()]).toEqual([[id], []]);
  });

  it('is told no more once a person has seen to it, and anew when it is set aside again', async () => {
    await using served = await serve();
    const id = await setAside(served);
    await using node = teller(served, (told) => (told === 1 ? DOWN : TAKEN));
    await settled();
    expect((await served.post(`/v1/dead-letters/${id}/retry`)).status).toBe(200);
    for (let n = 0; n < 10; n += 1) {
      await node.clock.advance(20_000);
      await settled();
    }
    expect(node.ids()).toEqual([id]);
    await served.clock.advance(1_000);
    await setAside(served, 'conv-1', id);
    node.setAside();
    await settled();
    expect(node.ids()).toEqual([id, id]);
    expect(node.told[0]?.quarantinedAt).not.toBe(node.told[1]?.quarantinedAt);
  });
});
