// Owns what is checked when a process writes to the wire, and when a call arrives: the fence, H3 (no context, no transfer; only what
// a handoff may do) and H5 (no repeat while the first may still have an effect, and none without a look).

import type { LeaseBook } from './lease-book.ts';
import type { Known, KnownHandoff, Ledger } from './ledger.ts';
import { type Broken, checkRepeat } from './repeat-check.ts';
import type { Trace } from './trace.ts';
import type { VendorTruth } from './vendor-truth.ts';
import { type Invariant, Violation } from './violation.ts';
import type { WireCall } from './wire-call.ts';

export type WireOracleParts = {
  readonly truth: VendorTruth;
  readonly ledger: Ledger;
  readonly leases: LeaseBook;
  readonly trace: Trace;
  /** What is asked of a transfer to another contact center beyond what is asked of all; absent where there is one. */
  readonly departures?: { written(call: WireCall, handoff: KnownHandoff, broken: Broken): void };
  /** Judges what links and callbacks ask for, and says whether this was theirs; absent where there are none. */
  readonly beyond?: { wrote(call: WireCall): boolean; landed(call: WireCall): void };
  readonly report: (violation: Violation) => void;
};

const READS: ReadonlySet<WireCall['kind']> = new Set(['look', 'beside', 'queues', 'target', 'login']);

export class WireOracle {
  readonly #parts: WireOracleParts;
  readonly #handoffs = new Map<WireCall, KnownHandoff>();

  constructor(parts: WireOracleParts) {
    this.#parts = parts;
  }

  written(call: WireCall): void {
    const { conversationId, life, kind } = call;
    const { ledger, leases, truth } = this.#parts;
    const handoff = ledger.handoffOf(call.command ?? '');
    if (handoff) handoff.calls.push(call);
    if (this.#parts.beyond?.wrote(call)) return;
    if (conversationId === null) {
      this.#ofNoConversation(call, handoff);
      return;
    }
    // What is read for nobody's sake tells nobody anything.
    if (truth.polled && call.command === undefined && READS.has(kind)) return;
    this.#parts.trace.tell(`${life.owner} writes ${kind}`, conversationId);
    const owner = ledger.ownerOf(truth.rootOf(conversationId));
    if (!owner) {
      this.#broken('fence', call, `${life.owner} writes ${kind} for a conversation of nobody`);
      return;
    }
    const objection = leases.objection(owner.id, life.owner);
    if (objection) this.#broken('fence', call, `${life.owner}, ${objection}, writes ${kind}`);
    const isOverwriting =
      owner.erased && (kind === 'attributes' || kind === 'tag' || (truth.polled && READS.has(kind)));
    if (!handoff && isOverwriting) return;
    if (!handoff) {
      this.#broken('H3', call, `${kind} is written without a handoff`);
      return;
    }
    if (handoff.settled?.by === life.owner && !endsConsultation(call, handoff))
      this.#broken('H3', call, `${kind} is written for ${handoff.id}, which ${life.owner} itself has settled`);
    this.#handoffs.set(call, handoff);
    if (kind === 'look') handoff.looks.push(call);
    if (handoff.kind === 'transfer') {
      this.#ofTransfer(call, handoff);
      return;
    }
    if (!OF_ESCALATIONS.has(kind))
      this.#broken('H3', call, `${call.method} ${call.path} is nothing an escalation asks for`);
    if (kind !== 'transfer') return;
    this.#beforeTransfer(call, handoff);
    handoff.transfers.push(call);
  }

  /** An agent's session names nobody: the fence holds all the same. */
  #ofNoConversation(call: WireCall, handoff: KnownHandoff | undefined): void {
    if (READS.has(call.kind) || !handoff) return;
    const objection = this.#parts.leases.objection(handoff.interactionId, call.life.owner);
    if (objection) this.#broken('fence', call, `${call.life.owner}, ${objection}, writes ${call.kind}`);
    if (handoff.kind === 'transfer') this.#ofTransfer(call, handoff);
    else this.#broken('H3', call, `${call.method} ${call.path} is nothing an escalation asks for`);
  }

  #ofTransfer(call: WireCall, handoff: KnownHandoff): void {
    const broken: Broken = (invariant, message) => this.#broken(invariant, call, message);
    this.#parts.departures?.written(call, handoff, broken);
    if (call.kind === 'transfer' || call.kind === 'depart') handoff.transfers.push(call);
  }

  #beforeTransfer(call: WireCall, handoff: KnownHandoff): void {
    const { truth } = this.#parts;
    const attributes = truth.polled ? truth.values(call.conversationId ?? '') : handoff.attributes;
    if (attributes?.interactionId !== handoff.interactionId) {
      this.#broken('H3', call, `${handoff.id} transfers before its context is attached`);
    }
    const leaving = truth.leaving(call);
    if (leaving !== undefined && !['ivr', 'botflow', 'acd'].includes(leaving)) {
      this.#broken('H3', call, `${handoff.id} takes away the ${leaving}`);
    }
    checkRepeat(call, handoff, handoff.transfers, (invariant, message) => this.#broken(invariant, call, message));
  }

  /** Called in the very moment in which the vendor has dealt with it. */
  landed(call: WireCall): void {
    this.#parts.beyond?.landed(call);
    const { truth, trace } = this.#parts;
    const handoff = this.#handoffs.get(call);
    this.#handoffs.delete(call);
    const { conversationId, kind } = call;
    const values = conversationId === null ? undefined : truth.values(conversationId);
    if (conversationId === null || !values || !handoff) return;
    if (kind === 'transfer' || kind === 'depart' || (truth.polled && kind === 'attributes')) {
      const effect = truth.effectOf(call);
      if (effect) call.effect = effect;
      const word = kind === 'attributes' ? 'values' : kind === 'depart' ? 'departure' : 'transfer';
      trace.tell(`the vendor ${effect ? 'takes' : 'does not take'} the ${word} of ${call.life.owner}`, conversationId);
    }
    if (kind === 'attributes' && !truth.polled && values.interactionId === handoff.interactionId)
      handoff.attributes = { ...values };
  }

  #broken(invariant: Invariant, { conversationId, command }: WireCall, message: string): void {
    const { ledger, truth } = this.#parts;
    const byCommand = ledger.get((command ?? '').split('.')[0] ?? '');
    const owner: Known | undefined =
      conversationId === null ? byCommand : (ledger.ownerOf(truth.rootOf(conversationId)) ?? byCommand);
    const concerns = [...(conversationId ? [conversationId] : []), ...(owner ? [owner.id] : [])];
    this.#parts.report(new Violation(invariant, message, concerns));
  }
}

const OF_ESCALATIONS: ReadonlySet<WireCall['kind']> = new Set([...READS, 'attributes', 'tag', 'transfer']);

/** The one thing that is asked for once its handoff has settled: the end of a consultation whose customer has hung up. */
function endsConsultation({ command, kind }: WireCall, { id, settled, transferType }: KnownHandoff): boolean {
  const isConsult = transferType === 'warm' || transferType === 'consultative';
  if (!isConsult || settled?.outcome !== 'cancelled' || kind === 'transfer' || kind === 'depart') return false;
  return command?.startsWith(`${id}.consult.`) === true;
}
