// Owns consult transfers: an agent asks somebody in beside the customer, speaks to one, the other or both, and by leaving hands
// the customer over. Nothing is handed over before that, and cancelling brings the customer back.

import { type Conversation, isLive, type Participant, type SpeakTo, type TransferTarget } from './conversation.ts';
import type { Outside } from './outside.ts';
import type { Routing } from './routing.ts';
import type { Switchboard } from './switchboard.ts';

export type ConsultTarget = Exclude<TransferTarget, { readonly kind: 'queue' }>;

export type Consults = {
  /** Asks the target in; the customer is held as `speakTo` says. */
  begin(conversation: Conversation, parties: ConsultParties, target: ConsultTarget, speakTo: SpeakTo): Participant;
  /** The one who was asked in, if a consult is under way. */
  destination(conversation: Conversation): Participant | undefined;
  speakTo(conversation: Conversation, speakTo: SpeakTo): void;
  /** The one who was asked in leaves. */
  cancel(conversation: Conversation): void;
  /** `leaving` goes; true when that completes a consult of theirs. */
  complete(conversation: Conversation, leaving: Participant): boolean;
  /** A party is gone: nobody is held for its sake any more. */
  settle(gone: Participant): void;
};

export type ConsultParties = { readonly initiator: Participant; readonly object: Participant };

export function createConsults(board: Switchboard, routing: () => Routing, outside: Outside): Consults {
  const destination = (conversation: Conversation) =>
    conversation.participants.findLast((each) => each.consult !== undefined && isLive(each));

  function hold(party: Participant, speakTo: SpeakTo): void {
    party.held = speakTo === 'OBJECT';
    if (party.consult !== undefined) party.consult.object.held = speakTo === 'DESTINATION';
  }

  function over(party: Participant): void {
    if (party.consult !== undefined) party.consult.object.held = false;
    party.held = false;
    delete party.consult;
  }

  return {
    begin(conversation, parties, target, speakTo) {
      const { initiator } = parties;
      const party =
        target.kind === 'agent'
          ? routing().ring(conversation, target.agent)
          : outside.call(conversation, target.address, initiator.uuiData, {
              answered: () => board.onChange(conversation),
              failed() {
                over(party);
                board.endIfDeserted(conversation);
                board.onChange(conversation);
              },
            });
      party.consult = { ...parties, speakTo };
      hold(party, speakTo);
      board.onChange(conversation);
      return party;
    },
    destination,
    speakTo(conversation, speakTo) {
      const party = destination(conversation);
      if (party?.consult === undefined) return;
      party.consult.speakTo = speakTo;
      hold(party, speakTo);
      board.onChange(conversation);
    },
    cancel(conversation) {
      const party = destination(conversation);
      if (party === undefined) return;
      over(party);
      board.leave(conversation, party, 'client');
      board.onChange(conversation);
    },
    complete(conversation, leaving) {
      const party = destination(conversation);
      if (party?.consult?.initiator !== leaving) return false;
      over(party);
      board.leave(conversation, leaving, 'transfer.consult');
      board.onChange(conversation);
      return true;
    },
    settle: over,
  };
}
