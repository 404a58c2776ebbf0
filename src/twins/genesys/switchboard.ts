// Owns how a participant joins, is answered and leaves a conversation, and that each of these says so: the detail event in
// the vendor's words. Transitions that span several participants are built from these (routing, transfers, conversations).

import type { Clock } from '../../clock.ts';
import type { Schedule } from '../schedule.ts';
import { drawUuid } from '../seeded-random.ts';
import { type Conversation, isLive, liveParticipant, type Participant, type Phase } from './conversation.ts';
import { type DetailEvent, type DetailEventType, detailEvent, endFields } from './detail-event.ts';
import type { DisconnectType } from './genesys-schema.ts';
import type { Agent, Organisation } from './organisation.ts';

export type SwitchboardParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly random: () => number;
  readonly organisation: Organisation;
  readonly onEvent: (event: DetailEvent) => void;
  /** Once per transition, after its events. */
  readonly onChange: (conversation: Conversation) => void;
};

export type Switchboard = SwitchboardParts & {
  uuid(): string;
  join(
    conversation: Conversation,
    who: Pick<Participant, 'purpose'> &
      Partial<Pick<Participant, 'agent' | 'queue' | 'address' | 'name' | 'attributes'>>,
    phase: Phase,
  ): Participant;
  connect(participant: Participant): void;
  /** Ends the participant's part; `extra` is what its end event says beside the common fields. */
  leave(
    conversation: Conversation,
    participant: Participant,
    disconnectType: DisconnectType,
    extra?: Readonly<Record<string, unknown>>,
  ): void;
  /** Ends what nobody is left to carry on: a call without a second party, a conversation without anybody. */
  endIfDeserted(conversation: Conversation): void;
  emit(
    type: DetailEventType,
    conversation: Conversation,
    participant: Participant,
    extra?: Readonly<Record<string, unknown>>,
  ): void;
};

const SPEAKS_OF_ITSELF = {
  customer: 'customer',
  external: undefined,
  ivr: undefined,
  botflow: undefined,
  acd: 'acd',
  agent: 'user',
} as const;

export function createSwitchboard(parts: SwitchboardParts): Switchboard {
  const { clock, random } = parts;
  const board: Switchboard = {
    ...parts,
    uuid: () => drawUuid(random),
    emit(type, conversation, participant, extra) {
      parts.onEvent(detailEvent(type, conversation, participant, clock.now(), extra));
    },
    join(conversation, who, phase) {
      const participant: Participant = {
        attributes: {},
        ...who,
        id: board.uuid(),
        communicationId: board.uuid(),
        startedAt: 'since' in phase ? phase.since : clock.now(),
        declinedBy: new Set(),
        held: false,
        phase,
      };
      conversation.participants.push(participant);
      if (participant.agent !== undefined) occupy(participant.agent, 1, clock.now());
      const noun = SPEAKS_OF_ITSELF[participant.purpose];
      if (noun !== undefined) board.emit(`${noun}.start`, conversation, participant);
      return participant;
    },
    connect(participant) {
      const alertedAt = participant.phase.kind === 'alerting' ? participant.phase.since : undefined;
      participant.phase = { kind: 'connected', since: clock.now(), alertedAt };
    },
    leave(conversation, participant, disconnectType, extra = {}) {
      if (!isLive(participant)) return;
      participant.phase = { kind: 'ended', at: clock.now(), disconnectType, ...pastOf(participant.phase) };
      if (participant.agent !== undefined) occupy(participant.agent, -1, clock.now());
      const noun = SPEAKS_OF_ITSELF[participant.purpose];
      if (noun !== undefined)
        board.emit(`${noun}.end`, conversation, participant, { ...endFields(participant), ...extra });
      participant.leg?.hangUp(conversation.customerGone === true ? 'customer' : 'party');
    },
    endIfDeserted(conversation) {
      if (conversation.endedAt !== undefined) return;
      const others = conversation.participants.some((each) => each.purpose !== 'customer' && isLive(each));
      const customer = liveParticipant(conversation, 'customer');
      // A message thread stays open for the customer; a call does not.
      if (customer !== undefined && !others && conversation.media !== 'message')
        board.leave(conversation, customer, 'peer');
      if (!conversation.participants.some(isLive)) conversation.endedAt = clock.now();
    },
  };
  return board;
}

function occupy(agent: Agent, more: 1 | -1, now: number): void {
  agent.live += more;
  if (agent.live === 0 || (agent.live === 1 && more === 1)) agent.busySince = now;
}

function pastOf(phase: Phase) {
  switch (phase.kind) {
    case 'connected':
      return { connectedAt: phase.since, alertedAt: phase.alertedAt };
    case 'alerting':
      return { alertedAt: phase.since };
    default:
      return {};
  }
}
