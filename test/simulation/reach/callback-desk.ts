// Owns those who ask for callbacks: now or at a time, in a zone that they name or not, for the customer's own number or another.

import { isLive } from '../../../src/twins/genesys/conversation.ts';
import type { Matter } from '../desk.ts';
import type { World } from '../world.ts';
import { LANDLINE, PHONES } from './telephones.ts';

const HOUR_MS = 3_600_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Pacific/Auckland'] as const;

export class CallbackDesk {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  ask(matter: Matter): void {
    const { interactionId = '', conversation } = matter;
    const { chance, clock, desk, reach } = this.#world;
    const phone = chance.happens(0.2) ? chance.of(LANDLINE, ...PHONES) : reach.phones.of(conversation.from);
    const timeZone = chance.happens(0.2) ? chance.of(...ZONES) : undefined;
    const at = clock.now() + chance.between(0, chance.of(HOUR_MS, 30 * HOUR_MS));
    if (timeZone) reach.callbacks.told(interactionId, timeZone);
    // Who is called back need not stay.
    if (chance.happens(0.25)) void clock.sleep(chance.between(0, 800)).then(() => desk.hangUp(matter));
    desk.request(interactionId, {
      kind: 'callback',
      ...(chance.happens(0.85) && { phone }),
      ...(chance.happens(0.3) && { at: new Date(at).toISOString() }),
      ...(timeZone && { timeZone }),
      ...(chance.happens(0.2) && { priority: chance.below(20) }),
      ...(chance.happens(0.3) && { queue: chance.of('General_Support', 'BillingDisputes_Tier2', 'No_Such_Queue') }),
    });
  }

  /** An agent calls and the customer answers, or either of them is done. */
  goOn(): void {
    const { chance, twin, trace } = this.#world;
    const booked = [...twin.conversations.all()].filter(({ media, endedAt }) => media === 'callback' && !endedAt);
    const conversation = chance.pick(booked);
    if (!conversation) return;
    const talks = conversation.participants.some((one) => one.purpose === 'agent' && isLive(one));
    if (!talks && chance.happens(0.5)) {
      if (twin.conversations.answer(conversation) === undefined) trace.tell('an agent calls back', conversation.id);
      return;
    }
    if (twin.conversations.hangUp(conversation) === undefined) trace.tell('the callback is over', conversation.id);
  }
}
