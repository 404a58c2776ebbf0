// Owns the gateway twin's way to the telephone network: numbers of reservations that ring here, and numbers that are called from here. The
// network may be one that several twins share; alone, the world outside rings for a while and answers.

import type { Schedule } from '../schedule.ts';
import type { Interaction, Party } from './interaction.ts';
import { type Interactions, nobodyIsLeft } from './interactions.ts';
import { NUMBERS, type Reservations } from './reservations.ts';

type CallOffer = { readonly from: string; readonly to: string; readonly uui?: string | undefined };
type CallEvents = { readonly answered?: () => void; readonly ended: (why: string) => void };
type CallLeg = { answer(): void; hangUp(why: 'customer' | 'party'): void };
type OnRing = (offer: CallOffer, leg: CallLeg) => CallEvents | undefined;

/** The part of a network between twins that is used here. What is told comes never in the turn in which one acted oneself. */
export type TelephoneNetwork = {
  /** Answers how to give the numbers back. */
  register(line: { readonly numbers: readonly string[]; readonly ring: OnRing }): () => void;
  dial(offer: CallOffer, events: CallEvents): CallLeg;
};

export type Outside = {
  /** Calls the address for a party who is to come; `answered` and `failed` are told of it, later. */
  call(
    interaction: Interaction,
    address: string,
    uui: string | undefined,
    on: { readonly answered: (party: Party) => void; readonly failed: (party: Party) => void },
  ): Party;
  close(): void;
};

export type OutsideParts = {
  readonly network: TelephoneNetwork;
  readonly interactions: () => Interactions;
  readonly reservations: () => Reservations;
};

export function createOutside({ network, interactions, reservations }: OutsideParts): Outside {
  const unregister = network.register({
    numbers: NUMBERS,
    ring(offer, leg) {
      const reservation = reservations().byAddress(offer.to);
      const opened = interactions().open('voice', reservation?.id, (interaction) => {
        interaction.from = offer.from;
        const [customer] = interaction.parties;
        if (customer !== undefined) customer.hangUp = () => leg.hangUp('party');
        reservations().admit(interaction, reservation);
      });
      leg.answer();
      return { ended: () => interactions().end(opened) };
    },
  });

  return {
    call(interaction, address, uui, on) {
      const party = interactions().join(interaction, { role: 'other', address }, 'alerting');
      const leg = network.dial(
        { from: interaction.from, to: address, uui },
        {
          answered() {
            if (party.state !== 'alerting') return;
            party.state = 'connected';
            on.answered(party);
          },
          ended() {
            if (party.state === 'ended') return;
            interactions().leave(interaction, party);
            on.failed(party);
            if (nobodyIsLeft(interaction)) interactions().end(interaction);
          },
        },
      );
      party.hangUp = () => leg.hangUp(interaction.ended ? 'customer' : 'party');
      return party;
    },
    close: unregister,
  };
}

/** The world outside of a twin that stands alone: every number rings for a while and is answered, but those that are dead. */
export function worldOutside(
  schedule: Schedule,
  ringsForMs: () => number,
  isDead: (address: string) => boolean,
): TelephoneNetwork {
  return {
    register: () => () => {},
    dial({ to }, { answered, ended }) {
      if (isDead(to)) schedule.after(0, () => ended('unreachable'));
      else schedule.after(ringsForMs(), () => answered?.());
      return { answer() {}, hangUp() {} };
    },
  };
}
