// Owns the vendor's transfers: accepted at once, listed a little later as Pending, then Active, and carried out when the
// platform has settled. Nothing makes a repeated request harmless: a second one is a second transfer, or fails because
// the participant it should replace is gone.

import { type Conversation, isLive, type Participant, type Transfer, type TransferTarget } from './conversation.ts';
import type { TransferType } from './genesys-schema.ts';
import type { Outside } from './outside.ts';
import type { Routing } from './routing.ts';
import type { Switchboard } from './switchboard.ts';

/** When an accepted transfer is listed, and when it turns Active, as shares of the time to settle. */
const LISTED_AFTER = 0.4;
const ACTIVE_AFTER = 0.7;

export type TransferRefusal = 'customer-cannot-be-replaced' | 'participant-has-ended';

export type Transfers = {
  /** Accepts the transfer (undefined) or says why not. What was accepted can still fail. */
  request(
    conversation: Conversation,
    leaving: Participant,
    target: TransferTarget,
    type: TransferType,
  ): TransferRefusal | undefined;
  /** An agent answered: attended transfers to that queue or agent are complete, and who transferred leaves. */
  answered(conversation: Conversation, waiting: Participant | undefined, agent: Participant): void;
};

export type TransfersParts = {
  readonly routing: () => Routing;
  readonly outside: Outside;
  readonly settleMs: () => number;
};

export function createTransfers(board: Switchboard, { routing, outside, settleMs }: TransfersParts): Transfers {
  const { clock, schedule } = board;

  function step(conversation: Conversation, transfer: Transfer, state: 'Pending' | 'Active'): void {
    if (transfer.state === 'Complete' || transfer.state === 'Failed') return;
    transfer.state = state;
    board.onChange(conversation);
  }

  function carryOut(conversation: Conversation, transfer: Transfer): void {
    if (isLive(transfer.leaving) && conversation.endedAt === undefined) move(conversation, transfer);
    else transfer.state = 'Failed';
    board.onChange(conversation);
  }

  function move(conversation: Conversation, transfer: Transfer): void {
    const { type, target, leaving } = transfer;
    if (type === 'Unattended') depart(board, conversation, leaving);
    if (target.kind === 'address') {
      transfer.arriving = call(conversation, transfer, target.address);
      return;
    }
    transfer.arriving = arrive(conversation, target);
    if (type === 'Unattended') transfer.state = 'Complete';
  }

  function arrive(conversation: Conversation, target: Exclude<TransferTarget, { kind: 'address' }>): Participant {
    return target.kind === 'queue'
      ? routing().enter(conversation, target.queue)
      : routing().ring(conversation, target.agent);
  }

  /** Complete when the number answers. Whoever transferred unattended is gone by then: a dead number ends the call. */
  function call(conversation: Conversation, transfer: Transfer, address: string): Participant {
    return outside.call(conversation, address, transfer.leaving.uuiData, {
      answered() {
        finish(conversation, transfer);
        outside.release(conversation, transfer.arriving);
        board.onChange(conversation);
      },
      failed() {
        transfer.state = 'Failed';
        board.endIfDeserted(conversation);
        board.onChange(conversation);
      },
    });
  }

  function finish(conversation: Conversation, transfer: Transfer): void {
    depart(board, conversation, transfer.leaving);
    transfer.state = 'Complete';
  }

  return {
    request(conversation, leaving, target, type) {
      if (leaving.purpose === 'customer') return 'customer-cannot-be-replaced';
      if (!isLive(leaving)) return 'participant-has-ended';
      const transfer: Transfer = { id: board.uuid(), issuedAt: clock.now(), type, target, leaving, state: 'accepted' };
      conversation.transfers.push(transfer);
      const settles = settleMs();
      schedule.after(settles * LISTED_AFTER, () => step(conversation, transfer, 'Pending'));
      schedule.after(settles * ACTIVE_AFTER, () => step(conversation, transfer, 'Active'));
      schedule.after(settles, () => carryOut(conversation, transfer));
      return undefined;
    },
    answered(conversation, waiting, agent) {
      for (const transfer of conversation.transfers) {
        const concerns =
          transfer.arriving !== undefined && (transfer.arriving === waiting || transfer.arriving === agent);
        if (concerns && transfer.state === 'Active') finish(conversation, transfer);
      }
    },
  };
}

/** Whoever rings on behalf of a queue that is left stops ringing. */
function depart(board: Switchboard, conversation: Conversation, leaving: Participant): void {
  board.leave(conversation, leaving, 'transfer', leaving.purpose === 'acd' ? { acdOutcome: 'FLOW_OUT' } : {});
  if (leaving.purpose !== 'acd') return;
  for (const each of conversation.participants) {
    if (each.phase.kind === 'alerting' && each.queue === leaving.queue) board.leave(conversation, each, 'peer');
  }
}
