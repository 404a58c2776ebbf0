// Owns the smallest pair of contact centers between which a call can be lost: the source lets go late or never, the line rings somewhere
// else, the destination's entry asks who is coming and may get no answer, its agents do not pick up, and it drops calls silently. It keeps
// one promise: what it took has had its effect, or never will, once `settleMs` have passed; and a script that is not answered does not drop
// the caller but puts them into its fallback queue.

import type { ConversationChange, ConversationView, Party, Queue } from '../../src/context/conversation.ts';
import type { AgentId, ExternalId, ParticipantId, QueueId } from '../../src/ids.ts';
import type { Leg } from '../../src/protocols/move.ts';
import type { Agenda, Random } from './tiny-vendor.ts';
import { late } from './tiny-vendor.ts';

export const SOURCE_FALLBACK: Queue = { id: 'q-source-fallback' as QueueId, name: 'Supervisors' };
export const DESTINATION_FALLBACK: Queue = { id: 'q-destination-fallback' as QueueId, name: 'Rescue' };

type Role = Party['role'];
type TellOf = (leg: Leg, change: ConversationChange) => void;

/** What the destination's entry is told: where to put the caller. */
export type Redeemed = { readonly target: 'meant' | 'fallback' | 'default' };

export type BridgeWorld = {
  readonly meant:
    | { readonly kind: 'agent'; readonly agentId: AgentId }
    | { readonly kind: 'queue'; readonly queue: Queue };
  readonly random: Random;
  readonly agenda: Agenda;
  readonly settleMs: number;
  readonly tell: TellOf;
  /** The entry asks who is coming. */
  readonly redeem: (leg: Leg) => Redeemed;
};

class Conversation {
  readonly leg: Leg;
  parties: Party[] = [];
  #named = 0;
  readonly #tell: TellOf;

  constructor(leg: Leg, tell: TellOf) {
    this.leg = leg;
    this.#tell = tell;
  }

  live(role: Role): Party | undefined {
    return this.parties.findLast((party) => party.role === role && party.state !== 'ended');
  }

  get isOver(): boolean {
    return !this.live('customer');
  }

  join(role: Role, change: Partial<Omit<Party, 'id' | 'role'>> = {}): ParticipantId {
    this.#named += 1;
    const participantId = `${this.leg.externalId}-${role}-${this.#named}` as ParticipantId;
    this.parties.push({ id: participantId, role, state: 'connected', ...change });
    const { queueId, agentId } = change;
    if (role === 'queue' && queueId) this.#tell(this.leg, { kind: 'queue-entered', participantId, queueId });
    if (role === 'agent' && agentId) this.#tell(this.leg, { kind: 'agent-joined', participantId, agentId });
    return participantId;
  }

  connect(id: ParticipantId): void {
    this.parties = this.parties.map((one) => (one.id === id ? { ...one, state: 'connected' } : one));
  }

  part(id: ParticipantId | undefined, { transferred = false, talked = true } = {}): void {
    const party = this.parties.find((one) => one.id === id);
    if (!party || party.state === 'ended') return;
    this.parties = this.parties.map((one) => (one === party ? { ...one, state: 'ended' } : one));
    const { id: participantId, queueId, agentId } = party;
    if (party.role === 'customer')
      this.#tell(this.leg, { kind: 'customer-left', participantId, ...(transferred && { transferred }) });
    if (party.role === 'queue' && queueId) this.#tell(this.leg, { kind: 'queue-left', participantId, queueId });
    if (party.role === 'agent')
      this.#tell(this.leg, { kind: 'agent-left', participantId, talked, transferred, ...(agentId && { agentId }) });
  }

  end(transferred = false): void {
    for (const { id, role } of this.parties) if (role !== 'customer') this.part(id, { transferred });
    this.part(this.live('customer')?.id, { transferred });
  }
}

/** One call through the trunk, with its conversation at the destination once it has rung there. */
type Line = { conversation?: Conversation; up: boolean; consult: boolean; readonly tag: string };

