// Owns what can happen in a step, and how likely each is.

import { CROSSING_ACTS, control } from './crossing-acts.ts';
import type { Matter } from './desk.ts';
import type { Life } from './life.ts';
import type { SimNode } from './node.ts';
import { REACH_ACTS } from './reach/reach-acts.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

export type Act = (world: World) => void | Promise<void>;
export type Weighted = readonly (readonly [weight: number, act: Act])[];

const CONCURRENT_CUSTOMERS = 10;

/** More than a world ever has at once. */
const KEPT_BACK_AT_MOST = 500;

const live = ({ desk }: World) => desk.matters.filter(({ conversation }) => conversation.endedAt === undefined);
const known = (world: World) =>
  world.desk.matters.filter((matter) => matter.interactionId !== undefined && isHealthy(world, matter));

/** Neither what it came in as nor what has its conversation by now ends whoever reads it: nobody asks for that. */
function isHealthy({ poisoned, ledger }: World, { interactionId = '', conversation }: Matter): boolean {
  return !poisoned.has(interactionId) && !poisoned.has(ledger.ownerOf(conversation.id)?.id ?? '');
}

const callIn: Act = (world) => {
  if (live(world).length < CONCURRENT_CUSTOMERS) world.desk.callIn();
};

const open: Act = (world) => {
  const strangers = live(world).filter((one) => one.interactionId === undefined && isHealthy(world, one));
  const matter = world.chance.pick(strangers);
  if (!matter) return;
  world.desk.open(matter);
  // Two who notice the same conversation at once get the same interaction.
  if (world.chance.happens(0.15)) world.desk.open(matter);
};

const escalate: Act = (world) => {
  const { chance, desk } = world;
  const matter = chance.pick(
    chance.happens(0.9) ? live(world).filter((one) => known(world).includes(one)) : known(world),
  );
  if (!matter) return;
  desk.escalate(matter);
  if (chance.happens(0.15)) desk.escalate(matter);
};

const flow: Act = (world) => {
  const matter = world.chance.pick(live(world).filter((one) => isHealthy(world, one)));
  if (matter) world.desk.flow(matter);
};

const again: Act = (world) => {
  const asked = world.chance.pick(world.desk.asked.slice(-15));
  if (asked && !world.poisoned.has(asked.path.split('/')[3] ?? '')) world.desk.again(asked);
};

const cancel: Act = (world) => {
  const asked = world.chance.pick(world.desk.asked.slice(-6));
  if (asked && !world.poisoned.has(asked.path.split('/')[3] ?? '')) world.desk.cancel(asked);
};

const patch: Act = (world) => {
  const matter = world.chance.pick(known(world));
  if (matter) world.desk.patch(matter);
};

const attach: Act = (world) => {
  const [matter, to] = world.chance.shuffled(known(world).filter(({ calls }) => !calls));
  const node = matter && to && world.desk.attach(matter, to);
  if (!node || !world.chance.happens(0.3)) return;
  // It finds out whose the conversation is, takes it from there, and dies with it in hand; then its flow asks for a handoff.
  node.doom = { left: 2, when: 'after', at: 'store' };
  void world.clock.sleep(world.chance.between(500, 3_000)).then(() => {
    if (matter.conversation.endedAt === undefined && isHealthy(world, matter)) world.desk.flow(matter);
  });
};

const wrapUp: Act = (world) => {
  const matter = world.chance.pick(known(world));
  if (matter) world.desk.wrapUp(matter);
};

const erase: Act = ({ desk }) => desk.erase();

const settle: Act = ({ desk }) => desk.settle();

const hangUp: Act = (world) => {
  const matter = world.chance.pick(live(world));
  if (matter) world.desk.hangUp(matter);
};

const answer: Act = (world) => {
  const matter = world.chance.pick(live(world));
  if (matter) world.desk.answer(matter);
};

const close: Act = (world) => {
  const matter = world.chance.pick(live(world));
  if (matter) world.desk.close(matter);
};

const hire: Act = (world) => {
  if (world.chance.happens(0.2)) world.desk.hireAgent();
};

const armFault: Act = async (world) => {
  const { chance, twin, trace, weather } = world;
  if (!chance.happens(weather.trouble)) return;
  const fault = chance.of(
    '429',
    '500',
    'hang',
    'commit-then-drop',
    'expire-token',
    'drop-event',
    'repeat-event',
    'reorder-events',
  );
  const match = chance.happens(0.5) ? { path: 'replace/queue' } : {};
  const body = {
    match: fault.includes('event') ? {} : match,
    fault,
    times: 1 + chance.below(3),
    seed: chance.below(1_000),
  };
  trace.tell(`the vendor will commit ${fault} ${body.times} times${match.path ? ` at ${match.path}` : ''}`);
  await twin.answer(control('POST', '/twin/faults', body));
};

/** The vendor cannot be reached at all for a while. */
const outage: Act = ({ chance, clock, trace, weather }) => {
  if (!chance.happens(weather.trouble) || clock.now() < weather.outageUntil) return;
  const ms = chance.between(1_000, chance.of(5_000, 20_000, 90_000));
  weather.outageUntil = clock.now() + ms;
  trace.tell(`the vendor is out of reach for ${ms} ms`);
};

