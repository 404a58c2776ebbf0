// Owns what is checked when a process writes to the wire, and when a call arrives: the fence, H3 (no context, no transfer; only what
// an escalation may do) and H5 (no repeat while the first may still have an effect, and none without a look).

import type { GenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import type { LeaseBook } from './lease-book.ts';
import type { KnownHandoff, Ledger } from './ledger.ts';
import type { Trace } from './trace.ts';
import { type Invariant, Violation } from './violation.ts';
import { isKnownNotTaken, isWithoutEffect, type WireCall } from './wire-call.ts';

export type WireOracleParts = {
  readonly twin: GenesysTwin;
  readonly ledger: Ledger;
  readonly leases: LeaseBook;
  readonly trace: Trace;
  /** Judges what links and callbacks ask for, and says whether this was theirs. */
  readonly beyond: { wrote(call: WireCall): boolean; landed(call: WireCall): void };
  readonly report: (violation: Violation) => void;
};

export class WireOracle {
  readonly #parts: WireOracleParts;
  readonly #handoffs = new Map<WireCall, KnownHandoff>();
  readonly #seen = new WeakSet<object>();

  constructor(parts: WireOracleParts) {
    this.#parts = parts;
  }

  written(call: WireCall): void {
    const { conversationId, life, kind } = call;
    if (conversationId !== null) this.#parts.trace.tell(`${life.owner} writes ${kind}`, conversationId);
    if (this.#parts.beyond.wrote(call) || conversationId === null) return;
    const { ledger, leases } = this.#parts;
    const owner = ledger.ownerOf(conversationId);
    if (!owner) {
      this.#broken('fence', call, `${life.owner} writes ${kind} for a conversation of nobody`);
      return;
    }
    const objection = leases.objection(owner.id, life.owner);
    if (objection) this.#broken('fence', call, `${life.owner}, ${objection}, writes ${kind}`);
    const isOverwriting = owner.erased && (kind === 'attributes' || kind === 'tag');
    const handoff = ledger.handoffOf(call.command ?? '');
    if (!handoff && isOverwriting) return;
    if (!handoff) {
      this.#broken('H3', call, `${kind} is written without a handoff`);
      return;
    }
    if (handoff.settled?.by === life.owner)
      this.#broken('H3', call, `${kind} is written for ${handoff.id}, which ${life.owner} itself has settled`);
    this.#handoffs.set(call, handoff);
    if (kind === 'look') handoff.looks.push(call);
    if (kind === 'other') this.#broken('H3', call, `${call.method} ${call.path} is nothing an escalation asks for`);
    if (kind !== 'transfer') return;
    this.#beforeTransfer(call, handoff);
    handoff.transfers.push(call);
  }

  #beforeTransfer(call: WireCall, handoff: KnownHandoff): void {
    if (handoff.attributes?.interactionId !== handoff.interactionId) {
      this.#broken('H3', call, `${handoff.id} transfers before its context is attached`);
    }
    const leaving = this.#conversationOf(call)?.participants.find(({ id }) => id === call.participantId);
    if (!leaving || !['ivr', 'botflow', 'acd'].includes(leaving.purpose)) {
      this.#broken('H3', call, `${handoff.id} takes away the ${leaving?.purpose ?? 'nobody'}`);
    }
    const before = handoff.transfers.at(-1);
    if (!before) return;
    for (const earlier of handoff.transfers) {
      if (isWithoutEffect(earlier)) continue;
      const fate = earlier.effect ? `is ${earlier.effect.state}` : 'is on its way still';
      this.#broken('H5', call, `${handoff.id} transfers again while its transfer of ${ago(earlier, call)} ${fate}`);
    }
    const looked = handoff.looks.some((look) => look.writtenAt >= before.writtenAt && look.heard === 200);
    if (!looked && !isKnownNotTaken(before)) this.#broken('H5', call, `${handoff.id} transfers again without a look`);
  }

  /** Called in the very moment in which the vendor has dealt with it. */
  landed(call: WireCall): void {
    this.#parts.beyond.landed(call);
    const conversation = this.#conversationOf(call);
    const handoff = this.#handoffs.get(call);
    this.#handoffs.delete(call);
    if (!conversation || !handoff) return;
    if (call.kind === 'transfer') {
      const newest = conversation.transfers.at(-1);
      const taken = newest && !this.#seen.has(newest) && newest.leaving.id === call.participantId;
      if (newest) this.#seen.add(newest);
      if (taken) call.effect = newest;
      this.#parts.trace.tell(
        `the vendor ${taken ? 'takes' : 'does not take'} the transfer of ${call.life.owner}`,
        conversation.id,
      );
    }
    if (call.kind !== 'attributes') return;
    const customer = conversation.participants.find(({ purpose }) => purpose === 'customer');
    if (customer?.attributes.interactionId === handoff.interactionId) handoff.attributes = { ...customer.attributes };
  }

  /** A transfer that is not ours (a flow's, an agent's) must not pass for ours. */
  notOurs(transfer: object): void {
    this.#seen.add(transfer);
  }

  #conversationOf({ conversationId }: WireCall) {
    return conversationId === null ? undefined : this.#parts.twin.conversations.get(conversationId);
  }

  #broken(invariant: Invariant, { conversationId }: WireCall, message: string): void {
    const owner = conversationId === null ? undefined : this.#parts.ledger.ownerOf(conversationId);
    const concerns = [...(conversationId ? [conversationId] : []), ...(owner ? [owner.id] : [])];
    this.#parts.report(new Violation(invariant, message, concerns));
  }
}

function ago(earlier: WireCall, later: WireCall): string {
  return `${Math.round(later.writtenAt - earlier.writtenAt)} ms before`;
}