export class TinyBridge {
  readonly #world: BridgeWorld;
  readonly source: Conversation;
  readonly #releases: boolean;
  #transfers: { state: 'pending' | 'complete' | 'failed'; issuedAt: number }[] = [];
  readonly lines: Line[] = [];
  callerIsUp = true;

  /** `flow`: the source's own flow has the caller, and lets go by itself. */
  constructor(world: BridgeWorld, leg: Leg, flow = false) {
    this.#world = world;
    this.source = new Conversation(leg, world.tell);
    this.source.join('customer');
    if (flow) this.source.join('bot');
    else this.source.join('agent', { agentId: 'a-source' as AgentId });
    // By release link the source is out of the way once the call has gone; else the call goes on through it.
    this.#releases = world.random() < 0.4;
  }

  get line(): Line | undefined {
    return this.lines.findLast(({ up }) => up);
  }

  sourceView(): ConversationView {
    return {
      ended: this.source.isOver,
      parties: [...this.source.parties],
      transfers: this.#transfers.map((one) => ({ ...one })),
    };
  }

  destinationView(leg: Leg): ConversationView | 'gone' {
    const conversation = this.lines.find((line) => line.conversation?.leg.externalId === leg.externalId)?.conversation;
    return conversation ? { ended: conversation.isOver, parties: [...conversation.parties], transfers: [] } : 'gone';
  }

  /** Who has the caller: nobody counts an entry that is still asking, or a line that still rings. */
  holder(): 'source' | 'destination' | 'on-the-way' | 'nobody' | 'gone' {
    if (!this.callerIsUp) return 'gone';
    const there = this.line?.conversation;
    if (this.line && !this.line.consult && there && (there.live('agent') || there.live('queue'))) return 'destination';
    if (this.source.live('agent') || this.source.live('queue') || this.source.live('bot')) return 'source';
    return this.line ? 'on-the-way' : 'nobody';
  }

