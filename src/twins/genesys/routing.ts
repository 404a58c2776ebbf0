// Owns how a queue finds an agent: the waiting party stays while agents are rung, one after another, until one answers. An
// agent's own way (auto, manual, declines, hangs) decides what ringing leads to.

import { type Conversation, isLive, liveParticipant, type Participant } from './conversation.ts';
import type { Agent, Queue } from './organisation.ts';
import type { Switchboard } from './switchboard.ts';

export type Routing = {
  /** Puts the customer into the queue and starts looking for an agent, at `from` (epoch ms) where that lies ahead. */
  enter(conversation: Conversation, queue: Queue, from?: number): Participant;
  /** Rings an agent, on behalf of a queue or directly. */
  ring(conversation: Conversation, agent: Agent, waiting?: Participant): Participant;
  /** The agent that rings takes the conversation. */
  pickUp(conversation: Conversation, ringing: Participant): void;
  /** A new agent looks through what waits. */
  offerWaiting(conversations: Iterable<Conversation>): void;
};

/** `onAnswer` is told of the queue's party that was waiting (or undefined) and of the agent's that answered. */
export function createRouting(
  board: Switchboard,
  onAnswer: (conversation: Conversation, waiting: Participant | undefined, agent: Participant) => void,
): Routing {
  const { clock, schedule, organisation } = board;

  function offer(conversation: Conversation, waiting: Participant): void {
    if (!isLive(waiting) || liveParticipant(conversation, 'agent')?.phase.kind === 'alerting') return;
    if (waiting.queue === undefined) return;
    const agent = leastBusy(organisation.agentsOf(waiting.queue.id).filter((each) => !waiting.declinedBy.has(each.id)));
    if (agent !== undefined) ring(conversation, agent, waiting);
  }

  function ring(conversation: Conversation, agent: Agent, waiting?: Participant): Participant {
    const queue = waiting?.queue;
    const ringing = board.join(
      conversation,
      { purpose: 'agent', agent, ...(queue === undefined ? {} : { queue }) },
      { kind: 'alerting', since: clock.now() },
    );
    const stillRings = (act: () => void) => () => {
      if (ringing.phase.kind === 'alerting') act();
    };
    if (agent.answers === 'auto')
      schedule.after(
        agent.afterMs,
        stillRings(() => pickUp(conversation, ringing)),
      );
    if (agent.answers === 'declines')
      schedule.after(
        agent.afterMs,
        stillRings(() => decline(conversation, ringing)),
      );
    return ringing;
  }

  function waitingFor(conversation: Conversation, ringing: Participant): Participant | undefined {
    return conversation.participants.findLast(
      (each) => each.purpose === 'acd' && isLive(each) && each.queue === ringing.queue,
    );
  }

  function pickUp(conversation: Conversation, ringing: Participant): void {
    const waiting = waitingFor(conversation, ringing);
    board.connect(ringing);
    if (waiting !== undefined) {
      board.leave(conversation, waiting, 'transfer', { acdOutcome: 'ANSWERED', answeredUserId: ringing.agent?.id });
    }
    onAnswer(conversation, waiting, ringing);
    board.onChange(conversation);
  }

  /** Back to the queue, to be offered to others; a directly rung agent who declines goes on ringing. */
  function decline(conversation: Conversation, ringing: Participant): void {
    const waiting = waitingFor(conversation, ringing);
    if (waiting === undefined || ringing.agent === undefined) return;
    waiting.declinedBy.add(ringing.agent.id);
    board.leave(conversation, ringing, 'transfer.noanswer');
    offer(conversation, waiting);
    board.onChange(conversation);
  }

  return {
    enter(conversation, queue, from) {
      const now = clock.now();
      const later = from !== undefined && from > now;
      const waiting = board.join(
        conversation,
        { purpose: 'acd', queue },
        later ? { kind: 'scheduled', until: from } : { kind: 'connected', since: now },
      );
      if (!later) {
        offer(conversation, waiting);
        return waiting;
      }
      schedule.after(from - now, () => {
        if (waiting.phase.kind !== 'scheduled') return;
        board.connect(waiting);
        offer(conversation, waiting);
        board.onChange(conversation);
      });
      return waiting;
    },
    ring,
    pickUp,
    offerWaiting(conversations) {
      for (const conversation of conversations) {
        const waiting = liveParticipant(conversation, 'acd');
        if (waiting?.phase.kind !== 'connected') continue;
        const before = conversation.participants.length;
        offer(conversation, waiting);
        if (conversation.participants.length > before) board.onChange(conversation);
      }
    },
  };
}

function leastBusy(agents: readonly Agent[]): Agent | undefined {
  return agents.reduce<Agent | undefined>(
    (best, each) => (best === undefined || each.live < best.live ? each : best),
    undefined,
  );
}
