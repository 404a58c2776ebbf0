// Owns what happens to interactions in the simulated contact center: they come in, wait, are rung and answered, and end. Each change
// is published once. Transfers and reservations are built on this.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import { drawUuid } from '../seeded-random.ts';
import type { Agent, Floor, Queue } from './floor.ts';
import type { MediaType } from './gateway-schema.ts';
import { type Interaction, isLive, liveParty, type Party } from './interaction.ts';

export type InteractionsParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly random: () => number;
  readonly floor: Floor;
  readonly onChange: (interaction: Interaction) => void;
  /** Somebody has answered: a warm transfer may be over by that. */
  readonly onAnswer: (interaction: Interaction, answered: Party) => void;
};

export type ActRefusal = 'ended' | 'not-waiting' | 'no-such-agent' | 'nobody-to-close';

export class Interactions {
  readonly #parts: InteractionsParts;
  readonly #all = new Map<string, Interaction>();
  /** Those that wait in a queue with nobody rung, in order of arrival. */
  readonly #waiting = new Set<Interaction>();

  constructor(parts: InteractionsParts) {
    this.#parts = parts;
  }

  get(id: string): Interaction | undefined {
    return this.#all.get(id);
  }

  all(): readonly Interaction[] {
    return [...this.#all.values()];
  }

  uuid(): string {
    return drawUuid(this.#parts.random);
  }

  /** A customer who is with nobody yet: `admit` says with whom, and publishes. */
  open(
    mediaType: MediaType,
    reservationId: string | undefined,
    admit: (interaction: Interaction) => void,
    id: string = this.uuid(),
  ): Interaction {
    const interaction: Interaction = {
      id,
      mediaType,
      from: 'anonymous',
      parties: [],
      transfers: [],
      reservationId,
      declinedBy: new Set(),
      context: { attributes: {} },
      ended: false,
      transfersAsked: 0,
      transfersAccepted: 0,
    };
    this.#all.set(interaction.id, interaction);
    this.join(interaction, { role: 'customer' }, 'connected');
    admit(interaction);
    this.changed(interaction);
    return interaction;
  }

  changed(interaction: Interaction): void {
    this.#parts.onChange(interaction);
  }

  join(
    interaction: Interaction,
    who: Pick<Party, 'role' | 'queue' | 'agent' | 'address'>,
    state: 'alerting' | 'connected',
  ): Party {
    const party: Party = { ...who, id: this.uuid(), state };
    interaction.parties.push(party);
    if (party.agent !== undefined) party.agent.live += 1;
    return party;
  }

  /** With a queue, whoever rings on its behalf stops too. */
  leave(interaction: Interaction, party: Party): void {
    if (!isLive(party)) return;
    party.state = 'ended';
    if (party.agent !== undefined) party.agent.live -= 1;
    party.hangUp?.();
    if (party.role !== 'queue') return;
    this.#waiting.delete(interaction);
    for (const each of interaction.parties)
      if (each.state === 'alerting' && each.queue === party.queue) this.leave(interaction, each);
  }

  enterQueue(interaction: Interaction, queue: Queue): Party {
    const party = this.join(interaction, { role: 'queue', queue }, 'connected');
    interaction.declinedBy.clear();
    this.#waiting.add(interaction);
    this.#offer(interaction);
    return party;
  }

  ring(interaction: Interaction, agent: Agent, queue?: Queue): Party {
    const party = this.join(interaction, { role: 'agent', agent, queue }, 'alerting');
    this.#waiting.delete(interaction);
    if (agent.answers === 'auto' || agent.answers === 'declines') {
      this.#parts.schedule.after(agent.afterMs, () => {
        if (party.state !== 'alerting') return;
        if (agent.answers === 'auto') this.#connect(interaction, party);
        else this.#decline(interaction, party, agent);
      });
    }
    return party;
  }

  /** Somebody became free: whoever waits longest is offered first. */
  offerWaiting(): void {
    for (const interaction of [...this.#waiting]) if (this.#offer(interaction)) this.changed(interaction);
  }

  /** An agent takes it: who is rung, or the given one, also out of a queue. */
  answer(interaction: Interaction, agentId: string | undefined): ActRefusal | undefined {
    if (interaction.ended) return 'ended';
    const rung = interaction.parties.find(
      (each) => each.state === 'alerting' && (agentId === undefined || each.agent?.id === agentId),
    );
    if (rung !== undefined) {
      this.#connect(interaction, rung);
      return undefined;
    }
    const queue = liveParty(interaction, 'queue')?.queue;
    if (queue === undefined) return 'not-waiting';
    const agent = agentId === undefined ? undefined : this.#parts.floor.agent(agentId);
    if (agent === undefined) return 'no-such-agent';
    this.#connect(interaction, this.ring(interaction, agent, queue));
    return undefined;
  }

  /** Whoever serves the customer closes. A customer who stays is with the bot again; a call never stays. */
  close(interaction: Interaction, customerStays: boolean): ActRefusal | undefined {
    if (interaction.ended) return 'ended';
    const closing = liveParty(interaction, 'agent', 'bot');
    if (closing === undefined) return 'nobody-to-close';
    this.leave(interaction, closing);
    if (customerStays && interaction.mediaType !== 'voice') this.join(interaction, { role: 'bot' }, 'connected');
    else return this.end(interaction);
    this.changed(interaction);
    this.offerWaiting();
    return undefined;
  }

  /** Everybody leaves. One that has ended stays as it is. */
  end(interaction: Interaction): undefined {
    if (interaction.ended) return;
    interaction.ended = true;
    for (const party of interaction.parties) this.leave(interaction, party);
    this.#waiting.delete(interaction);
    for (const transfer of interaction.transfers)
      if (transfer.state === 'pending' || transfer.state === 'consulting') transfer.state = 'failed';
    this.changed(interaction);
    this.offerWaiting();
  }

  reset(): void {
    this.#all.clear();
    this.#waiting.clear();
  }

  #offer(interaction: Interaction): boolean {
    const queue = liveParty(interaction, 'queue')?.queue;
    if (queue === undefined) return false;
    const agent = this.#parts.floor.freeAgent(queue, interaction.declinedBy);
    if (agent !== undefined) this.ring(interaction, agent, queue);
    return agent !== undefined;
  }

  #connect(interaction: Interaction, party: Party): void {
    party.state = 'connected';
    const queue = interaction.parties.findLast((each) => each.role === 'queue' && each.queue === party.queue);
    if (queue !== undefined) this.leave(interaction, queue);
    this.#parts.onAnswer(interaction, party);
    this.changed(interaction);
    this.offerWaiting();
  }

  #decline(interaction: Interaction, party: Party, agent: Agent): void {
    interaction.declinedBy.add(agent.id);
    this.leave(interaction, party);
    // Who was rung for themselves leaves nobody behind: the customer goes where somebody answers.
    if (party.queue === undefined) this.enterQueue(interaction, this.#parts.floor.overflow);
    else {
      this.#waiting.add(interaction);
      this.#offer(interaction);
    }
    this.changed(interaction);
    this.offerWaiting();
  }
}

/** The customer is still there, and nobody else is. */
export function nobodyIsLeft({ parties }: Interaction): boolean {
  return !parties.some((each) => each.role !== 'customer' && isLive(each));
}
