// Owns the two sides of a transfer for tests of what is served: a source that lets go at once, and a destination whose conversations stand
// as a test says. Numbers are lent for real.

import type { ConversationView, Party } from '../../src/context/conversation.ts';
import type { AgentId, ParticipantId, QueueId } from '../../src/ids.ts';
import type { EntryBook } from '../../src/journal/entries.ts';
import type { Command, CommandOutcome, SideView } from '../../src/protocols/command.ts';

export const CLAIMS = { id: 'skill-claims' as QueueId, name: 'Claims' };
export const OVERFLOW = { id: 'skill-overflow' as QueueId, name: 'Overflow' };
export const LOBBY = { id: 'queue-lobby' as QueueId, name: 'Lobby' };
export const ENTRY_NUMBERS = ['+14155550101', '+14155550102'];

type TransferCommand = Extract<
  Command,
  {
    kind:
      | 'CheckTransfer'
      | 'AskAgent'
      | 'LookForAgent'
      | 'Reserve'
      | 'Release'
      | 'TransferAway'
      | 'EndConsult'
      | 'AttachOnArrival'
      | 'Reconcile';
  }
>;

export class InstantCrossing {
  /** What the check says of the target. */
  target: { readonly free: 'yes' | 'no' | 'unknown'; readonly code?: string } = { free: 'yes' };
  /** The destination's conversations: who has the customer there. */
  readonly across = new Map<string, 'entry' | 'queue' | 'agent'>();
  /** Whether an agent has the customer at the source. */
  agent = true;
  /** What the agent does who is asked to keep free. */
  asked: 'none' | 'asked' | 'taken' = 'taken';
  entries: EntryBook | null = null;
  /** Until when a place is held that the destination gives itself. */
  validUntil: () => number = () => 0;
  readonly #gone = new Set<string>();
  readonly #view: (externalId: string) => ConversationView;

  constructor(view: (externalId: string) => ConversationView) {
    this.#view = view;
  }

  /** The source's flow lets its caller go. */
  lets(externalId: string): void {
    this.#gone.add(externalId);
  }

  /** An agent at the source has the caller again. */
  back(externalId: string): void {
    this.#gone.delete(externalId);
  }

  async answer(command: TransferCommand): Promise<CommandOutcome> {
    switch (command.kind) {
      case 'CheckTransfer': {
        const fallback = { source: LOBBY, destination: OVERFLOW };
        const queue = command.target.kind === 'queue' ? { queue: CLAIMS } : {};
        const view = this.#source(command.externalId);
        const there = command.arrived ? { destination: this.#destination(command.arrived.externalId) } : {};
        return { kind: 'done', of: 'CheckTransfer', result: { view, ...there, ...this.target, ...queue, fallback } };
      }
      case 'AskAgent':
        return { kind: 'done', of: 'AskAgent', result: { id: '900' } };
      case 'LookForAgent':
        return { kind: 'done', of: 'LookForAgent', result: this.asked };
      case 'Reserve':
        return this.#reserve(command);
      case 'Release':
        if (command.reservation.kind !== 'placeholder') await this.entries?.release(command.handoffId);
        return { kind: 'done', of: 'Release', result: null };
      case 'TransferAway':
        if (command.style === 'blind') this.#gone.add(command.externalId);
        return { kind: 'done', of: 'TransferAway', result: null };
      case 'EndConsult':
        if (command.accept) this.#gone.add(command.externalId);
        return { kind: 'done', of: 'EndConsult', result: null };
      case 'AttachOnArrival':
        return { kind: 'done', of: 'AttachOnArrival', result: { after: this.#destination(command.externalId) } };
      case 'Reconcile': {
        const source = this.#source(command.externalId);
        const destination = command.arrived ? { destination: this.#destination(command.arrived.externalId) } : {};
        return { kind: 'done', of: 'Reconcile', result: { source, ...destination } };
      }
    }
  }

  async #reserve(command: Extract<Command, { kind: 'Reserve' }>): Promise<CommandOutcome> {
    const { handoffId, interactionId, to, entryNumbers, token, caller, reservationMs } = command;
    const by = { token, ...(caller !== undefined && { caller }) };
    if (command.reservation === 'native') {
      const held = { handoffId, interactionId, platform: to, reservationId: 'res-1', ...by, until: this.validUntil() };
      await this.entries?.hold(held);
      const place = { held: true as const, id: 'res-1', validUntil: held.until, address: entryNumbers[0] ?? '' };
      return { kind: 'done', of: 'Reserve', result: place };
    }
    const loan = { handoffId, interactionId, platform: to, numbers: entryNumbers, ...by, forMs: reservationMs };
    const taken = await this.entries?.take(loan);
    const value = taken?.kind === 'done' ? taken.value : null;
    const place = value && { held: true as const, id: handoffId, validUntil: value.until, address: value.number };
    return { kind: 'done', of: 'Reserve', result: place ?? { held: false, code: 'no-entry-number-free' } };
  }

  #destination(externalId: string): SideView {
    const there = this.across.get(externalId);
    return there ? across(there) : 'gone';
  }

  #source(externalId: string): ConversationView {
    const { parties, ...view } = this.#view(externalId);
    if (this.#gone.has(externalId)) return { ...view, parties: parties.filter(({ role }) => role === 'customer') };
    const agents = this.agent ? [{ ...party('p-agent', 'agent'), agentId: 'agent-7' as AgentId }] : [];
    return { ...view, parties: [...parties.filter(({ role }) => role !== 'agent'), ...agents] };
  }
}

function party(id: string, role: Party['role']): Party {
  return { id: id as ParticipantId, role, state: 'connected' };
}

function across(by: 'entry' | 'queue' | 'agent'): ConversationView {
  const held =
    by === 'queue'
      ? [{ ...party('x-queue', 'queue'), queueId: CLAIMS.id }]
      : by === 'agent'
        ? [{ ...party('x-agent', 'agent'), agentId: '4492' as AgentId }]
        : [party('x-entry', 'bot')];
  return { ended: false, parties: [party('x-customer', 'customer'), ...held], transfers: [] };
}
