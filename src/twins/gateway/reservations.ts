// Owns the simulated contact center's reservations: a place that is truly held until it is redeemed, given back or over, and the
// answers that a repeated key gets again.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import type { Agent, Floor, Queue } from './floor.ts';
import type { ReserveBody } from './gateway-schema.ts';
import type { Interaction } from './interaction.ts';
import type { Interactions } from './interactions.ts';

export type Reservation = {
  readonly id: string;
  /** The agent who is held; absent where the queue has nobody free and holds a place in it. */
  readonly agent: Agent | undefined;
  readonly queue: Queue | undefined;
  readonly address: string;
  readonly validUntil: number;
  state: 'held' | 'redeemed' | 'released' | 'expired';
};

export type ReserveRefusal = 'not-found' | 'agent-busy' | 'agent-away' | 'queue-unstaffed' | 'idempotency-key-reused';

export type ReservationsParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly floor: Floor;
  readonly interactions: () => Interactions;
  readonly uuid: () => string;
  readonly isVisible: (queue: Queue) => boolean;
};

const KEY_KEPT_MS = 86_400_000;
/** One is lent to each reservation, and lent again when all have been. */
export const NUMBERS: readonly string[] = Array.from({ length: 100 }, (_, index) => `+${18_885_552_000 + index}`);

type Kept = { readonly body: string; readonly reservation: Reservation; readonly at: number };

export class Reservations {
  readonly #parts: ReservationsParts;
  readonly #all = new Map<string, Reservation>();
  readonly #byKey = new Map<string, Kept>();
  #lent = 0;

  constructor(parts: ReservationsParts) {
    this.#parts = parts;
  }

  get(id: string): Reservation | undefined {
    return this.#all.get(id);
  }

  /** To which this address was lent last, whether it is still held or not. */
  byAddress(address: string): Reservation | undefined {
    return [...this.#all.values()].findLast((each) => each.address === address);
  }

  reserve(key: string | undefined, body: ReserveBody): Reservation | ReserveRefusal {
    const kept = key === undefined ? undefined : this.#kept(key);
    if (kept !== undefined) return kept.body === JSON.stringify(body) ? kept.reservation : 'idempotency-key-reused';
    const target = this.#targetOf(body);
    if (typeof target === 'string') return target;
    const { clock, schedule } = this.#parts;
    const holdMs = body.holdDurationLimit * 1_000;
    const id = `res-${this.#parts.uuid()}`;
    const reservation: Reservation = {
      id,
      ...target,
      address: this.#lendNumber(),
      validUntil: clock.now() + holdMs,
      state: 'held',
    };
    if (target.agent !== undefined) target.agent.reservedBy = id;
    this.#all.set(id, reservation);
    if (key !== undefined) this.#byKey.set(key, { body: JSON.stringify(body), reservation, at: clock.now() });
    schedule.after(holdMs, () => this.#letGo(reservation, 'expired'));
    return reservation;
  }

  /** One whose call has come, or that is over, stays as it is. */
  release(reservation: Reservation): void {
    this.#letGo(reservation, 'released');
  }

  /** A call has come for it: to whom it was held for, or where somebody answers when it is not held any more. */
  admit(interaction: Interaction, reservation: Reservation | undefined): void {
    const interactions = this.#parts.interactions();
    if (reservation?.state !== 'held') {
      interactions.enterQueue(interaction, this.#parts.floor.overflow);
      return;
    }
    this.#letGo(reservation, 'redeemed', false);
    if (reservation.queue !== undefined) interactions.enterQueue(interaction, reservation.queue);
    else if (reservation.agent !== undefined) interactions.ring(interaction, reservation.agent);
  }

  reset(): void {
    this.#all.clear();
    this.#byKey.clear();
    this.#lent = 0;
  }

  #kept(key: string): Kept | undefined {
    const kept = this.#byKey.get(key);
    if (kept === undefined || this.#parts.clock.now() - kept.at < KEY_KEPT_MS) return kept;
    this.#byKey.delete(key);
    return undefined;
  }

  #targetOf({ targetAgentId, targetQueue }: ReserveBody): Pick<Reservation, 'agent' | 'queue'> | ReserveRefusal {
    const { floor, isVisible } = this.#parts;
    if (targetAgentId !== undefined) {
      const agent = floor.agent(targetAgentId);
      if (agent === undefined) return 'not-found';
      const availability = floor.availabilityOf(agent);
      return availability === 'available' ? { agent, queue: undefined } : `agent-${availability}`;
    }
    const queue = floor.queueByName(targetQueue ?? '');
    if (queue === undefined || !isVisible(queue)) return 'not-found';
    return floor.isStaffed(queue) ? { agent: floor.freeAgent(queue, new Set()), queue } : 'queue-unstaffed';
  }

  #letGo(reservation: Reservation, state: 'redeemed' | 'released' | 'expired', offer = true): void {
    if (reservation.state !== 'held') return;
    reservation.state = state;
    if (reservation.agent !== undefined) reservation.agent.reservedBy = undefined;
    if (offer) this.#parts.interactions().offerWaiting();
  }

  #lendNumber(): string {
    this.#lent += 1;
    return NUMBERS[this.#lent % NUMBERS.length] ?? '';
  }
}
