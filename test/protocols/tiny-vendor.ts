// Owns the smallest contact center that can be unfair: it takes transfers and drops the answer, carries them out late, fails them
// or forgets them, and its agents ring, talk, transfer and close. It keeps one promise: what it took has had its effect, or
// never will, once `settleMs` have passed.

import type { ConversationChange, ConversationView, Party, TransferRecord } from '../../src/context/conversation.ts';
import type { AgentId, Instant, ParticipantId, QueueId } from '../../src/ids.ts';
import { OTHER_QUEUE, QUEUE } from './story.ts';

export type Random = () => number;

/** Mulberry32: enough chance for a test, the same for the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A share in [0, 1) that is rather late. */
export function late(chance: number): number {
  return (1 - chance ** 3) * 0.999;
}

/** Work in order of time; ties in order of entry. */
export class Agenda {
  now: Instant;
  #entries: { readonly at: Instant; readonly run: () => void }[] = [];

  constructor(now: Instant) {
    this.now = now;
  }

  after(ms: number, run: () => void): void {
    this.#entries.push({ at: this.now + ms, run });
    this.#entries.sort((a, b) => a.at - b.at);
  }

  get nextAt(): Instant {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  step(): void {
    const entry = this.#entries.shift();
    if (!entry) return;
    this.now = Math.max(this.now, entry.at);
    entry.run();
  }
}

export class TinyVendor {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #settleMs: number;
  readonly #tell: (change: ConversationChange) => void;
  #parties: Party[] = [];
  readonly #transfers: TransferRecord[] = [];
  #named = 0;
  /** The tags of the transfers that were carried out. */
  readonly carriedOut: string[] = [];
  /** When the customer reached a queue or an agent. */
  readonly arrivals: Instant[] = [];

  constructor(agenda: Agenda, random: Random, settleMs: number, tell: (change: ConversationChange) => void) {
    this.#agenda = agenda;
    this.#random = random;
    this.#settleMs = settleMs;
    this.#tell = tell;
    this.#join('customer');
    this.#join('bot');
  }

  get view(): ConversationView {
    return { ended: !this.#live('customer'), parties: [...this.#parties], transfers: [...this.#transfers] };
  }

  /** Who truly holds the conversation, given that the bot is there whenever nobody else is. */
  get holder(): object {
    if (!this.#live('customer')) return { kind: 'none' };
    const agent = this.#live('agent');
    const queue = this.#live('queue');
    if (agent) return { kind: 'agent', agentId: agent.agentId, queueId: agent.queueId };
    return queue ? { kind: 'queue', queueId: queue.queueId } : { kind: 'bot' };
  }

  /** False when the participant cannot be replaced any more. `tag` says who asked. */
  transfer(leaving: ParticipantId, queueId: QueueId, tag: string): boolean {
    if (!this.#isLive(leaving)) return false;
    const record = { state: 'pending' as TransferRecord['state'], queueId, issuedAt: this.#agenda.now };
    const fate = this.#random();
    if (fate < 0.1) return true;
    const carriedOutAfter = this.#settleMs * late(this.#random());
    const listedAfter = carriedOutAfter * late(this.#random());
    let index = -1;
    const list = () => {
      if (index < 0) index = this.#transfers.push({ ...record }) - 1;
      this.#transfers[index] = { ...record };
    };
    this.#agenda.after(listedAfter, list);
    this.#agenda.after(carriedOutAfter, () => {
      record.state = fate > 0.2 && this.#isLive(leaving) && this.#live('customer') ? 'complete' : 'failed';
      if (record.state === 'complete') {
        this.carriedOut.push(tag);
        this.#part(leaving);
        this.#enter(queueId);
      }
      list();
    });
    return true;
  }

  customerLeaves(): void {
    for (const party of this.#parties.filter(({ state }) => state !== 'ended')) {
      if (party.role !== 'customer') this.#part(party.id, { talked: true });
    }
    const customer = this.#live('customer');
    if (customer) this.#part(customer.id);
  }

  #enter(queueId: QueueId): void {
    this.arrivals.push(this.#agenda.now);
    const queue = this.#join('queue', { queueId });
    this.#agenda.after(1 + this.#random() * 20_000, () => this.#ring(queue, queueId));
  }

  #ring(queue: ParticipantId, queueId: QueueId): void {
    if (!this.#isLive(queue)) return;
    const agent = this.#join('agent', { queueId, agentId: `agent-${this.#named}` as AgentId });
    const answers = this.#random() < 0.7;
    this.#agenda.after(1 + this.#random() * 5_000, () => {
      if (!this.#isLive(agent)) return;
      if (!answers) {
        this.#part(agent, { talked: false });
        this.#agenda.after(1 + this.#random() * 5_000, () => this.#ring(queue, queueId));
        return;
      }
      this.#part(queue);
      this.#agenda.after(1 + this.#random() * 30_000, () => this.#hangUp(agent));
    });
  }

  #hangUp(agent: ParticipantId): void {
    if (!this.#isLive(agent)) return;
    const transfers = this.#random() < 0.3;
    if (transfers && this.#random() < 0.5) {
      this.#enter(this.#random() < 0.5 ? QUEUE.id : OTHER_QUEUE.id);
      this.#agenda.after(1, () => this.#part(agent, { transferred: true }));
      return;
    }
    this.#part(agent, { transferred: transfers });
    if (transfers) this.#agenda.after(1, () => this.#enter(OTHER_QUEUE.id));
    else this.#join('bot');
  }

  #join(role: Party['role'], change: Pick<Party, 'queueId' | 'agentId'> = {}): ParticipantId {
    this.#named += 1;
    const id = `${role}-${this.#named}` as ParticipantId;
    this.#parties.push({ id, role, state: 'connected', ...change });
    if (role === 'queue' && change.queueId)
      this.#tell({ kind: 'queue-entered', participantId: id, queueId: change.queueId });
    if (role === 'agent' && change.agentId) {
      const queue = change.queueId === undefined ? {} : { queueId: change.queueId };
      this.#tell({ kind: 'agent-joined', participantId: id, agentId: change.agentId, ...queue });
    }
    return id;
  }

  #part(id: ParticipantId, { talked = true, transferred = false } = {}): void {
    const party = this.#parties.find((one) => one.id === id);
    if (!party || party.state === 'ended') return;
    this.#parties = this.#parties.map((one) => (one === party ? { ...one, state: 'ended' } : one));
    const queue = party.queueId === undefined ? {} : { queueId: party.queueId };
    if (party.role === 'customer') this.#tell({ kind: 'customer-left', participantId: id });
    if (party.role === 'queue' && party.queueId) {
      this.#tell({ kind: 'queue-left', participantId: id, queueId: party.queueId });
    }
    if (party.role === 'agent') this.#tell({ kind: 'agent-left', participantId: id, talked, transferred, ...queue });
  }

  #live(role: Party['role']): Party | undefined {
    return this.#parties.findLast((party) => party.role === role && party.state !== 'ended');
  }

  #isLive(id: ParticipantId): boolean {
    return this.#parties.some((party) => party.id === id && party.state !== 'ended');
  }
}
