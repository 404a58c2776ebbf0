// Owns what can happen in a step of a world with two contact centers, beside what happens in any, and how likely each is.

import type { Act, Weighted } from './acts.ts';
import type { Crossing } from './crossing.ts';
import type { Caller } from './crossing-desk.ts';
import { QUEUES } from './desk.ts';
import { CXONE, PLATFORM } from './limits.ts';
import type { World } from './world.ts';

const CONCURRENT_CALLERS = 10;

type OnCrossing = (world: World, crossing: Crossing) => void | Promise<void>;

function where(act: OnCrossing): Act {
  return (world) => (world.crossing ? act(world, world.crossing) : undefined);
}

/** On a caller that fits, drawn among those on the line whom nothing ends that reads them. */
function onCaller(
  fits: (caller: Caller) => boolean,
  act: (crossing: Crossing, caller: Caller, world: World) => void,
): Act {
  return where((world, crossing) => {
    const healthy = crossing.desk.onTheLine().filter(({ interactionId = '' }) => !world.poisoned.has(interactionId));
    const caller = world.chance.pick(healthy.filter(fits));
    if (caller) act(crossing, caller, world);
  });
}

const isKnown = ({ interactionId }: Caller) => interactionId !== undefined;
const anybody = () => true;

const comeIn = where((_world, { desk }) => {
  if (desk.onTheLine().length < CONCURRENT_CALLERS) desk.comeIn();
});

const open = onCaller(
  (caller) => !isKnown(caller),
  ({ desk }, caller) => desk.open(caller),
);

const transfer = onCaller(isKnown, ({ desk }, caller, { chance }) => {
  desk.transfer(caller);
  if (chance.happens(0.1)) desk.transfer(caller);
});

const verdict = where((_world, { desk }) => desk.verdict());
const hangUp = onCaller(anybody, ({ desk }, caller) => desk.hangUp(caller));
const answer = onCaller(anybody, ({ desk }, caller) => desk.answer(caller));
const close = onCaller(anybody, ({ desk }, caller) => desk.close(caller));
const escalate = onCaller(isKnown, (_crossing, caller, { desk }) => desk.escalate(caller));
const patch = onCaller(isKnown, (_crossing, caller, { desk }) => desk.patch(caller));

const hire = where(({ chance }, { desk }) => {
  if (!chance.happens(0.3)) return;
  const queue = chance.happens(0.7) ? chance.of(...QUEUES) : undefined;
  desk.hire(chance.of(PLATFORM, CXONE), queue, chance.of('auto', 'auto', 'manual', 'declines', 'hangs'));
});

/** CXone commits a fault a few times: at signals and sessions, at anything, or with what its scripts tell. */
const armFault = where(async ({ chance, trace, weather }, { cxone }) => {
  if (!chance.happens(weather.trouble)) return;
  const ofCalls = ['429', '500', 'hang', 'commit-then-drop', 'expire-token'] as const;
  const fault = chance.of(...ofCalls, 'drop-event', 'repeat-event', 'reorder-events');
  // A token that has expired says nothing against the credentials: logins are left alone.
  const anywhere = fault === 'expire-token' ? 'incontactapi' : undefined;
  const path = fault.includes('event') ? undefined : chance.of('signal', 'agent-sessions', anywhere);
  const body = { match: path ? { path } : {}, fault, times: 1 + chance.below(3), seed: chance.below(1_000) };
  trace.tell(`CXone will commit ${fault} ${body.times} times${path ? ` at ${path}` : ''}`);
  await cxone.answer(control('POST', '/twin/faults', body));
});

/** Whoever is to let a caller go fails at just that: also with a storm of 429, or with a token that is no longer taken. */
const armDeparture = where(async ({ chance, trace, twin, weather }, { cxone }) => {
  if (!chance.happens(weather.trouble)) return;
  const fault = chance.of('429', '429', '500', 'hang', 'commit-then-drop', 'expire-token');
  const times = 1 + chance.below(fault === '429' ? 8 : 3);
  const [side, path] = chance.of([twin, '/transfer$|/consult$'] as const, [cxone, 'signal|dial-phone'] as const);
  trace.tell(`who lets a caller go at ${side === twin ? PLATFORM : CXONE} will commit ${fault} ${times} times`);
  await side.answer(control('POST', '/twin/faults', { match: { method: 'POST', path }, fault, times }));
});

const outage = where(({ chance, clock, trace, weather }, crossing) => {
  if (!chance.happens(weather.trouble) || clock.now() < crossing.outUntil) return;
  const ms = chance.between(1_000, chance.of(5_000, 20_000, 60_000));
  crossing.outUntil = clock.now() + ms;
  trace.tell(`CXone is out of reach for ${ms} ms`);
});

/** A request to a twin's control surface. */
export function control(method: string, path: string, body?: unknown) {
  return { method, path, query: new URLSearchParams(), headers: {}, body, loopback: true };
}

export const CROSSING_ACTS: Weighted = [
  [11, comeIn],
  [14, open],
  [24, transfer],
  [9, verdict],
  [4, hangUp],
  [6, answer],
  [2, close],
  [1, escalate],
  [3, patch],
  [1, hire],
  [3, armFault],
  [4, armDeparture],
  [0.15, outage],
];
