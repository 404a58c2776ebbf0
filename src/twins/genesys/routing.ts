// Owns how a queue finds an agent: the waiting party stays while agents are rung, one after another, until one answers. An
// agent's own way (auto, manual, declines, hangs) decides what ringing leads to.

import { type Conversation, isLive, liveParticipant, type Participant } from './conversation.ts';
import type { Agent, Queue } from './organisation.ts';
import type { Switchboard } from './switchboard.ts';

/** Told of the queue's party that was waiting (or undefined) and of the agent's that answered. */
export type OnAnswer = (conversation: Conversation, waiting: Participant | undefined, agent: Participant) => void;

export class Routing {
  readonly #board: Switchboard;
  readonly #onAnswer: OnAnswer;

  constructor(board: Switchboard, onAnswer: OnAnswer) {
    this.#board = board;
    this.#onAnswer = onAnswer;
  }

  /** Puts the customer into the queue and starts looking for an agent, at `from` (epoch ms) where that lies ahead. */
  enter(conversation: Conversation, queue: Queue, from?: number): Participant {
    const now = this.#board.clock.now();
    if (from !== undefined && from > now) return this.#enterLater(conversation, queue, from, now);
    const waiting = this.#board.join(conversation, { purpose: 'acd', queue }, { kind: 'connected', since: now });
    this.#offer(conversation, waiting);
    return waiting;
  }

  /** Rings an agent, on behalf of a queue's waiting party or directly. */
  ring(conversation: Conversation, agent: Agent, waiting?: Participant): Participant {
    const { clock, schedule } = this.#board;
    const queue = waiting?.queue === undefined ? {} : { queue: waiting.queue };
    const ringing = this.#board.join(
      conversation,
      { purpose: 'agent', agent, ...queue },
      { kind: 'alerting', since: clock.now() },
    );
    if (agent.answers === 'auto' || agent.answers === 'declines') {
      schedule.after(agent.afterMs, () => {
        if (ringing.phase.kind !== 'alerting') return;
        if (agent.answers === 'auto') this.pickUp(conversation, ringing);
        else this.#decline(conversation, ringing);
      });
    }
    return ringing;
  }

  /** The agent that rings takes the conversation. */
  pickUp(conversation: Conversation, ringing: Participant): void {
    const waiting = waitingFor(conversation, ringing);
    this.#board.connect(ringing);
    if (waiting !== undefined) {
      const answered = { acdOutcome: 'ANSWERED', answeredUserId: ringing.agent?.id };
      this.#board.leave(conversation, waiting, 'transfer', answered);
    }
    this.#onAnswer(conversation, waiting, ringing);
    this.#board.onChange(conversation);
  }

  /** A new agent looks through what waits. */
  offerWaiting(conversations: Iterable<Conversation>): void {
    for (const conversation of conversations) {
      const waiting = liveParticipant(conversation, 'acd');
      if (waiting?.phase.kind !== 'connected') continue;
      const before = conversation.participants.length;
      this.#offer(conversation, waiting);
      if (conversation.participants.length > before) this.#board.onChange(conversation);
    }
  }

  #enterLater(conversation: Conversation, queue: Queue, from: number, now: number): Participant {
    const waiting = this.#board.join(conversation, { purpose: 'acd', queue }, { kind: 'scheduled', until: from });
    this.#board.schedule.after(from - now, () => {
      if (waiting.phase.kind !== 'scheduled') return;
      this.#board.connect(waiting);
      this.#offer(conversation, waiting);
      this.#board.onChange(conversation);
    });
    return waiting;
  }

  #offer(conversation: Conversation, waiting: Participant): void {
    if (!isLive(waiting) || waiting.queue === undefined) return;
    if (conversation.participants.some((each) => each.phase.kind === 'alerting')) return;
    const agents = this.#board.organisation.agentsOf(waiting.queue.id);
    const agent = leastBusy(agents.filter((each) => !waiting.declinedBy.has(each.id)));
    if (agent !== undefined) this.ring(conversation, agent, waiting);
  }

  /** Back to the queue, to be offered to others; an agent rung directly who declines goes on ringing. */
  #decline(conversation: Conversation, ringing: Participant): void {
    const waiting = waitingFor(conversation, ringing);
    if (waiting === undefined || ringing.agent === undefined) return;
    waiting.declinedBy.add(ringing.agent.id);
    this.#board.leave(conversation, ringing, 'transfer.noanswer');
    this.#offer(conversation, waiting);
    this.#board.onChange(conversation);
  }
}

function waitingFor(conversation: Conversation, ringing: Participant): Participant | undefined {
  return conversation.participants.findLast(
    (each) => each.purpose === 'acd' && isLive(each) && each.queue === ringing.queue,
  );
}

function leastBusy(agents: readonly Agent[]): Agent | undefined {
  return agents.reduce<Agent | undefined>(
    (best, each) => (best === undefined || each.live < best.live ? each : best),
    undefined,
  );
}
