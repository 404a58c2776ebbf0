// Owns the simulated contact center's transfers: listed from the moment they are accepted, carried out when it has settled. One is
// under way per interaction; a second is refused, which is all that makes a repeated request harmless.

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import type { TransferType } from './gateway-schema.ts';
import {
  type Interaction,
  isLive,
  openTransfer,
  type Party,
  type Transfer,
  type TransferTarget,
} from './interaction.ts';
import type { Interactions } from './interactions.ts';

export type TransfersParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly interactions: () => Interactions;
  readonly settleMs: () => number;
  /** Addresses that nobody answers. */
  readonly deadAddresses: () => readonly string[];
};

export type Transfers = {
  /** Accepts a transfer. The caller has made sure that it can be. */
  accept(interaction: Interaction, leaving: Party, target: TransferTarget, type: TransferType): Transfer;
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

  function carryOut(interaction: Interaction, transfer: Transfer): void {
    if (transfer.state !== 'pending') return;
    const dead = transfer.target.kind === 'address' && parts.deadAddresses().includes(transfer.target.address);
    if (dead || interaction.ended || !isLive(transfer.leaving)) transfer.state = 'failed';
    else if (transfer.type === 'blind') {
      leave(interaction, transfer.leaving);
      arrive(interaction, transfer, 'connected');
      transfer.state = 'complete';
    } else {
      transfer.arriving = arrive(interaction, transfer, 'alerting');
      if (transfer.target.kind === 'address') schedule.after(settleMs(), () => pickUp(interaction, transfer));
    }
    parts.interactions().changed(interaction);
    parts.interactions().offerWaiting();
  }

  function arrive(interaction: Interaction, { target }: Transfer, state: 'alerting' | 'connected'): Party {
    const at = parts.interactions();
    if (target.kind === 'queue') return at.enterQueue(interaction, target.queue);
    return at.join(interaction, { role: 'other', address: target.address }, state);
  }

  function pickUp(interaction: Interaction, { arriving }: Transfer): void {
    if (arriving?.state !== 'alerting') return;
    arriving.state = 'connected';
    transfers.answered(interaction, arriving);
    parts.interactions().changed(interaction);
    parts.interactions().offerWaiting();
  }

  const transfers: Transfers = {
    accept(interaction, leaving, target, type) {
      const issuedAt = clock.now();
      const id = parts.interactions().uuid();
      const transfer: Transfer = { id, type, target, leaving, issuedAt, state: 'pending' };
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
      parts.interactions().changed(interaction);
      parts.interactions().offerWaiting();
      return undefined;
    },
    answered(interaction, party) {
      const transfer = openTransfer(interaction);
      if (transfer?.arriving === undefined || !arrivalsOf(interaction, transfer).includes(party)) return;
      transfer.state = 'consulting';
      if (transfer.type !== 'warm') return;
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
