// Owns what is checked when a call of a transfer to another contact center is written: that the source is told to let go only with its
// mark in place, a number that is lent to this transfer and stands, and a target that was asked for a moment ago (H3); and that neither
// that, nor putting a caller back, nor the end of a consultation is repeated blindly (H5).

import { CLOCKS_APART_MS } from '../../src/protocols/clocks.ts';
import type { KnownHandoff } from './ledger.ts';
import { COMMAND_TIMEOUT_MS } from './limits.ts';
import type { LoanBook } from './loan-book.ts';
import { type Broken, checkRepeat } from './repeat-check.ts';
import type { VendorTruth } from './vendor-truth.ts';
import type { WireCall } from './wire-call.ts';

export type DepartureOracleParts = {
  readonly truth: VendorTruth;
  readonly loans: LoanBook;
  readonly now: () => number;
};

/** What a check is believed for, and what lies between its answer and the moment that the house counts from: a command, and two clocks. */
const CHECKED_WITHIN_MS = 2_000 + COMMAND_TIMEOUT_MS + CLOCKS_APART_MS;

export class DepartureOracle {
  readonly #parts: DepartureOracleParts;

  constructor(parts: DepartureOracleParts) {
    this.#parts = parts;
  }

  written(call: WireCall, handoff: KnownHandoff, broken: Broken): void {
    switch (call.kind) {
      case 'depart':
        this.#beforeDeparture(call, handoff, broken);
        return;
      case 'transfer':
        this.#beforeReturn(call, handoff, broken);
        return;
      case 'other':
        broken('H3', `${call.method} ${call.path} is nothing a transfer asks for`);
        return;
      default:
        return;
    }
  }

  #beforeDeparture(call: WireCall, handoff: KnownHandoff, broken: Broken): void {
    const { truth, loans, now } = this.#parts;
    const { id, interactionId, calls, transfers } = handoff;
    const marked = truth.values(call.conversationId ?? '')?.interactionId;
    if (marked !== interactionId) broken('H3', `${id} lets go before its source is marked (${marked})`);
    const loan = loans.of(id);
    const address = call.address?.replace(/^tel:/, '');
    if (!loan || loan.released || loan.number !== address)
      broken('H3', `${id} lets go to ${address}, which it has not`);
    else if (loan.until + CLOCKS_APART_MS < now())
      broken('H3', `${id} lets go ${now() - loan.until} ms after its place`);
    const asked = calls.findLast(({ kind, heard }) => kind === 'target' && heard === 200);
    const agoMs = asked ? now() - asked.writtenAt : Number.POSITIVE_INFINITY;
    if (agoMs > CHECKED_WITHIN_MS) broken('H3', `${id} lets go ${agoMs} ms after its target was asked for`);
    checkRepeat(
      call,
      handoff,
      transfers.filter(({ kind }) => kind === 'depart'),
      broken,
    );
  }

  /** They are put back from where they are, so nothing may still take them elsewhere. */
  #beforeReturn(call: WireCall, handoff: KnownHandoff, broken: Broken): void {
    const { id, transfers } = handoff;
    checkRepeat(
      call,
      handoff,
      transfers.filter(({ kind }) => kind === 'transfer'),
      broken,
    );
    const leaving = transfers.find((one) => one.kind === 'depart' && one.state === 'under-way');
    if (leaving) broken('H5', `${id} puts its caller back while its departure is on its way still`);
  }
}
