// Tests the machine against an unfair contact center: lost answers, late effects, lost, late and repeated events, crashes. The
// customer is never transferred twice by one handoff (H5), every handoff settles in time and says the truth (H6), and the holder
// comes out right whatever the order of events (H2).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEG, POLICY, QUEUE, START, Story } from '../../test/protocols/story.ts';
import { Agenda, late, type Random, randomFrom, TinyVendor } from '../../test/protocols/tiny-vendor.ts';
import type { ConversationChange } from '../context/conversation.ts';
import type { Instant } from '../ids.ts';
import type { Command, CommandOutcome } from './command.ts';
import { deadline } from './handoff.ts';

const { commandTimeoutMs } = POLICY.limits;
const { settleMs } = POLICY.platforms[LEG.platform]!;

type World = {
  readonly losesEvents: boolean;
  readonly crashes: boolean;
  readonly looksOnly: boolean;
  /** The vendor's clock against ours; half a second at most when left out. */
  readonly skewMs?: number;
};

/** One process that runs the machine against the vendor, in virtual time. */
class Simulation {
  readonly story = Story.opened();
  readonly agenda = new Agenda(START);
  readonly vendor: TinyVendor;
  readonly #random: Random;
  readonly #world: World;
  readonly #skewMs: number;
  #process = 0;
  #underWay = new Set<string>();