  /** The flow transfers by itself; where that fails it goes its other way. */
  flowTransfers(): void {
    const flow = this.source.live('bot');
    if (!flow || this.source.isOver) return;
    const { agenda, random, settleMs } = this.#world;
    const fails = random() < 0.1;
    agenda.after(settleMs * late(random()), () => {
      if (!this.#isLive(this.source, flow.id) || this.source.isOver) return;
      if (fails) this.flowGoesElsewhere();
      else this.#dial(flow.id, false, 'flow');
    });
  }

  flowGoesElsewhere(): void {
    const flow = this.source.live('bot');
    if (!flow || this.source.isOver) return;
    this.source.part(flow.id, { transferred: true });
    this.source.join('queue', { queueId: 'q-of-the-flow' as QueueId });
  }

  /** False when whoever leaves is not there any more. */
  transferAway(leaving: ParticipantId, consult: boolean, tag: string): boolean {
    if (!this.#isLive(this.source, leaving) || this.source.isOver) return false;
    const { agenda, random, settleMs } = this.#world;
    const record = { state: 'pending' as 'pending' | 'complete' | 'failed', issuedAt: agenda.now };
    const listed = { ...record };
    const isListed = random() < 0.8;
    if (isListed && !consult) this.#transfers.push(listed);
    const fate = random();
    agenda.after(settleMs * late(random()), () => {
      const isGood = fate > 0.15 && this.#isLive(this.source, leaving) && !this.source.isOver && !this.line;
      listed.state = isGood ? 'complete' : 'failed';
      if (!isGood) return;
      this.#dial(leaving, consult, tag);
    });
    return true;
  }

  endConsult(accept: boolean, leaving: ParticipantId): boolean {
    const line = this.line;
    if (!line?.consult) return false;
    if (!accept) {
      this.#drop(line);
      return true;
    }
    line.consult = false;
    this.#letGo(leaving);
    return true;
  }

  toQueue(leg: Leg, leaving: ParticipantId, queue: Queue): boolean {
    const conversation = leg.externalId === this.source.leg.externalId ? this.source : this.#at(leg);
    if (!conversation || conversation.isOver || !this.#isLive(conversation, leaving)) return false;
    if (this.#world.random() < 0.1) return true;
    this.#world.agenda.after(this.#world.settleMs * late(this.#world.random()), () => {
      if (conversation.isOver || !this.#isLive(conversation, leaving)) return;
      conversation.part(leaving, { transferred: true });
      conversation.join('queue', { queueId: queue.id });
      if (conversation === this.source) for (const line of this.lines) this.#drop(line);
    });
    return true;
  }

  hangUp(): void {
    if (!this.callerIsUp) return;
    this.callerIsUp = false;
    this.source.end();
    for (const line of this.lines) this.#drop(line);
  }

  #at(leg: Leg): Conversation | undefined {
    return this.lines.find((line) => line.up && line.conversation?.leg.externalId === leg.externalId)?.conversation;
  }

  #isLive(conversation: Conversation, id: ParticipantId): boolean {
    return conversation.parties.some((party) => party.id === id && party.state !== 'ended');
  }

  #dial(leaving: ParticipantId, consult: boolean, tag: string): void {
    const { agenda, random } = this.#world;
    const line: Line = { up: true, consult, tag };
    this.lines.push(line);
    this.source.join('other');
    if (!consult) this.#letGo(leaving);
    agenda.after(random() * 2_000, () => this.#ring(line));
  }

  /** The source's part is over: by release link all of it, else all but the caller and the line. */
  #letGo(leaving: ParticipantId): void {
    this.source.part(leaving, { transferred: true });
    if (this.#releases) this.source.end(true);
  }

  #ring(line: Line): void {
    if (!line.up) return;
    const { agenda, random } = this.#world;
    const fate = random();
    if (fate < 0.15) {
      if (fate < 0.05) this.#drop(line);
      else this.#dropSilently(line);
      return;
    }
    const externalId = `call-${this.lines.length}` as ExternalId;
    const there = new Conversation(
      { ...this.source.leg, platform: 'nice_cxone' as Leg['platform'], externalId },
      this.#world.tell,
    );
    line.conversation = there;
    there.join('customer');
    const entry = there.join('bot');
    agenda.after(random() * 1_000, () => {
      if (!line.up) return;
      const asked = random() < 0.1 ? { target: 'default' as const } : this.#world.redeem(there.leg);
      const { meant } = this.#world;
      if (asked.target !== 'meant') this.#queue(there, entry, DESTINATION_FALLBACK);
      else if (meant.kind === 'queue') this.#queue(there, entry, meant.queue);
      else this.#offer(line, there, entry, meant.agentId);
    });
  }

  #offer(line: Line, there: Conversation, entry: ParticipantId, agentId: AgentId): void {
    const { agenda, random } = this.#world;
    const answers = random() < 0.75;
    const rung = there.join('agent', { agentId, state: 'alerting' });
    agenda.after(random() * 6_000, () => {
      if (!line.up) return;
      if (!answers) {
        there.part(rung, { talked: false });
        this.#queue(there, entry, DESTINATION_FALLBACK);
        return;
      }
      there.connect(rung);
      there.part(entry);
    });
  }

  #queue(there: Conversation, entry: ParticipantId, queue: Queue): void {
    const { agenda, random } = this.#world;
    const waits = there.join('queue', { queueId: queue.id });
    there.part(entry);
    if (random() < 0.5) return;
    agenda.after(random() * 8_000, () => {
      if (!this.#isLive(there, waits)) return;
      there.join('agent', { agentId: 'a-of-queue' as AgentId });
      there.part(waits);
    });
  }

  /** The line is cut, and both ends know: a caller who was led through the source and has nobody else there is gone. */
  #drop(line: Line): void {
    if (!line.up) return;
    line.up = false;
    line.conversation?.end();
    this.source.part(this.source.live('other')?.id);
    if (this.source.live('agent') || this.source.live('queue') || this.source.isOver) {
      if (this.source.isOver) this.callerIsUp = false;
      return;
    }
    this.source.end();
    this.callerIsUp = false;
  }

  /** The destination has lost the call, and the source does not know: its line stays open, and a caller who is led through it hears silence. */
  #dropSilently(line: Line): void {
    if (!line.up) return;
    line.up = false;
    line.conversation?.end();
    if (this.source.isOver) this.callerIsUp = false;
  }
}
