// Owns the conversation's ties with the telephone network: parties that were called at a number, the customer's own call where
// it came over the carrier, and what becomes of both when the platform leaves the path (release link transfer).

import type { CallEvents, CallLeg, Carrier } from '../carrier.ts';
import type { CallFault } from '../faults.ts';
import { type Conversation, customerOf, isLive, type Participant } from './conversation.ts';
import type { Switchboard } from './switchboard.ts';

export type OutsideParts = {
  readonly board: Switchboard;
  readonly carrier: Carrier;
  readonly faultFor: (call: string) => CallFault | undefined;
  /** Whether the platform leaves the path of a call that it has handed to a number (a setting of BYOC trunks). */
  readonly releaseLink: () => boolean;
  /** The customer's end is down. */
  readonly customerHungUp: (conversation: Conversation) => void;
  /** A party outside put the receiver down. */
  readonly partyHungUp: (conversation: Conversation, party: Participant) => void;
};

export type Called = { readonly answered: () => void; readonly failed: () => void };

export type Outside = {
  /** Brings in the party at a number, which rings first. */
  call(conversation: Conversation, address: string, uuiData: string | undefined, on: Called): Participant;
  /** The customer came in over the carrier: their end of that call. */
  attach(conversation: Conversation, leg: CallLeg): CallEvents;
  /** The platform leaves the path, where it is set to: the conversation ends and the call goes on. */
  release(conversation: Conversation, party: Participant | undefined): void;
};

export function createOutside(parts: OutsideParts): Outside {
  const { board, carrier, customerHungUp, partyHungUp } = parts;

  function ended(conversation: Conversation, party: Participant, why: 'customer' | 'party'): void {
    if (conversation.releasedTo !== undefined) customerOf(conversation).leg?.hangUp(why);
    else if (!isLive(party)) return;
    else if (why === 'customer') customerHungUp(conversation);
    else partyHungUp(conversation, party);
  }

  return {
    call(conversation, address, uuiData, on) {
      const since = board.clock.now();
      const party = board.join(conversation, { purpose: 'external', address }, { kind: 'dialing', since });
      const uui = uuiData ?? customerOf(conversation).uuiData;
      const events: CallEvents = {
        answered() {
          board.connect(party);
          on.answered();
        },
        ended(why) {
          if (party.phase.kind !== 'dialing') {
            ended(conversation, party, why === 'customer' ? 'customer' : 'party');
            return;
          }
          board.leave(conversation, party, 'error');
          on.failed();
        },
      };
      party.leg = carrier.dial({ from: conversation.from, to: address, uui }, events, parts.faultFor);
      return party;
    },
    attach(conversation, leg) {
      const customer = customerOf(conversation);
      customer.leg = leg;
      leg.answer();
      return {
        ended() {
          if (isLive(customer)) customerHungUp(conversation);
          else conversation.releasedTo?.hangUp('customer');
        },
      };
    },
    release(conversation, party) {
      const { leg } = party ?? {};
      if (party === undefined || leg === undefined || !parts.releaseLink()) return;
      conversation.releasedTo = leg;
      delete party.leg;
      const customer = customerOf(conversation);
      const own = customer.leg;
      delete customer.leg;
      board.leave(conversation, party, 'transfer');
      board.leave(conversation, customer, 'transfer');
      if (own !== undefined) customer.leg = own;
      board.endIfDeserted(conversation);
    },
  };
}
