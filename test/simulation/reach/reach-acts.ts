// Owns what can happen in a step to customers who are reached beyond their conversation, and how likely each is.

import type { Matter } from '../desk.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';
import { control } from './house-of-texts.ts';
import type { Link } from './telephones.ts';

type Act = (world: World) => void | Promise<void>;

const MOST_CALLS = 6;

function calls({ desk, poisoned, ledger }: World): readonly Matter[] {
  return desk.matters.filter(({ channel, conversation, interactionId = '', calls: moves }) => {
    if (moves || channel !== 'voice' || conversation.endedAt !== undefined) return false;
    return !poisoned.has(interactionId) && !poisoned.has(ledger.ownerOf(conversation.id)?.id ?? '');
  });
}

/** Of a caller who has just come in, or of one who has been there for a while. */
const deflectByFlow: Act = (world) => {
  const there = calls(world);
  const comesIn = there.length < MOST_CALLS && world.chance.happens(0.6);
  const matter = comesIn ? world.reach.desk.callIn() : world.chance.pick(there);
  if (!matter) return;
  world.reach.desk.byFlow(matter);
  if (world.chance.happens(0.15)) world.reach.desk.byFlow(matter);
};

const deflectByRequest: Act = (world) => {
  const matter = world.chance.pick(calls(world).filter(({ interactionId }) => interactionId !== undefined));
  if (matter) world.reach.desk.byRequest(matter);
};

const openLink: Act = (world) => {
  const { chance, reach } = world;
  const healthy = ({ token }: Link) => !world.poisoned.has(reach.interactionOf(token).id ?? '');
  const links = reach.phones.links.filter(healthy);
  const standing = links.filter(({ token }) => reach.book.ofToken(token)?.settled === undefined);
  // Mostly one that can be used, often one that is used already, now and then one of long ago.
  const link = chance.pick(
    chance.weighted([
      [4, standing],
      [3, links.slice(-4)],
      [1, links],
    ] as const),
  );
  if (link) reach.desk.openLink(link);
};

/** Callers whom transfers move are left to those. */
function known({ desk, poisoned, ledger }: World): readonly Matter[] {
  return desk.matters.filter(
    ({ interactionId, conversation, calls: moves }) =>
      interactionId !== undefined &&
      !moves &&
      !poisoned.has(interactionId) &&
      !poisoned.has(ledger.ownerOf(conversation.id)?.id ?? ''),
  );
}

const callBack: Act = (world) => {
  const matter = world.chance.pick(known(world));
  if (matter) world.reach.callbackDesk.ask(matter);
};

const turn: Act = (world) => {
  const matter = world.chance.pick(known(world));
  if (matter) world.reach.chats.turns.ask(matter);
};

const callbackGoesOn: Act = ({ reach }) => reach.callbackDesk.goOn();

const word: Act = ({ reach }) => reach.desk.word();

const telephone: Act = ({ chance, reach, trace, weather }) => {
  if (chance.happens(weather.trouble)) trace.tell(reach.phones.settle(chance));
};

const armFault: Act = async ({ chance, reach, trace, weather }) => {
  if (!chance.happens(weather.trouble)) return;
  const fault = chance.of('429', '500', 'hang', 'commit-then-drop', 'drop-event', 'repeat-event', 'reorder-events');
  const match = fault.includes('event') || chance.happens(0.3) ? {} : { method: 'POST' };
  const times = 1 + chance.below(3);
  trace.tell(`the providers will commit ${fault} ${times} times`);
  await control(reach.twin, 'POST', '/twin/faults', { match, fault, times, seed: chance.below(1_000) });
};

/** A receipt that was taken is told again, in a moment in which nothing else happens: it must change nothing. */
const tellAgain: Act = async (world) => {
  const { chance, reach, stillness, ledger, poisoned, violations } = world;
  const receipts = reach.line.accepted.flatMap((one) => (one.says.kind === 'receipt' ? [{ one, of: one.says }] : []));
  const told = chance.pick(receipts.filter(({ of }) => !poisoned.has(of.ref.split('.')[0] ?? '')));
  if (!told) return;
  if (world.weather.slowStore > 0 || world.clock.now() < world.weather.storeOutUntil) return;
  await world.goOn(0);
  void reach.line.deliver(told.one);
  await stillness.rest();
  for (const { actor, type, interactionId } of ledger.rowsNow) {
    if (!['platform:twilio', 'platform:vonage'].includes(actor)) continue;
    const message = `a receipt (${told.of.status}) was told again and caused ${type}`;
    violations.push(new Violation('repeats', message, [interactionId]));
  }
};

export const REACH_ACTS: readonly (readonly [weight: number, act: Act])[] = [
  [12, deflectByFlow],
  [4, deflectByRequest],
  [9, openLink],
  [4, callBack],
  [2, callbackGoesOn],
  [1, ({ reach }) => reach.chats.begin()],
  [9, ({ reach }) => reach.chats.say()],
  [2.5, ({ reach }) => reach.chats.drop()],
  [0.4, ({ reach }) => reach.chats.end()],
  [2.5, turn],
  [0.7, word],
  [1, telephone],
  [1.5, armFault],
  [1, tellAgain],
];
