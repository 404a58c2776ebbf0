// Owns the second contact center of a world: NICE CXone beside Genesys Cloud, the telephone network between the two, the callers, and who
// looks at them after every step. Some worlds have none, so that what only one contact center meets stays frequent.

import type { Journal } from '../../src/journal/journal.ts';
import { type CxoneTwin, createCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { seededRandom } from '../../src/twins/seeded-random.ts';
import type { CallLines } from './call-lines.ts';
import { CallerOracle } from './caller-oracle.ts';
import { CrossingDesk } from './crossing-desk.ts';
import { CROSSING_POLICY, crossingTransfers, ENTRY_TIMEOUT_MS, LONGEST_RING_MS, poolsOf } from './crossing-limits.ts';
import { cxoneCall } from './cxone-call.ts';
import { cxoneSite } from './cxone-site.ts';
import { CxoneTruth } from './cxone-truth.ts';
import { DepartureOracle } from './departure-oracle.ts';
import { HOOK_SECRET } from './hook-line.ts';
import type { LeaseBook } from './lease-book.ts';
import type { KnownHandoff } from './ledger.ts';
import { CXONE, LONGEST_VENDOR_SETTLE_MS, PLATFORM } from './limits.ts';
import type { LoanBook } from './loan-book.ts';
import { Network, type NetworkParts } from './network.ts';
import type { Site } from './site.ts';
import { TransferOutcomeOracle } from './transfer-outcome-oracle.ts';
import type { CustomerView } from './vendor-truth.ts';
import { Violation } from './violation.ts';
import { Whereabouts } from './whereabouts.ts';
import { WireOracle } from './wire-oracle.ts';
import type { World } from './world.ts';

export type CrossingParts = {
  readonly world: World;
  readonly lines: CallLines;
  readonly leases: LeaseBook;
  readonly loans: LoanBook;
  readonly network: Omit<NetworkParts, 'twin' | 'read' | 'isOut' | 'onWrite' | 'onLanded'>;
  readonly report: (violation: Violation) => void;
};

/** Of all worlds, those with two contact centers. */
const SHARE = 0.6;
/** Chosen so that the worlds that a test keeps for what they once broke have one. */
const APART = 41;

/** Drawn apart from everything else, so that a world with one contact center is the same to the byte whatever others have. */
export function isCrossing(seed: number): boolean {
  return seededRandom((seed ^ APART) >>> 0)() < SHARE;
}

export class Crossing {
  readonly cxone: CxoneTwin;
  readonly lines: CallLines;
  readonly desk: CrossingDesk;
  readonly site: Site;
  readonly whereabouts: Whereabouts;
  readonly policy = CROSSING_POLICY;
  readonly transfers: ReturnType<typeof crossingTransfers>;
  outUntil = 0;
  readonly #parts: CrossingParts;
  readonly #truth: CxoneTruth;
  readonly #callers: CallerOracle;
  readonly #outcomes: TransferOutcomeOracle;
  #disturbedAt = 0;
  /** Context that was written somewhere, to be read there. */
  #written: { readonly handoff: KnownHandoff; readonly id: string; readonly at: number }[] = [];

  constructor(parts: CrossingParts) {
    this.#parts = parts;
    const { world, lines, report } = parts;
    const { chance, clock, ledger } = world;
    this.lines = lines;
    this.transfers = crossingTransfers(poolsOf(chance.between(1, 5)));
    this.cxone = this.#openTwin();
    this.#truth = new CxoneTruth(this.cxone);
    this.whereabouts = new Whereabouts(world.twin, this.cxone);
    this.desk = new CrossingDesk({ world, cxone: this.cxone, whereabouts: this.whereabouts });
    this.site = this.#openSite();
    const { desk, whereabouts } = this;
    this.#callers = new CallerOracle({ desk, whereabouts, lines, ledger, now: clock.now, report });
    this.#outcomes = new TransferOutcomeOracle({
      desk,
      whereabouts,
      lines,
      disturbedSince: (at) => this.#disturbedAt >= at,
      heldSince: (caller) => this.#callers.heldSince(caller),
      onArrived: (handoff, { id }) => this.#written.push({ handoff, id, at: clock.now() }),
      report,
    });
  }

  #openTwin(): CxoneTwin {
    const { world, lines } = this.#parts;
    const { chance, clock, hooks } = world;
    return createCxoneTwin({
      clock,
      random: chance.draw,
      carrier: lines.carrier,
      fetch: lines.fetchBeside(hooks.fetch),
      settleMs: chance.between(100, LONGEST_VENDOR_SETTLE_MS),
      tokenTtlSec: chance.of(20, 120, 3_600),
      rateLimitPerMinute: 100_000,
      entryTimeoutMs: chance.between(500, ENTRY_TIMEOUT_MS),
      ringMs: LONGEST_RING_MS,
      acwMs: chance.of(0, 0, 500),
      hook: { url: 'http://throughline.sim/hooks/cxone', headers: { 'x-throughline-secret': HOOK_SECRET } },
      entry: lines.entry,
    });
  }

  #openSite(): Site {
    const { world, leases, loans, network, report } = this.#parts;
    const { chance, clock, ledger, trace } = world;
    const wires = new WireOracle({
      truth: this.#truth,
      ledger,
      leases,
      trace,
      departures: new DepartureOracle({ truth: this.#truth, loans, now: clock.now }),
      report,
    });
    return cxoneSite({
      network: new Network({
        ...network,
        twin: this.cxone,
        read: cxoneCall,
        isOut: () => clock.now() < this.outUntil,
        onWrite: (call) => wires.written(call),
        onLanded: (call) => wires.landed(call),
      }),
      rateLimitPerMinute: 100_000,
      letGoBy: chance.of('TRANSFER', 'TRANSFER', 'BLINDXFER'),
      pollEveryMs: chance.between(1_000, 6_000),
    });
  }

  /** Everybody who is there from the beginning. */
  hire(): void {
    const { chance } = this.#parts.world;
    for (const side of [PLATFORM, CXONE]) {
      for (const queue of ['General_Support', 'BillingDisputes_Tier2', undefined, undefined] as const) {
        const count = chance.below(queue === undefined ? 2 : 4);
        for (let n = 0; n < count; n += 1) {
          const answers = chance.of('auto', 'auto', 'auto', 'manual', 'declines', 'hangs');
          this.desk.hire(side, queue, answers);
        }
      }
    }
  }

  look(): void {
    const { world } = this.#parts;
    const now = world.clock.now();
    const away = world.nodes.some((node) => !node.running);
    if (away || now < Math.max(world.weather.storeOutUntil, world.weather.outageUntil, this.outUntil))
      this.#disturbedAt = now;
    this.#callers.check();
  }

  settled = (handoff: Parameters<TransferOutcomeOracle['settled']>[0]): void => this.#outcomes.settled(handoff);

  /** Of those whose context was written just now or a while ago: the ones where it can be read by now. A script takes its time to act. */
  async readable(
    attached: readonly KnownHandoff[],
    legOf: (handoffId: string) => Promise<string>,
  ): Promise<readonly KnownHandoff[]> {
    const now = this.#parts.world.clock.now();
    for (const handoff of attached)
      if (!handoff.attributes) this.#written.push({ handoff, id: await legOf(handoff.id), at: now });
    const due = this.#written.filter(({ at }) => now > at + LONGEST_VENDOR_SETTLE_MS);
    this.#written = this.#written.filter((one) => !due.includes(one));
    const read = due.flatMap(({ handoff, id }) => {
      const truth = /^\d+$/.test(id) ? this.#truth : this.#parts.world.truth;
      // What has ended meanwhile may never have been told, and another handoff may have written since.
      const newest = this.#parts.world.ledger.get(handoff.interactionId)?.handoffs.at(-1);
      if (truth.viewOf(id)?.isOver !== false || newest !== handoff) return [];
      handoff.attributes = { ...truth.values(id) };
      return [handoff];
    });
    return [...attached.filter(({ attributes }) => attributes !== undefined), ...read];
  }

  viewOf(externalId: string): CustomerView | undefined {
    return this.#truth.viewOf(externalId);
  }

  endedWell(): void {
    const { loans, report, world } = this.#parts;
    this.#callers.nobodyIsLeft();
    for (const { handoffId, number } of loans.unreleased()) {
      const [interactionId = ''] = handoffId.split('.');
      // What nobody may touch gives nothing back before a person brings it back; its number is free two minutes after its time.
      if (world.ledger.get(interactionId)?.quarantined) continue;
      report(new Violation('H6', `${number} is lent to ${handoffId} still, which has settled`, [interactionId]));
    }
  }

  close(): Promise<void> {
    return this.cxone.close();
  }
}

/** A phone number may be the id of a contact, so it is kept as a keyed hash. */
export function keyOfContact(journal: () => Journal): (conversationId: string) => string {
  const known = new Map<string, string>();
  return (conversationId) => {
    if (!/^\d+$/.test(conversationId)) return conversationId;
    const before = known.get(conversationId);
    if (before !== undefined) return before;
    const { external } = journal().legKey({ platform: CXONE, externalId: conversationId as never });
    known.set(conversationId, external);
    return external;
  };
}