/** The store that nodes share cannot be reached for a while; one's own that fails ends its process, and is a crash. */
const storeOutage: Act = ({ alone, chance, clock, trace, weather }) => {
  if (alone || !chance.happens(weather.trouble) || clock.now() < weather.storeOutUntil) return;
  const ms = chance.between(50, chance.of(500, 3_000, 3_000, 20_000));
  weather.storeOutUntil = clock.now() + ms;
  trace.tell(`the store is out of reach for ${ms} ms`);
};

/**
 * What was taken is told again, in a moment in which nothing else happens: it must change nothing. What came just before its
 * conversation was known is only kept as yet, and whichever copy of it comes first is the first.
 */
export const tellAgain: Act = async (world) => {
  const { chance, hooks, stillness, ledger, store, violations } = world;
  const told = chance.pick(hooks.accepted.filter(({ conversationId }) => world.goesOn(conversationId)));
  if (!told || world.weather.slowStore > 0 || world.clock.now() < world.weather.storeOutUntil) return;
  await world.goOn(0);
  const keptBack = await store.claimable(KEPT_BACK_AT_MOST);
  if (keptBack.some(({ interactionId }) => interactionId === ledger.ownerOf(told.conversationId)?.id)) return;
  void hooks.deliver(told);
  await stillness.rest();
  for (const row of ledger.rowsNow) {
    if (!row.actor.startsWith('platform:')) continue;
    const message = `${told.kind} was told again and caused ${row.type}`;
    violations.push(new Violation('repeats', message, [row.interactionId, told.conversationId]));
  }
};

const restart: Act = async (world) => {
  const node = world.chance.pick(world.nodes.filter((one) => one.life === null));
  if (node) void node.start(world.clockOff(), world.alone).catch((error) => world.violations.push(asFault(error)));
};

const crash: Act = (world) =>
  withNode(world, (node, life) => {
    const { chance, trace } = world;
    if (chance.happens(0.3)) {
      trace.tell(`${life.owner} crashes`);
      return node.crash();
    }
    node.doom = { left: 1 + chance.below(6), when: chance.of('before', 'after'), at: chance.of('store', 'wire') };
  });

const stop: Act = (world) =>
  withNode(world, (node, life) => {
    world.trace.tell(`${life.owner} is stopped`);
    void node.stop().catch((error) => world.violations.push(asFault(error)));
  });

const pause: Act = (world) =>
  withNode(world, (_, life) => {
    world.trace.tell(`${life.owner} is paused`);
    life.pause();
  });

const resume: Act = (world) => {
  const life = world.chance.pick(world.nodes.flatMap((node) => (node.life?.paused ? [node.life] : [])));
  if (!life) return;
  world.trace.tell(`${life.owner} goes on`);
  life.resume();
};

/** One row that kills every process that reads it: it must be set aside, and the house go on. */
const poison: Act = (world) => {
  const { chance, poisoned, ledger, trace } = world;
  if (poisoned.size > 0 || world.alone) return;
  const busy = [...ledger.all()].filter(({ open, quarantined }) => open !== null && !quarantined);
  const chosen = chance.pick(busy);
  if (!chosen) return;
  poisoned.add(chosen.id);
  trace.tell('from now on whoever reads it dies', chosen.id);
};

function withNode(world: World, act: (node: SimNode, life: Life) => void): void {
  const up = world.nodes.filter((node) => node.running);
  const node = world.chance.pick(up);
  if (node?.life) act(node, node.life);
}

function asFault(error: unknown): Violation {
  return new Violation('fault', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

const ACTS: Weighted = [
  [10, callIn],
  [12, open],
  [14, escalate],
  [5, flow],
  [4, again],
  [3, cancel],
  [5, patch],
  [2, attach],
  [1, wrapUp],
  [0.8, erase],
  [1, settle],
  [4, hangUp],
  [6, answer],
  [4, close],
  [1, hire],
  [5, armFault],
  [0.15, outage],
  [0.4, storeOutage],
  [4, tellAgain],
  [5, restart],
  [2, crash],
  [1, stop],
  [2, pause],
  [4, resume],
  [0.1, poison],
  ...REACH_ACTS,
];
const ALL_ACTS: Weighted = [...ACTS, ...CROSSING_ACTS];

/** One step: one or a few things at the same moment, then some time. */
export async function step(world: World): Promise<void> {
  const { chance } = world;
  const acts = chance.happens(0.15) ? 2 + chance.below(2) : 1;
  for (let n = 0; n < acts; n += 1) await chance.weighted(world.crossing ? ALL_ACTS : ACTS)(world);
  const ms = chance.weighted<() => number>([
    [4, () => 0],
    [4, () => chance.between(0, 50)],
    [4, () => chance.between(50, 600)],
    [0.6, () => chance.between(600, 3_000)],
    [0.1, () => chance.between(3_000, 12_000)],
  ])();
  await world.goOn(ms);
}