  constructor(seed: number, world: World) {
    this.#random = randomFrom(seed);
    this.#world = world;
    this.#skewMs = world.skewMs ?? (this.#random() - 0.5) * 1_000;
    this.vendor = new TinyVendor(this.agenda, this.#random, settleMs, (change) => this.#told(change));
  }

  run(): this {
    for (let n = 0; n < 4; n += 1) {
      this.agenda.after(this.#random() * 200_000, () => this.#submit(() => this.story.escalate({ resumeBot: true })));
    }
    if (this.#random() < 0.4) this.agenda.after(this.#random() * 200_000, () => this.vendor.customerLeaves());
    for (let n = 0; this.#world.crashes && n < 6; n += 1)
      this.agenda.after(this.#random() * 200_000, () => this.#crash());
    for (let turns = 0; ; turns += 1) {
      if (turns > 20_000) throw new Error('the machine turns on the spot');
      const due = deadline(this.story.state) ?? Number.POSITIVE_INFINITY;
      const at = Math.min(due, this.agenda.nextAt);
      // To the very end: an event that is still on its way could be the one that matters.
      if (at === Number.POSITIVE_INFINITY) return this;
      if (this.agenda.nextAt <= due) this.agenda.step();
      else {
        this.agenda.now = Math.max(this.agenda.now, due);
        this.#submit(() => this.story.due());
      }
    }
  }

  #submit(input: () => unknown): void {
    this.story.now = this.agenda.now;
    input();
    for (const command of this.story.commands) {
      if (this.#underWay.has(command.key)) continue;
      this.#underWay.add(command.key);
      const process = this.#process;
      // The append takes its time before anything is sent.
      this.agenda.after(this.#random() * 300, () => process === this.#process && this.#perform(command));
    }
  }

  #perform(command: Command): void {
    const fate = this.#random();
    const timesOut = fate >= 0.25 && fate < 0.4;
    const slow = this.#random() < 0.2;
    const answersAfter = timesOut ? commandTimeoutMs : this.#random() * (slow ? commandTimeoutMs : 1_000);
    // A look that is taken early and answers late shows what is no longer so; a transfer may be taken just before its time-out.
    const takenAfter = answersAfter * (command.kind === 'TransferToQueue' ? late(this.#random()) : this.#random() ** 3);
    let outcome: CommandOutcome = { kind: 'ambiguous', code: 'connection-lost' };
    if (fate > 0.9) outcome = { kind: 'transient', code: 'rate-limited', retryAfterMs: 700 };
    else if (fate > 0.05) {
      // What was sent is taken even if nobody waits for the answer any more.
      this.agenda.after(takenAfter, () => {
        const answer = this.#take(command);
        if (fate >= 0.4) outcome = answer;
      });
    }
    if (timesOut) outcome = { kind: 'ambiguous', code: 'timed-out' };
    const process = this.#process;
    this.agenda.after(answersAfter, () => {
      if (process !== this.#process) return;
      this.#underWay.delete(command.key);
      this.#submit(() => this.story.answer(command.key, outcome));
    });
  }

  #take(command: Command): CommandOutcome {
    switch (command.kind) {
      case 'Inspect':
        return { kind: 'done', of: 'Inspect', result: { queue: QUEUE, view: this.vendor.view } };
      case 'Look':
        return { kind: 'done', of: 'Look', result: this.vendor.view };
      case 'TransferToQueue':
        return this.vendor.transfer(command.leaving, command.queue.id, command.key)
          ? { kind: 'done', of: 'TransferToQueue', result: null }
          : { kind: 'rejected', code: 'conflict' };
      case 'ReadPresence':
        return { kind: 'done', of: 'ReadPresence', result: { id: 'on-queue' } };
      case 'HoldAgent':
        return { kind: 'done', of: 'HoldAgent', result: { id: command.presence } };
      case 'ReleaseAgent':
        return { kind: 'done', of: 'ReleaseAgent', result: { restored: true } };
      case 'CheckTransfer':
      case 'AskAgent':
      case 'AttachOnArrival':
      case 'LookForAgent':
      case 'Reserve':
      case 'Reconcile':
      case 'WriteContext':
      case 'BookCallback':
      case 'SendSms':
      case 'FindSms':
      case 'AskReceipt':
      case 'FetchFile':
      case 'RunBotTurn':
      case 'PrepareEscalation':
      case 'OpenConversation':
        throw new Error(`no transfer is asked for here: ${command.kind}`);
      default:
        return { kind: 'done', of: command.kind, result: null };
    }
  }

  #told(change: ConversationChange): void {
    const at: Instant = this.agenda.now + this.#skewMs;
    if (this.#world.looksOnly && change.kind !== 'customer-left') return;
    const copies = this.#world.losesEvents && this.#random() < 0.3 ? 0 : this.#random() < 0.2 ? 3 : 1;
    for (let n = 0; n < copies; n += 1) {
      this.agenda.after(this.#random() * 4_000, () => this.#submit(() => this.story.tell(change, at)));
    }
  }

  #crash(): void {
    this.#process += 1;
    this.#underWay = new Set();
    this.agenda.after(this.#random() * 3_000, () => {
      this.#submit(() => this.story.take({ kind: 'taken-over' }));
    });
  }
}

const handoffOf = (key: string) => key.split('.').slice(0, 2).join('.');

function check({ story, vendor }: Simulation): void {
  expect(story.interaction.move).toBeNull();
  for (const handoff of story.interaction.settled) {
    const carriedOut = vendor.carriedOut.filter((key) => handoffOf(key) === handoff.id).length;
    expect(carriedOut, `${handoff.id} ${handoff.outcome}`).toBeLessThanOrEqual(1);
    expect(handoff.settledAt).toBeLessThanOrEqual(handoff.limits.settleBy);
    if (handoff.outcome === 'compensated' || handoff.outcome === 'refused') expect(carriedOut).toBe(0);
    if (handoff.outcome === 'completed') expect(vendor.arrivals.length).toBeGreaterThan(0);
  }
}

describe('against an unfair contact center', () => {
  const seed = fc.nat();

  it('no handoff transfers twice, and each says the truth, though answers are lost and processes crash', () => {
    fc.assert(
      fc.property(seed, (one) =>
        check(new Simulation(one, { losesEvents: true, crashes: true, looksOnly: false }).run()),
      ),
      // A transfer that was sent late and taken just before its time-out, while its time was counted from when it was asked for.
      { numRuns: 250, examples: [[1640829625]] },
    );
  });

  it('nor when no event ever comes and only looks can tell', () => {
    fc.assert(
      fc.property(seed, (one) =>
        check(new Simulation(one, { losesEvents: false, crashes: true, looksOnly: true }).run()),
      ),
      { numRuns: 150 },
    );
  });

  it('H2: the holder comes out right, however late, repeated and out of order the events are', () => {
    fc.assert(
      fc.property(seed, (one) => {
        const simulation = new Simulation(one, { losesEvents: false, crashes: false, looksOnly: false }).run();
        check(simulation);
        const { epoch: _, ...holder } = simulation.story.interaction.holder;
        expect(holder).toEqual(simulation.vendor.holder);
      }),
      { numRuns: 250 },
    );
  });

  it('H2: nor does it matter how far the vendor’s clock is from ours, either way', () => {
    fc.assert(
      fc.property(seed, fc.constantFrom(-86_400_000, -30_000, 30_000, 86_400_000), (one, skewMs) => {
        const world = { losesEvents: false, crashes: false, looksOnly: false, skewMs };
        const { story, vendor } = new Simulation(one, world).run();
        const { epoch: _, ...holder } = story.interaction.holder;
        expect(holder).toEqual(vendor.holder);
      }),
      { numRuns: 250 },
    );
  });

  it('meets every kind of trouble, so that the above is no empty promise', () => {
    const seen = new Set<string>();
    for (let one = 0; one < 200; one += 1) {
      const { story } = new Simulation(one, { losesEvents: true, crashes: true, looksOnly: false }).run();
      for (const event of story.events) seen.add(event.type);
      for (const { outcome } of story.interaction.settled) seen.add(outcome);
    }
    for (const expected of [
      'TransferUncertain',
      'TransferRepeated',
      'TransferAccepted',
      'ArrivalSeen',
      'StepRetried',
      'ChoreDone',
      'completed',
      'compensated',
      'cancelled',
      'refused',
    ]) {
      expect(seen, expected).toContain(expected);
    }
  });
});
