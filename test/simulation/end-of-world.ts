// Owns the end of a world: everything heals, time passes, and then nothing may be left: no open handoff, no chore, no request without
// an answer, no event kept back from a conversation that is known; and the journal verifies.

import type { InteractionId } from '../../src/ids.ts';
import { control } from './crossing-acts.ts';
import { LONGEST_MS } from './crossing-limits.ts';
import { SETTLE_WITHIN_MS, SLACK_MS } from './limits.ts';
import { LONGEST_LINK_MS } from './reach/terms.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** Whoever sets an interaction aside tells somebody of it as a whole. */
const SET_ASIDE: ReadonlySet<string | undefined> = new Set(['quarantined', 'erasure-requested']);

export async function endWell(world: World): Promise<void> {
  const { trace, weather, twin, nodes, ledger, desk, poisoned, crossing, reach } = world;
  trace.tell('everything heals');
  Object.assign(weather, { trouble: 0, slowStore: 0, outageUntil: 0, storeOutUntil: 0 });
  await twin.answer(control('DELETE', '/twin/faults'));
  if (crossing) {
    crossing.outUntil = 0;
    await crossing.cxone.answer(control('DELETE', '/twin/faults'));
  }
  await reach.calm();
  for (const node of nodes) {
    node.doom = null;
    if (node.life?.paused) node.life.resume();
  }
  const within = Math.max(LONGEST_MS, LONGEST_LINK_MS + SETTLE_WITHIN_MS);
  for (let passed = 0; passed < within + SLACK_MS; passed += 5_000) {
    for (const node of nodes) if (node.life === null) await node.start(world.clockOff(), world.alone);
    await world.goOn(5_000);
  }
  // From here on even the poisoned may be read.
  poisoned.clear();
  const left = (message: string, ...concerns: readonly string[]) => {
    throw new Violation('H6', message, concerns);
  };
  for (const known of ledger.all()) {
    if (known.quarantined) continue;
    if (known.open) left(`${known.open.id} is open though all has healed`, known.id);
    const head = await world.observer.peek(known.id as InteractionId);
    if (head && head.state.chores.length > 0) left('work is left though all has healed', known.id);
    for (const { id, settled, alerted } of known.handoffs) {
      if (settled?.outcome === 'dead_lettered' && !SET_ASIDE.has(settled.reason) && !alerted)
        left(`${id} is a dead letter that nobody was told of`, known.id);
    }
  }
  if (desk.waiting > 0) left(`${desk.waiting} requests have no answer`);
  const strays = await world.store.claimable(10);
  if (strays.length > 0)
    left(
      `${strays.length} events of known conversations are kept back`,
      ...strays.map(({ interactionId }) => interactionId),
    );
  const verdict = await world.observer.verify();
  if (!verdict.ok) throw new Violation('H8', 'the journal does not verify', [verdict.firstBad?.interactionId ?? '']);
  await ledger.compareAll();
  if (crossing) {
    for (const caller of crossing.desk.onTheLine()) crossing.desk.hangUp(caller);
    await world.goOn(5_000);
    crossing.endedWell();
  }
  await reach.chats.finish();
  reach.endedWell();
  await world.look();
  await world.nobodyErasedIsFound();
}
