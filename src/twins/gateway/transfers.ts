// Owns the simulated contact center's transfers: listed from the moment they are accepted, carried out when it has settled. One is
// under way per interaction; a second is refused, which is all that makes a repeated request harmless.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import { type Interaction, isLive, openTransfer, type Party, type Transfer } from './interaction.ts';
import type { Interactions } from './interactions.ts';
import type { Outside } from './outside.ts';

export type TransfersParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly interactions: () => Interactions;
  readonly outside: () => Outside;
  readonly settleMs: () => number;
};

export type Transfers = {
  /** Accepts a transfer. The caller has made sure that it can be. */
  accept(interaction: Interaction, asked: Pick<Transfer, 'leaving' | 'target' | 'type' | 'token'>): Transfer;
  find(transferId: string): { readonly interaction: Interaction; readonly transfer: Transfer } | undefined;
  /** Ends a consultation; the word where it cannot be. */
  complete(
    interaction: Interaction,
    transfer: Transfer,
    accept: boolean,
  ): 'not-answered' | 'consultation-is-over' | undefined;
  /** Somebody has answered; publishes nothing. */
  answered(interaction: Interaction, party: Party): void;
};

export function createTransfers(parts: TransfersParts): Transfers {
  const { clock, schedule, settleMs } = parts;
  const leave = (interaction: Interaction, party: Party) => parts.interactions().leave(interaction, party);
  const changed = (interaction: Interaction) => {
    parts.interactions().changed(interaction);
    parts.interactions().offerWaiting();
  };

  function carryOut(interaction: Interaction, transfer: Transfer): void {
    if (transfer.state !== 'pending') return;
    const { target, token, leaving } = transfer;
    if (interaction.ended || !isLive(leaving)) transfer.state = 'failed';
    else if (target.kind === 'address') transfer.arriving = call(interaction, transfer, target.address, token);
    else {
      if (transfer.type === 'blind') leave(interaction, leaving);
      transfer.arriving = parts.interactions().enterQueue(interaction, target.queue);
      if (transfer.type === 'blind') transfer.state = 'complete';
    }
    changed(interaction);
  }

  /** Who held the customer stays until somebody has taken the call: else nobody would have them. */
  function call(interaction: Interaction, transfer: Transfer, address: string, token: string | undefined): Party {
    return parts.outside().call(interaction, address, token, {
      answered(party) {
        transfers.answered(interaction, party);
        changed(interaction);
      },
      failed() {
        if (transfer.state !== 'complete') transfer.state = 'failed';
        changed(interaction);
      },
    });
  }

  const transfers: Transfers = {
    accept(interaction, asked) {
      const id = parts.interactions().uuid();
      const transfer: Transfer = { ...asked, id, issuedAt: clock.now(), state: 'pending' };
      interaction.transfers.push(transfer);
      interaction.transfersAccepted += 1;
      schedule.after(settleMs(), () => carryOut(interaction, transfer));
      parts.interactions().changed(interaction);
      return transfer;
    },
    find(transferId) {
      for (const interaction of parts.interactions().all()) {
        const transfer = interaction.transfers.find(({ id }) => id === transferId);
        if (transfer !== undefined) return { interaction, transfer };
      }
      return undefined;
    },
    complete(interaction, transfer, accept) {
      if (transfer !== openTransfer(interaction) || transfer.type === 'blind') return 'consultation-is-over';
      if (accept && transfer.state === 'pending') return 'not-answered';
      if (accept) leave(interaction, transfer.leaving);
      else for (const each of arrivalsOf(interaction, transfer)) leave(interaction, each);
      transfer.state = accept ? 'complete' : 'failed';
      changed(interaction);
      return undefined;
    },
    answered(interaction, party) {
      const transfer = openTransfer(interaction);
      if (transfer?.arriving === undefined || !arrivalsOf(interaction, transfer).includes(party)) return;
      transfer.state = 'consulting';
      if (transfer.type === 'consultative') return;
      leave(interaction, transfer.leaving);
      transfer.state = 'complete';
    },
  };
  return transfers;
}

/** Who came for the transfer: its queue or number, and whoever took it from that queue. */
function arrivalsOf(interaction: Interaction, { arriving, leaving }: Transfer): readonly Party[] {
  if (arriving === undefined) return [];
  const since = interaction.parties.indexOf(arriving);
  return interaction.parties.slice(since).filter((each) => each !== leaving && each.role !== 'customer');
}
